"""Answer -> plain text and JSON; and what the texts of every platform share.

A direction of text that is left open would turn what stands after it: a button's label, the name
of the next writer. https://unicode.org/reports/tr9/#Explicit_Directional_Embeddings
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, assert_never

from bot.answering import phrases
from bot.answering.about import spoken_of
from bot.answering.answer import Answer, Block, Closest, Entry, Note, Statement, Suggestion, Table
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.library.documents import Quote
    from bot.library.model import Citation, Source


_MARKS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSERS: Final = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""An opening mark -> the one that closes it."""


def close_bidi(text: str) -> str:
    """The text with every opened mark closed at its end, and closing ones without any left out."""
    if text.isascii() or not _MARKS.search(text):
        return text
    parts: list[str] = []
    opened: list[str] = []
    for char in text:
        if char in _CLOSERS:
            opened.append(_CLOSERS[char])
        elif _MARKS.match(char):
            if not opened or opened[-1] != char:
                continue
            opened.pop()
        parts.append(char)
    return "".join(parts + opened[::-1])


def count_chars(text: str) -> int:
    """The length in UTF-16 units, the longest way in which a client may count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Lead(Enum):
    """One thing that helps there."""

    SCHEDULE = "schedule"
    """The form of a new schedule."""
    SCHEDULES = "schedules"
    """What is scheduled in this channel."""
    SHARE = "share"
    """Post the answer before to the channel."""
    WHY = "why"
    """What the answer before rests on."""
    REPORT = "report"
    """The answer before did not help."""


LEADS: Final[Mapping[Intent, tuple[Lead, ...]]] = {
    Intent.HELLO: (Lead.SCHEDULE,),
    Intent.HELP: (Lead.SCHEDULE,),
    Intent.SCHEDULE: (Lead.SCHEDULE, Lead.SCHEDULES),
    Intent.STOP: (Lead.SCHEDULES,),
    Intent.SHARE: (Lead.SHARE,),
    Intent.SOURCES: (Lead.WHY,),
    Intent.WHY: (Lead.WHY,),
    Intent.FEEDBACK: (Lead.WHY, Lead.REPORT),
}
"""Beside the briefs to try, which every reply about the bot offers."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What can be done where a reply is shown, beside what it says."""

    about: str | None = None
    """The answer before, where the message is about that."""
    schedules: bool = False
    """Whether briefings can be scheduled there."""
    share_as: str | None = None
    """Who may share the answer before; None where nobody else would see it."""

    def leads(self, intent: Intent) -> tuple[Lead, ...]:
        """What a reply of this intent leads to."""
        return tuple(lead for lead in LEADS.get(intent, ()) if self._possible(lead))

    def _possible(self, lead: Lead) -> bool:
        if lead in {Lead.SCHEDULE, Lead.SCHEDULES}:
            return self.schedules
        return self.about is not None and (lead is not Lead.SHARE or self.share_as is not None)


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
    note = answer.reader
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
        # Nothing where no reader is set up.
        **({"reader": {"model": note.model, "used": note.used, "ms": note.ms}} if note else {}),
    }


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
            for row in block.rows:
                for column, cell in zip(block.columns, row.cells, strict=True):
                    yield f"{row.label} / {column}: {_said(cell)}"
        case _:
            assert_never(block)


def _markdown(table: Table) -> Iterator[str]:
    yield _markdown_row(("", *table.columns))
    yield _markdown_row(("---", *("---" for _ in table.columns)))
    for row in table.rows:
        yield _markdown_row((row.label, *map(_said, row.cells)))


def _said(cell: Sequence[Statement]) -> str:
    return " ".join(map(statement_line, cell)) or phrases.NO_CLAIM


def _markdown_row(cells: Iterable[str]) -> str:
    inner = " | ".join(cell.replace("|", r"\|") for cell in cells)
    return f"| {inner} |"
