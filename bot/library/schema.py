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
    Line,
    Outcome,
    Slug,
    Snippet,
    SnippetFields,
    Source,
    Title,
    Told,
    Verdict,
    about,
    next_review,
)
from bot.library.vocabulary import Concept, Group, parse_forms

_CITATION = re.compile(r"^([A-Za-z]\w*):([1-9]\d*)(?:-([1-9]\d*))?$")

Cited = Annotated[
    str, Meta(pattern=_CITATION.pattern, description="Lines of a source: S1:8 or S1:8-9.")
]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s<>|\"]+$", max_length=1000)]
Citations = Annotated[
    list[Cited], Meta(min_length=1, description="The lines it rests on: S1:8 or S1:8-9.")
]
Sentence = Annotated[Told, about("One sentence in your own words.")]


def parse_citation(text: str) -> Citation:
    """`S1:8-9` -> Citation; the schema has checked the form."""
    match = _CITATION.match(text)
    assert match, text  # noqa: S101 - the schema's pattern is this one
    first = int(match[2])
    return Citation(match[1], first, int(match[3] or first))


class SourceFile(Struct, forbid_unknown_fields=True, frozen=True):
    """One entry of `sources.yaml`."""

    title: Annotated[
        Line,
        about("What answers call it. Say what it is; invent no title it does not have."),
    ]
    publisher: Annotated[Line | None, about("Who published it; null where that is not known.")]
    published: Annotated[
        date | None,
        about("The date it was published, like 2026-05-31; null where not known."),
    ]
    dates_itself: Annotated[
        Line,
        about("How it dates what it describes, in its own terms: 2026, early 2024."),
    ]
    file: Annotated[
        Line, about("Its file's name in the folder that is given to check --documents.")
    ]
    sha256: Annotated[
        str,
        Meta(pattern=r"^[0-9a-f]{64}$"),
        about("The file's checksum, as sha256sum prints it."),
    ]
    lines: Annotated[int, Meta(ge=1), about("How many lines the file has.")]
    headings: Annotated[
        tuple[int, ...],
        about("The numbers of the lines that are headings and state nothing."),
    ] = ()
    actor: Annotated[
        Slug | None,
        about("How people ask for it, by config/vocabulary/actors.yaml."),
    ] = None
    url: Annotated[Url | None, about("Where people find it: https://...")] = None
    archived: Annotated[
        Url | None, about("Where a copy is kept that does not change: https://...")
    ] = None

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

    text: Sentence
    citations: Citations


class OutcomeFile(Struct, forbid_unknown_fields=True, frozen=True):
    """What came of a forecast or an open question, with the lines that tell it."""

    text: Sentence
    citations: Annotated[
        list[Cited],
        Meta(min_length=1, description="The lines that tell it: S1:8 or S1:8-9."),
    ]
    verdict: Annotated[Verdict | None, about("came-true, did-not or partly.")] = None

    def to_outcome(self) -> Outcome:
        """The same as a value of the core."""
        return Outcome(self.text, tuple(map(parse_citation, self.citations)), self.verdict)


class RefFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A snippet that is written in another brief."""

    ref: Annotated[Slug, about("The id of a snippet that is written in another brief.")]


class SnippetFile(SnippetFields, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One snippet as a curator writes it."""

    citations: Citations
    outcome: Annotated[
        OutcomeFile | Literal["open"],
        about("open, or what came of it with the lines that tell."),
    ] = "open"

    def to_snippet(self, review_by: date | None = None) -> Snippet:
        """The same as a value of the core; `review_by` is its brief's."""
        told = self.outcome if isinstance(self.outcome, OutcomeFile) else None
        alike = {name: getattr(self, name) for name in SnippetFields.__struct_fields__}
        alike["review_by"] = self.review_by or review_by
        return Snippet(
            **alike,
            citations=tuple(map(parse_citation, self.citations)),
            outcome=told.to_outcome() if told else None,
        )


class BriefFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One `briefs/<slug>.yaml`; its snippets are read one by one as `SnippetFile` or `RefFile`."""

    slug: Annotated[Slug, about("The file's name without .yaml; people type it.")]
    title: Annotated[Title, about("What people read on top, up to 70 characters.")]
    owner: Annotated[Line, about("Who keeps it right.")]
    reviewed: Annotated[date, about("When somebody last read it against its sources.")]
    review_every_days: Annotated[
        int,
        Meta(ge=1, le=3650),
        about("After how many days check asks for the next review."),
    ]
    gist: Annotated[CitedText, about("One sentence on top of the brief, with its lines.")]
    snippets: Annotated[
        list[dict[str, Any]],
        Meta(min_length=1),
        about("The statements in reading order; a ref shows one of another brief."),
    ]
    aliases: Annotated[
        tuple[Line, ...], about("Other names that open the brief word for word.")
    ] = ()
    asks: Annotated[tuple[Line, ...], about("Questions that the brief as a whole answers.")] = ()
    must_not_cover: Annotated[
        tuple[Line, ...], about("Questions that this brief must not answer.")
    ] = ()
    opens: Annotated[
        frozenset[Literal["summary", "outlook"]],
        about("What it answers for the whole library: summary, outlook."),
    ] = frozenset()

    @property
    def review_by(self) -> date:
        """See `library.model.Brief`."""
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

    asks: Annotated[
        tuple[Line, ...], about("Questions near the subject that no brief may answer.")
    ]


class ConceptBase(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One concept of the vocabulary, without its forms."""

    label: Annotated[Line, about("What people read, for example in the columns of a comparison.")]
    parents: Annotated[str, about("Wider concepts that it belongs to, with commas between.")] = ""
    compared: Annotated[
        bool,
        about("true for a family of actors: those below it are compared with each other."),
    ] = False
    general: Annotated[
        bool,
        about("true for an aspect that sums up others: no row of its own beside them."),
    ] = False

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
