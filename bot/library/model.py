"""What a library is made of: sources, snippets and briefs, all immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.errors import Finding


def about(text: str) -> Meta:
    """What an editor says of a key."""
    return Meta(description=text)


MAX_SNIPPET_CHARS: Final = 300
"""One or two sentences; a table cell and a chat line hold that."""
MARK: Final = "TODO"
"""What a text begins with that is not written yet: no such library is ever loaded."""
_WRITTEN: Final = rf"^(?!\s*{MARK}\b)"
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=_WRITTEN)]
Title = Annotated[str, Meta(min_length=1, max_length=70, pattern=_WRITTEN)]
Told = Annotated[str, Meta(min_length=1, max_length=MAX_SNIPPET_CHARS, pattern=_WRITTEN)]
Detail = Literal["amount", "date", "names", "number", "place"]


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


class SnippetFields(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a snippet's file and its value have alike; the descriptions are an editor's help.

    A field is shown, searched and told as news where it has a label in `phrases.FACTS`; all others
    are in `NO_FACTS`.
    """

    id: Annotated[Slug, about("Its name: lower case with hyphens, taken by no other snippet.")]
    text: Annotated[
        Told,
        about("One or two sentences in your own words, neutral, up to 300 characters."),
    ]
    kind: Annotated[
        Kind,
        about("fact, claim, impact, reaction; outlook or open-question where it looks ahead."),
    ]
    actors: Annotated[
        tuple[Slug, ...], about("Whom it is about, by config/vocabulary/actors.yaml.")
    ] = ()
    aspects: Annotated[
        tuple[Slug, ...], about("What it is about, by config/vocabulary/aspects.yaml.")
    ] = ()
    attribution: Annotated[
        Line | None,
        about("Who holds it, as the document says; a must for what looks ahead."),
    ] = None
    as_of: Annotated[Line | None, about("The time it speaks of, in the document's own terms.")] = (
        None
    )
    asks: Annotated[
        tuple[Line, ...],
        about("Questions that this statement answers, as different as people ask them."),
    ] = ()
    details: Annotated[
        frozenset[Detail], about("Kinds of information that it gives beyond its words.")
    ] = frozenset()
    look_again: Annotated[
        date | None,
        about("Forecasts and open questions only: when to check what came of it."),
    ] = None
    review_by: Annotated[
        date | None,
        about("When to read it against its sources again; else with its brief."),
    ] = None
    expires: Annotated[date | None, about("The last day it is shown.")] = None
    corrects: Annotated[
        bool,
        about("true where the new text corrects the old: channels are told."),
    ] = False


NO_FACTS: Final = frozenset(
    "id text kind actors aspects asks details look_again review_by expires corrects "
    "citations outcome".split()
)
"""Fields of a snippet that no answer shows as a fact of its own beside the text."""


class Snippet(SnippetFields, frozen=True, kw_only=True):
    """One or two sentences in the curator's words and the lines they rest on."""

    citations: tuple[Citation, ...]
    outcome: Outcome | None = None
    """None while open."""

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
