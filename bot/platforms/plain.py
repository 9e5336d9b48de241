"""Answer -> plain text and the JSON object of `aibrief ask --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from bot.answering import phrases
from bot.answering.about_texts import spoken_of
from bot.answering.answer import Answer, Block, Closest, Entry, Note, Statement, Suggestion, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.library.documents import Quote
    from bot.library.model import Citation, Source


def render_text(answer: Answer) -> str:
    """The answer's sentences with their citations, one statement a line."""
    return "\n".join(line for block in answer.blocks for line in _lines(block))


def render_page(answer: Answer) -> str:
    """All that is shown of an answer, each statement on one line however long; tables in Markdown.

    For files and pipes, where lines are searched and nobody sees a width.
    """
    lines = [answer.title, ""]
    for block in answer.blocks:
        lines += _markdown(block) if isinstance(block, Table) else _lines(block)
    if answer.sources:
        lines += ["", *map(source_line, answer.sources)]
    if answer.suggestions:
        lines += ["", try_line(answer.suggestions)]
    return "\n".join(lines)


def try_line(suggestions: Sequence[Suggestion]) -> str:
    """`Try: What comes next (what-comes-next)`."""
    offers = " · ".join(f"{s.label} ({s.ask})" for s in suggestions)
    return f"{phrases.TRY}: {offers}"


def render_json(answer: Answer) -> dict[str, Any]:
    """The object that other programs read; its keys are stable."""
    return {
        "status": answer.status.value,
        "intent": answer.intent.value,
        "brief": answer.brief,
        "title": answer.title,
        "text": render_text(answer),
        "citations": [{"source": c.source, "lines": c.lines} for c in answer.citations],
        "snippets": list(answer.snippets),
        "suggestions": [suggestion.ask for suggestion in answer.suggestions],
        "missing": list(answer.missing),
        "score": answer.score,
        "library": answer.library,
        "withheld": answer.withheld,
        "review_due": {
            s.snippet: s.review_due.isoformat() for s in answer.statements() if s.review_due
        },
        **_reader_json(answer),
    }


def _reader_json(answer: Answer) -> dict[str, Any]:
    """What a reader had to do with it; nothing where none is set up."""
    note = answer.reader
    return {"reader": {"model": note.model, "used": note.used, "ms": note.ms}} if note else {}


def statement_line(item: Statement) -> str:
    """`Forecast (unnamed experts): text [S1:8]`, with what came of it where a source tells."""
    label = f"{statement_label(item)}: " if item.label else ""
    parts = (f"{label}{item.text}", outcome_text(item), statement_marks(item))
    return " ".join(filter(None, parts))


def outcome_text(item: Statement) -> str:
    """`Came true: what a source tells`, nothing while it is open."""
    if item.outcome is None or item.outcome == phrases.OPEN:
        return ""
    return f"{item.verdict}: {item.outcome}" if item.verdict else item.outcome


def statement_marks(item: Statement) -> str:
    """`[S1:8]`, and `(review was due 2026-10-01)` where it was."""
    return " ".join(filter(None, (cite(item.citations), review_mark(item))))


def review_mark(item: Statement) -> str:
    """`(review was due 2026-10-01)`, or nothing."""
    return f"({phrases.REVIEW_DUE} {item.review_due})" if item.review_due else ""


def statement_label(item: Statement) -> str:
    """`Forecast (unnamed experts)`, `Open question`, or nothing for a plain statement."""
    if not item.label or not item.attribution:
        return item.label or ""
    return f"{item.label} ({item.attribution})"


def cite(citations: Sequence[Citation]) -> str:
    """`[S1:8, S2:3-4]`."""
    return f"[{', '.join(map(str, citations))}]"


def source_line(source: Source) -> str:
    """`S1: title (publisher unknown, undated; speaks of 2026)`, where it speaks of any time."""
    publisher = source.publisher or phrases.PUBLISHER_UNKNOWN
    dated = source.published.isoformat() if source.published else phrases.UNDATED
    return f"{source.id}: {source.title} ({publisher}, {dated}{spoken_of(source, ';')})"


def quote_line(quote: Quote) -> str:
    """`S1:8 says: “...”`."""
    return f"{quote.citation} {phrases.SAYS}: “{quote.text}”"


def judged_line(parts: Sequence[tuple[str, float]]) -> str:
    """`Score 0.92, explained 0.20, ... : 1.12 in all, 0.80 needed for an answer`."""
    *summed, (needed, bar) = parts
    named = ", ".join(f"{name} {value:.2f}" for name, value in summed if value)
    total = sum(value for _, value in summed)
    return f"{named[:1].upper()}{named[1:]}: {total:.2f} {phrases.IN_ALL}, {bar:.2f} {needed}"


def rests_on(sources: Sequence[Source]) -> str:
    """`rests on 1 source`."""
    if len(sources) == 1:
        return phrases.RESTS_ON_ONE
    return phrases.RESTS_ON_MORE.format(count=len(sources))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Note():
            yield block.text
        case Entry():
            yield f"{block.title} ({block.ask})"
            yield block.detail
        case Statement():
            yield statement_line(block)
        case Closest():
            yield f"> {phrases.CLOSEST_LABEL}: {statement_line(block.statement)}"
        case Table():
            yield from _table_lines(block)
        case _:
            assert_never(block)


def _markdown(table: Table) -> Iterator[str]:
    yield _markdown_row(("", *table.columns))
    yield _markdown_row(("---", *("---" for _ in table.columns)))
    for row in table.rows:
        said = (" ".join(map(statement_line, cell)) or phrases.NO_CLAIM for cell in row.cells)
        yield _markdown_row((row.label, *said))


def _markdown_row(cells: Iterable[str]) -> str:
    inner = " | ".join(cell.replace("|", r"\|") for cell in cells)
    return f"| {inner} |"


def _table_lines(table: Table) -> Iterator[str]:
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            said = " ".join(map(statement_line, cell)) or phrases.NO_CLAIM
            yield f"{row.label} / {column}: {said}"
