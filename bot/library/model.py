"""What a library is made of: sources, snippets and briefs, all immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.errors import Finding


class Kind(StrEnum):
    """What sort of statement a snippet makes."""

    FACT = "fact"
    CLAIM = "claim"
    IMPACT = "impact"
    REACTION = "reaction"
    OUTLOOK = "outlook"
    OPEN_QUESTION = "open-question"


FORWARD_LOOKING = frozenset({Kind.OUTLOOK, Kind.OPEN_QUESTION})
"""The kinds that say who holds them and whether they came true."""


class Verdict(StrEnum):
    """Whether a forecast came true."""

    CAME_TRUE = "came-true"
    DID_NOT = "did-not"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """Lines `first` to `last` (from 1, both included) of the document `source`."""

    source: str
    first: int
    last: int

    @property
    def lines(self) -> str:
        """`8` or `8-9`."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __str__(self) -> str:
        """`S1:8-9`."""
        return f"{self.source}:{self.lines}"


@dataclass(frozen=True, slots=True)
class Source:
    """One document that briefs rest on; what is not known of it is None."""

    id: str
    title: str
    publisher: str | None
    published: date | None
    dates_itself: str
    """How the document dates what it describes, for example "2026"."""
    file: str
    sha256: str
    lines: int
    headings: frozenset[int]
    """Lines that are headings and state nothing."""
    actor: str | None = None
    """What the vocabulary calls it, so that people can ask for what one document says."""
    url: str | None = None
    """Where people find it."""
    archived: str | None = None
    """Where a copy is kept that does not change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a forecast, as a later source tells it."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict | None = None
    """None where the source does not say, and for an open question."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One or two sentences in the curator's words and the lines they rest on."""

    id: str
    text: str
    kind: Kind
    actors: tuple[str, ...]
    aspects: tuple[str, ...]
    citations: tuple[Citation, ...]
    attribution: str | None = None
    """Who holds it, where the document says so: "unnamed experts"."""
    as_of: str | None = None
    """The time it speaks of, in the document's own terms."""
    asks: tuple[str, ...] = ()
    """Example questions that this snippet answers."""
    details: frozenset[str] = frozenset()
    """What it can tell beyond its words: "date", "names", "number"."""
    look_again: date | None = None
    """When a forecast or an open question is worth checking."""
    outcome: Outcome | None = None
    """None while open."""
    review_by: date | None = None
    """The last day before it has to be read against its sources again: its own date, else its
    brief's."""
    expires: date | None = None
    """The last day on which it may be shown."""
    corrects: bool = False
    """Its text was wrong before: whoever was sent the old text is told."""

    @property
    def rests_on(self) -> tuple[Citation, ...]:
        """All that is cited, for its outcome too; each once."""
        told = self.outcome.citations if self.outcome else ()
        return tuple(dict.fromkeys((*self.citations, *told)))

    def review_was_due(self, today: date) -> bool:
        """Whether somebody should have read it against its sources by now."""
        return self.review_by is not None and self.review_by < today

    def is_expired(self, today: date) -> bool:
        """Whether it must not be shown any more."""
        return self.expires is not None and self.expires < today


def next_review(reviewed: date, every_days: int) -> date:
    """The last day before the next review; the calendar's last where it would lie beyond."""
    return reviewed + timedelta(days=min(every_days, (date.max - reviewed).days))


@dataclass(frozen=True, slots=True)
class Brief:
    """A titled, ordered selection of snippets with one sentence, the gist, on top."""

    slug: str
    title: str
    gist: Snippet
    snippets: tuple[str, ...]
    """Ids in reading order, those written in other briefs included."""
    own: frozenset[str]
    """Ids of the snippets written in this brief."""
    aliases: tuple[str, ...]
    asks: tuple[str, ...]
    owner: str
    reviewed: date
    review_every_days: int
    opens: frozenset[str] = frozenset()
    """General questions that it answers for the whole library: "summary", "outlook"."""

    @property
    def review_by(self) -> date:
        """The last day before it has to be reviewed again."""
        return next_review(self.reviewed, self.review_every_days)


@dataclass(frozen=True, slots=True)
class Library:
    """Everything in a briefs folder; `version` is the sha256 of its content."""

    sources: Mapping[str, Source]
    snippets: Mapping[str, Snippet]
    briefs: Mapping[str, Brief]
    version: str
    must_not_cover: tuple[str, ...] = ()
    """Questions that no brief may answer: rivals of every statement."""
    skipped: tuple[Finding, ...] = ()
    """What is wrong with the files that it was loaded without."""
