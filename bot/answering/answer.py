"""The answer to one message, as a value that every renderer can show, and its plan of ids.

All text in it is a snippet's, a brief's, a source's, a vocabulary label or one of `phrases`. What
is stored of a plan holds no text of the question, so it may be kept for "Why this?", "Share" and
follow-ups; it is small enough to store, enough to compose the answer again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, assert_never

from bot.answering import phrases
from bot.library.model import FORWARD_LOOKING, Kind
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from bot.library.model import Citation, Snippet, Source


MAX_TEXT_CHARS = 1200
"""An answer's sentences, table cells and labels together; the rest is behind "more"."""


class Status(StrEnum):
    """The outcomes of a question."""

    ANSWERED = "answered"
    NEAREST = "nearest"
    """The library does not say what was asked; its closest statement is shown as just that."""
    CLARIFY = "clarify"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Statement:
    """One snippet as it is shown."""

    snippet: str
    text: str
    citations: tuple[Citation, ...]
    label: str | None = None
    """"Forecast", "Open question" or None."""
    attribution: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """(label, value) of what is known beside: who says it, as of when."""
    outcome: str | None = None
    """For a forecast or an open question: "open", or the sourced outcome's text."""
    verdict: str | None = None
    """Whether a forecast came true, where a source tells: "Came true"."""
    review_due: date | None = None
    """When it should have been reviewed, where that has passed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One aspect of a comparison: its statements, column by column; none where none is sourced."""

    label: str
    cells: tuple[tuple[Statement, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison: `columns` are the names of what is compared, in the order of the cells."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One brief in a list: `ask` opens it."""

    ask: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Note:
    """A fixed phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class Closest:
    """The statement that comes closest to a question which the library does not answer."""

    statement: Statement


Block: TypeAlias = Statement | Closest | Table | Entry | Note
"""The kinds of blocks are closed: whatever shows or counts them ends in `assert_never`, so that a
new kind is an error of types in every place that would drop it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A next question: `label` (at most 75 characters) is shown, `ask` is asked.

    `ask` is made of ids only (a slug, a snippet's id, actors' ids), so a button may carry it.
    """

    label: str
    ask: str


@dataclass(frozen=True, slots=True)
class ReaderNote:
    """What a reader had to do with an answer."""

    model: str
    used: bool
    """Whether the reader chose; else the engine's own outcome is shown."""
    ms: int = 0
    """How long its choice took when it was made, or how long it was waited for."""
    among: int = 0
    """How many statements it chose among; 0 where it was not asked."""
    ranked: tuple[tuple[str, float], ...] = ()
    """The engine's own first statements, with their scores from 0 to 100."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one message gets back; `score` runs from 0 to 100."""

    status: Status
    intent: Intent
    title: str
    blocks: tuple[Block, ...]
    suggestions: tuple[Suggestion, ...]
    sources: tuple[Source, ...]
    """The documents cited, in the order of their ids."""
    score: float
    library: str
    brief: str | None = None
    missing: tuple[str, ...] = ()
    """The words of the question that the library does not say, where it is not answered."""
    withheld: int = 0
    """Statements that belong here and are not shown: past their expiry date."""
    reader: ReaderNote | None = None
    """None where no reader is set up."""

    def statements(self) -> Iterator[Statement]:
        """Every statement in reading order, those in table cells included."""
        for block in self.blocks:
            yield from _statements_in(block)

    def entries(self) -> Iterator[Entry]:
        """Every brief listed, in reading order."""
        for block in self.blocks:
            match block:
                case Entry():
                    yield block
                case Statement() | Closest() | Table() | Note():
                    pass
                case _:
                    assert_never(block)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Each cited range once, in reading order."""
        return tuple(dict.fromkeys(c for s in self.statements() for c in s.citations))

    @property
    def snippets(self) -> tuple[str, ...]:
        """The id of each snippet shown, once, in reading order."""
        return tuple(dict.fromkeys(s.snippet for s in self.statements()))


def _statements_in(block: Block) -> Iterator[Statement]:
    match block:
        case Statement():
            yield block
        case Closest(closest):
            yield closest
        case Table():
            for row in block.rows:
                for cell in row.cells:
                    yield from cell
        case Entry() | Note():
            pass
        case _:
            assert_never(block)


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision on one question; every field names things of the library or vocabulary."""

    status: Status
    intent: Intent
    brief: str | None = None
    snippets: tuple[str, ...] = ()
    """The statements to show, best first; empty where `brief` is shown in its own order."""
    actors: tuple[str, ...] = ()
    """What a comparison compares, one column each; empty where nothing is compared."""
    aspects: tuple[str, ...] = ()
    """The comparison's rows; empty means every aspect with a claim."""
    page: int = 1
    """1 for the first part of an answer, 2 for what "more" shows, and so on."""
    nearest: tuple[str, ...] = ()
    """Slugs of briefs to offer."""
    notes: tuple[str, ...] = ()
    """Keys of `phrases.NOTES` to show."""
    terms: tuple[str, ...] = ()
    """Vocabulary ids the question named; a follow-up may inherit them."""
    about: bool = False
    """It answers a message about the bot, the library or the last answer."""
    missing: tuple[str, ...] = ()
    """Words of the question that the library does not say; shown once and never stored."""
    score: float = 0.0
    judged: tuple[tuple[str, float], ...] = ()
    """The parts of the sum by which it was judged whether the library says what was asked."""
    shared: tuple[str, ...] = ()
    """Statements that speak of several of the sides compared; they stand before the table."""
    since: str = ""
    """For "what is new" the day that `snippets` are new since, as 2026-11-16; empty where nothing
    is known of changes."""
    withdrawn: int = 0
    """How many statements have been withdrawn since then."""
    reader: ReaderNote | None = None
    """What a reader had to do with it; None where none is set up."""
    subject: str | None = None
    """The id of the last answer, where it answers a message about the bot: "share that"."""

    @property
    def is_aside(self) -> bool:
        """Whether it is about the bot: a conversation goes on from what was said before it."""
        return self.about and self.intent is not Intent.NEWS


def statement(snippet: Snippet, today: date) -> Statement:
    """A snippet as it is shown: forecasts and open questions say that they are."""
    labels = {Kind.OUTLOOK: phrases.FORECAST, Kind.OPEN_QUESTION: phrases.OPEN_QUESTION}
    forward = snippet.kind in FORWARD_LOOKING
    verdict = snippet.outcome.verdict if snippet.outcome else None
    return Statement(
        snippet=snippet.id,
        text=snippet.text,
        citations=snippet.rests_on,
        label=labels.get(snippet.kind),
        attribution=snippet.attribution,
        facts=facts_of(snippet),
        outcome=(snippet.outcome.text if snippet.outcome else phrases.OPEN) if forward else None,
        verdict=phrases.VERDICTS[verdict.value] if verdict else None,
        review_due=snippet.review_by if snippet.review_was_due(today) else None,
    )


def facts_of(snippet: Snippet) -> tuple[tuple[str, str], ...]:
    """(label, value) of each of `phrases.FACTS` that is known of a snippet."""
    values = ((label, getattr(snippet, name)) for name, label in phrases.FACTS.items())
    return tuple((label, str(value)) for label, value in values if value)


def length_chars(item: Statement) -> int:
    """What a statement takes of an answer's room: label, text, outcome, citations, review."""
    told = item.outcome if item.outcome not in {None, phrases.OPEN} else None
    held = item.attribution if item.label else None
    due = f"{phrases.REVIEW_DUE} {item.review_due}" if item.review_due else None
    parts = (item.label, held, item.text, item.verdict, told, *map(str, item.citations), due)
    return sum(len(part) + 2 for part in parts if part)


def told_once(snippets: Iterable[Snippet], most: int | None = None) -> list[Snippet]:
    """Leave out single items of a list that is told, and a list of which items are told.

    Stops at `most` statements.
    """
    kept: list[Snippet] = []
    for snippet in snippets:
        if most is not None and len(kept) == most:
            break
        if not any(_lists(other, snippet) or _lists(snippet, other) for other in kept):
            kept.append(snippet)
    return kept


def told_in_full(snippets: Sequence[Snippet]) -> list[Snippet]:
    """All statements of a brief but single items of a list that is told before them.

    A list has at least two items in the brief: where two statements happen to rest on some of the
    same lines, both are told.
    """
    items = {s.id: [t for t in snippets if t is not s and _lists(s, t)] for s in snippets}
    lists = [s for s in snippets if len(items[s.id]) > 1]
    order = {s.id: at for at, s in enumerate(snippets)}
    told = {t.id for s in lists for t in items[s.id] if order[s.id] < order[t.id]}
    return [s for s in snippets if s.id not in told]


def _lists(whole: Snippet, part: Snippet) -> bool:
    """Whether one snippet tells the lines of several others, this one among them."""
    if all(c.last == c.first for c in whole.citations):
        return False

    def around(outer: Citation, inner: Citation) -> bool:
        return (
            outer.source == inner.source
            and outer.first <= inner.first
            and inner.last <= outer.last
            and outer.last - outer.first > inner.last - inner.first
        )

    return all(any(around(outer, c) for outer in whole.citations) for c in part.citations)
