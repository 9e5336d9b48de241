"""What stands in `briefs/*.yaml` and `config/vocabulary/*.yaml`: mapping -> checked values.

Every struct refuses unknown keys, so a misspelt key is named and not ignored.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, cast

from msgspec import Meta, Struct, defstruct

from bot.language.pack import LANGUAGES
from bot.library.model import (
    Brief,
    Citation,
    Kind,
    Outcome,
    Snippet,
    Source,
    Verdict,
    next_review,
)
from bot.library.vocabulary import Concept, Group, parse_forms

MAX_SNIPPET_CHARS = 300
"""One or two sentences; a table cell and a chat line hold that."""
_CITATION = re.compile(r"^([A-Za-z]\w*):([1-9]\d*)(?:-([1-9]\d*))?$")

MARK = "TODO"
"""What a text begins with that is not written yet: no such library is ever loaded."""
_WRITTEN = rf"^(?!\s*{MARK}\b)"

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=_WRITTEN)]
Told = Annotated[str, Meta(min_length=1, max_length=MAX_SNIPPET_CHARS, pattern=_WRITTEN)]
Cited = Annotated[
    str, Meta(pattern=_CITATION.pattern, description="Lines of a source: S1:8 or S1:8-9.")
]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s<>|\"]+$", max_length=1000)]
Citations = Annotated[list[Cited], Meta(min_length=1)]


def parse_citation(text: str) -> Citation:
    """`S1:8-9` -> Citation; the schema has checked the form."""
    match = _CITATION.match(text)
    assert match, text  # noqa: S101 - the schema's pattern is this one
    first = int(match[2])
    return Citation(match[1], first, int(match[3] or first))


class SourceFile(Struct, forbid_unknown_fields=True, frozen=True):
    """One entry of `sources.yaml`."""

    title: Line
    publisher: Line | None
    published: date | None
    dates_itself: Line
    file: Line
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    lines: Annotated[int, Meta(ge=1)]
    headings: tuple[int, ...] = ()
    actor: Slug | None = None
    url: Url | None = None
    archived: Url | None = None

    def to_source(self, source_id: str) -> Source:
        """The same as a value of the core."""
        return Source(
            id=source_id,
            title=self.title,
            publisher=self.publisher,
            published=self.published,
            dates_itself=self.dates_itself,
            file=self.file,
            sha256=self.sha256,
            lines=self.lines,
            headings=frozenset(self.headings),
            actor=self.actor,
            url=self.url,
            archived=self.archived,
        )


class CitedText(Struct, forbid_unknown_fields=True, frozen=True):
    """A sentence with the lines it rests on: a gist."""

    text: Told
    citations: Citations


class OutcomeFile(Struct, forbid_unknown_fields=True, frozen=True):
    """What came of a forecast or an open question, with the lines that tell it."""

    text: Told
    citations: Citations
    verdict: Verdict | None = None

    def to_outcome(self) -> Outcome:
        """The same as a value of the core."""
        return Outcome(self.text, tuple(map(parse_citation, self.citations)), self.verdict)


class RefFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A snippet that is written in another brief."""

    ref: Slug


class SnippetFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One snippet as a curator writes it."""

    id: Slug
    text: Told
    kind: Kind
    citations: Citations
    actors: tuple[Slug, ...] = ()
    aspects: tuple[Slug, ...] = ()
    attribution: Line | None = None
    as_of: Line | None = None
    asks: tuple[Line, ...] = ()
    details: frozenset[Literal["amount", "date", "names", "number", "place"]] = frozenset()
    look_again: date | None = None
    outcome: OutcomeFile | Literal["open"] = "open"
    review_by: date | None = None
    expires: date | None = None
    corrects: bool = False

    def to_snippet(self, review_by: date | None = None) -> Snippet:
        """The same as a value of the core; `review_by` is its brief's."""
        told = self.outcome if isinstance(self.outcome, OutcomeFile) else None
        return Snippet(
            id=self.id,
            text=self.text,
            kind=self.kind,
            actors=self.actors,
            aspects=self.aspects,
            citations=tuple(map(parse_citation, self.citations)),
            attribution=self.attribution,
            as_of=self.as_of,
            asks=self.asks,
            details=frozenset(self.details),
            look_again=self.look_again,
            outcome=told.to_outcome() if told else None,
            review_by=self.review_by or review_by,
            expires=self.expires,
            corrects=self.corrects,
        )


class BriefFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One `briefs/<slug>.yaml`; its snippets are read one by one as `SnippetFile` or `RefFile`."""

    slug: Slug
    title: Annotated[str, Meta(min_length=1, max_length=70)]
    owner: Line
    reviewed: date
    review_every_days: Annotated[int, Meta(ge=1, le=3650)]
    gist: CitedText
    snippets: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    aliases: tuple[Line, ...] = ()
    asks: tuple[Line, ...] = ()
    must_not_cover: tuple[Line, ...] = ()
    opens: frozenset[Literal["summary", "outlook"]] = frozenset()

    @property
    def review_by(self) -> date:
        """See `core.model.Brief`."""
        return next_review(self.reviewed, self.review_every_days)

    def to_brief(self, entries: list[SnippetFile | RefFile]) -> Brief:
        """The same as a value of the core; the gist becomes a snippet named `<slug>-gist`."""
        return Brief(
            slug=self.slug,
            title=self.title,
            gist=Snippet(
                id=f"{self.slug}-gist",
                text=self.gist.text,
                kind=Kind.CLAIM,
                actors=(),
                aspects=(),
                citations=tuple(map(parse_citation, self.gist.citations)),
                review_by=self.review_by,
            ),
            snippets=tuple(e.ref if isinstance(e, RefFile) else e.id for e in entries),
            own=frozenset(e.id for e in entries if isinstance(e, SnippetFile)),
            aliases=self.aliases,
            asks=self.asks,
            owner=self.owner,
            reviewed=self.reviewed,
            review_every_days=self.review_every_days,
            opens=frozenset(self.opens),
        )


class MustNotCoverFile(Struct, forbid_unknown_fields=True, frozen=True):
    """`must_not_cover.yaml`: questions that no brief may answer."""

    asks: tuple[Line, ...]


class ConceptBase(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One concept of the vocabulary, without its forms."""

    label: Line
    parents: str = ""
    compared: bool = False
    general: bool = False

    def to_concept(self, concept_id: str, group: Group) -> Concept:
        """The same as a value of the core."""
        return Concept(
            id=concept_id,
            group=group,
            label=self.label,
            forms={language: parse_forms(getattr(self, language)) for language in LANGUAGES},
            parents=parse_forms(self.parents),
            compared=self.compared,
            general=self.general,
        )


ConceptFile = cast(
    "type[ConceptBase]",
    defstruct(
        "ConceptFile",
        [(language, str, "") for language in LANGUAGES],
        bases=(ConceptBase,),
        forbid_unknown_fields=True,
        frozen=True,
        kw_only=True,
    ),
)
"""One concept of the vocabulary: for each language its forms, separated by commas."""
