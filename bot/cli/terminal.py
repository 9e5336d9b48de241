"""Answers, briefs and sources on a terminal, by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from bot.answering import phrases
from bot.answering.answer import Answer, Block, Closest, Entry, Note, Statement, Status, Table
from bot.platforms.plain import (
    source_line,
    statement_label,
    statement_line,
    statement_marks,
    try_line,
)
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from bot.answering.overview import Balance, LedgerEntry
    from bot.gaps.grouping import Review
    from bot.library.model import Brief, Library
    from bot.schedules.subscription import Delivery, Subscription


STYLES = {
    Status.ANSWERED: "bold green",
    Status.CLARIFY: "bold yellow",
    Status.NEAREST: "bold yellow",
    Status.NOT_COVERED: "bold red",
}


def print_answer(answer: Answer, console: Console | None = None) -> None:
    """Title, statements or table, sources and what to ask next."""
    out = console or Console()
    out.print(Text(answer.title, style=STYLES[answer.status]))
    for block in answer.blocks:
        for shown in _shown(block):
            out.print(shown)
    for source in answer.sources:
        out.print(Text(source_line(source), style="dim"))
    if answer.suggestions:
        out.print(Text(try_line(answer.suggestions), style="cyan"))


def _shown(block: Block) -> Iterator[RenderableType]:
    match block:
        case Note():
            yield Text(block.text, style="italic")
        case Entry():
            yield Text(f"{block.title}  ({block.ask})", style="bold")
            yield Text(f"  {block.detail}")
        case Statement():
            yield _statement(block)
        case Closest():
            yield Text(f"{phrases.CLOSEST_LABEL}:", style="bold")
            yield Padding(_statement(block.statement), (0, 0, 0, 2))
        case Table():
            yield _grid(block)
        case _:
            assert_never(block)


def print_briefs(library: Library, today: date) -> None:
    """One line a brief; a review that is overdue is told."""
    grid = _columns("Ask", "Brief", "Reviewed")
    for brief in library.briefs.values():
        due = f"\n{phrases.REVIEW_DUE} {brief.review_by}" if brief.review_by < today else ""
        about = Text(f"{brief.title}\n{brief.gist.text}")
        grid.add_row(brief.slug, about, f"{brief.reviewed}{due}")
    Console().print(grid)


def print_sources(library: Library) -> None:
    """What is known of each document."""
    out = Console()
    for source in library.sources.values():
        out.print(Text(source_line(source)))
        out.print(
            Text(f"  {source.file}, {source.lines} lines, sha256 {source.sha256}", style="dim")
        )


def print_rows(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain table."""
    grid = _columns(*headers)
    for row in rows:
        grid.add_row(*map(Text, row))
    Console().print(grid)


def print_balance(brief: Brief, balance: Balance) -> None:
    """One line a source, then the statements that rest on one alone."""
    out = Console()
    out.print(Text(f"{brief.title}: {balance.statements} statements", style="bold"))
    grid = _columns("Source", "Statements", "Share", "Published", "Speaks of")
    for share in balance.sources:
        source = share.source
        age = phrases.UNDATED
        if source.published and share.age_days is not None:
            age = f"{source.published} ({share.age_days} days ago)"
        title = Text(f"{source.id}: {source.title}")
        grid.add_row(title, str(share.statements), f"{share.share:.0%}", age, source.dates_itself)
    out.print(grid)
    out.print(Text(f"{len(balance.alone)} of {balance.statements} rest on one source."))
    for name in balance.alone:
        out.print(Text(f"  {name}", style="dim"))


def print_ledger(entries: Sequence[LedgerEntry]) -> None:
    """One line a forecast or open question."""
    if not entries:
        Console().print(Text("The briefs hold no forecast and no open question."))
        return
    grid = _columns("State", "Look again", "Statement", "Held by")
    for entry in entries:
        snippet, outcome = entry.snippet, entry.snippet.outcome
        told = Text(f"{snippet.text} [{', '.join(map(str, snippet.citations))}]")
        if outcome:
            verdict = f"{phrases.VERDICTS[outcome.verdict.value]}: " if outcome.verdict else ""
            cited = ", ".join(map(str, outcome.citations))
            told.append(f"\n{verdict}{outcome.text} [{cited}]", style="bold")
        again = snippet.look_again.isoformat() if snippet.look_again else ""
        grid.add_row(entry.state.value, again, told, Text(snippet.attribution or ""))
    Console().print(grid)


def _columns(*headers: str, whole: Sequence[str] = (), **options: Any) -> Grid:
    """A table that breaks long words where the terminal is narrow, but not in the `whole` columns.

    An ellipsis would take away a citation, or half of a name that is to be typed.
    """
    grid = Grid(**options)
    for header in headers:
        grid.add_column(Text(header), overflow="fold", no_wrap=header in whole)
    return grid


def _statement(item: Statement) -> Text:
    label = f"{statement_label(item)}: " if item.label else ""
    marks = statement_marks(item)
    text = statement_line(item)
    line = Text("• ")
    line.append(label, style="bold")
    line.append(text.removeprefix(label).removesuffix(marks))
    line.append(marks, style="dim")
    return line


def _grid(table: Table) -> Grid:
    grid = _columns("", *table.columns, show_lines=True)
    for row in table.rows:
        cells = [
            Text("\n").join(map(_statement, c)) if c else Text(phrases.NO_CLAIM) for c in row.cells
        ]
        grid.add_row(Text(row.label, style="bold"), *cells)
    return grid


def print_deliveries(coming: Sequence[Subscription], deliveries: Sequence[Delivery]) -> None:
    """What is due next, then what became of the latest runs."""
    out = Console()
    if not coming and not deliveries:
        out.print(Text("No run is coming and none was made, of what was asked for."))
        return
    soon = _columns("Next run (UTC)", "Schedule", "Where", title="Coming")
    for s in coming:
        where = f"{s.target.platform} {s.target.workspace} {s.target.channel}"
        soon.add_row(f"{s.next_at:%Y-%m-%d %H:%M}", s.id, Text(where))
    # A key is copied for `deliveries retry`, so it stays on one line.
    headers = ("Due (UTC)", "Delivery", "State", "Tries", "Why")
    done = _columns(*headers, whole=("Delivery", "State"), title="Deliveries")
    for d in deliveries:
        due = f"{d.due_at:%Y-%m-%d %H:%M:%S}"
        done.add_row(
            due, Text(d.key), d.state.value, str(d.attempts), Text(hide_secrets(d.reason or ""))
        )
    out.print(soon, done)


def print_gaps(review: Review) -> None:
    """The open groups by number, then what is covered by now."""
    out = Console()
    grid = _columns("N", "Asked", "Times", "Last", "Why", "Nearest briefs", show_lines=True)
    for number, group in enumerate(review.groups, 1):
        why = ", ".join(f"{count} {why.value}" for why, count in group.why.items())
        asked = Text(group.question, style="bold")
        for example in group.examples:
            asked.append(f"\n{example}", style="dim")
        grid.add_row(
            str(number), asked, str(group.count), group.last_day.isoformat(), why,
            ", ".join(group.nearest),
        )  # fmt: skip
    if review.groups:
        out.print(grid)
    else:
        out.print(Text("Nothing is open."))
    for question in review.covered:
        out.print(Text(f"Covered by now: {question}", style="green"))
    if review.groups:
        out.print(
            Text("Next: aibrief gaps add-ask N --brief SLUG, or gaps start-snippet N --brief SLUG")
        )
