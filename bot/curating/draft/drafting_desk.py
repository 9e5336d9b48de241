"""What is drafted beside a library: the skeleton of a new brief, or briefs from a document."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.answering.catalog import Catalog
from bot.curating.draft import signals
from bot.curating.draft.draft_briefs import (
    Names,
    Naming,
    make_briefs,
    slugify,
    write_brief,
    write_source,
)
from bot.curating.draft.drafting import Drafter, without_boilerplate
from bot.curating.draft.lines import Line, Role, questions_as_headings, without_references
from bot.curating.draft.publishing import read_sources
from bot.curating.draft.signals import SentenceClassifier, Tagger, find_language, load_words
from bot.errors import ContentError, SettingsError
from bot.library.loader import SOURCES_FILE, load_usable_library, load_usable_vocabulary
from bot.library.model import MARK, Library
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.curating.draft.document_files import Document
    from bot.curating.draft.drafting import Section


NOTHING = Library({}, {}, {}, "")


@dataclass(frozen=True, slots=True)
class DraftingService:
    """What a curator works with: the library so far, or what of it can be read."""

    briefs: Path
    drafts: Path
    """Where what is not finished is kept."""
    catalog: Catalog
    problems: str = ""
    """What of the library could not be read; names are not compared with it."""

    @property
    def names(self) -> set[str]:
        """Every slug and id that is taken."""
        library = self.catalog.library
        files = (f.stem for folder in (self.briefs, self.drafts) for f in folder.glob("*.yaml"))
        return {*library.briefs, *library.snippets, *files}

    @property
    def sources(self) -> Mapping[str, str]:
        """The sha256 of each source by its id, also of drafted ones and in a broken file."""
        found: dict[str, str] = {}
        for folder in (self.drafts, self.briefs):
            data = read_sources(folder / SOURCES_FILE)
            found.update({name: str((entry or {}).get("sha256")) for name, entry in data.items()})
        return found


def open_desk(briefs: Path, config: Path, drafts: Path) -> DraftingService:
    """Open the library; one that is broken or not begun keeps nobody from drafting."""
    vocabulary = load_usable_vocabulary(config)
    try:
        library = load_usable_library(briefs)
    except ContentError as error:
        begun = any(briefs.glob("*.yaml"))
        return DraftingService(
            briefs, drafts, Catalog(NOTHING, vocabulary), str(error) if begun else ""
        )
    catalog = Catalog(library, vocabulary)
    return DraftingService(briefs, drafts, catalog, "\n".join(map(str, catalog.skipped)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a draft shall be called; None where the document decides."""

    source: str | None = None
    slug: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a draft: name -> content, and what is to be told of it."""

    source: str
    briefs: Mapping[str, str]
    entry: str
    """For `sources.yaml`; empty where the document is in it already."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    unknown: Sequence[tuple[str, int]] = ()
    """Names that the vocabulary does not have, with how often they come."""


def draft(
    document: Document,
    desk: DraftingService,
    wanted: Wanted,
    today: date,
    progress: Callable[[int], None] = lambda _: None,
) -> Draft:
    """Draft from a document that was read.

    Raises:
        SettingsError: A name that is wanted is taken.
    """
    known = {digest: name for name, digest in desk.sources.items()}
    source = wanted.source or known.get(document.sha256) or _next_id(set(desk.sources))
    listed = source == known.get(document.sha256)
    if not listed and source in desk.sources:
        raise SettingsError(f"{source} is another document in {SOURCES_FILE}. Choose another id.")
    document = _sorted_out(document, desk)
    texts = [line.text for line in document.lines]
    time = signals.document_time(texts, today)
    time = time or (document.published.isoformat() if document.published else None)
    drafter = _drafter(desk, texts, time, today, known.get(document.sha256))
    sections = list(drafter.sections(document.lines, progress))
    naming = _naming(document, desk, wanted)
    files = {
        f"{brief.slug}.yaml": write_brief(brief, source, today)
        for brief in make_briefs(sections, naming, Names.beside(desk.names))
    }
    title = wanted.title or document.title or _top_heading(document.lines)
    entry = "" if listed else write_source(document, source, title, time)
    unknown = drafter.tagger.unknown_names(texts)
    return Draft(source, files, entry, _kinds(sections), unknown)


def _sorted_out(document: Document, desk: DraftingService) -> Document:
    """The document where bibliography and boilerplate state nothing."""
    texts = [line.text for line in document.lines]
    lines = questions_as_headings(without_references(document.lines))
    lines = without_boilerplate(lines, _reader(texts, desk))
    return replace(document, lines=tuple(lines))


def _reader(texts: Sequence[str], desk: DraftingService) -> SentenceClassifier:
    words = load_words()
    return SentenceClassifier(words.get(find_language(texts, desk.catalog.lexicon)) or words["en"])


def _drafter(
    desk: DraftingService, texts: Sequence[str], time: str | None, today: date, known: str | None
) -> Drafter:
    language = find_language(texts, desk.catalog.lexicon)
    source = desk.catalog.library.sources.get(known or "")
    actor = source.actor if source else None
    label = desk.catalog.vocabulary.label(actor) if actor else "The document"
    itself = f"{label[:1].lower()}{label[1:]} itself"
    return Drafter(_reader(texts, desk), Tagger(desk.catalog, language), today, time, itself)


def _naming(document: Document, desk: DraftingService, wanted: Wanted) -> Naming:
    stem = document.file.rpartition(".")[0] or document.file
    known = (s.title for s in desk.catalog.library.sources.values() if s.sha256 == document.sha256)
    title = wanted.title or next(known, None) or document.title
    title = title or _top_heading(document.lines) or stem
    idle = desk.catalog.vocabulary.function_words["en"]
    if wanted.slug in desk.names:
        raise SettingsError(f"The slug {wanted.slug} is taken. Choose another one.")
    return Naming(wanted.slug or slugify(title, slugify(stem, "draft"), idle), title, idle)


def _top_heading(lines: Sequence[Line]) -> str | None:
    """A heading that stands above everything is the document's title."""
    first = next((line for line in lines if line.role is not Role.BLANK), None)
    return first.text if first and first.role is Role.HEADING else None


def _next_id(taken: set[str]) -> str:
    numbers = [int(name[1:]) for name in taken if name[:1] == "S" and name[1:].isdecimal()]
    return f"S{max(numbers, default=0) + 1}"


def _kinds(sections: Sequence[Section]) -> Mapping[str, int]:
    return Counter(s.kind.value for section in sections for s in section.statements)


_TEXT = """\
# A new brief. It is refused until nothing begins with {mark}; docs/curating.md explains each key.
slug: {slug} # the file's name
title: {title} # up to 70 characters
aliases: [] # other names that open it word for word
asks: # questions that the whole brief answers
  - {mark} the plainest question
owner: {owner}
reviewed: {today} # when somebody last read it against its sources
review_every_days: 180
gist: # one sentence on top
  text: {mark} one sentence in your own words
  citations: [{mark}] # the lines it rests on: S1:8 or S1:8-9
snippets:
  - id: {slug}-first # its name, taken by no other snippet
    text: {mark} one or two sentences in your own words, up to 300 characters
    kind: claim # fact, claim, impact, reaction, outlook or open-question
    actors: [{actors}] # whom it is about: config/vocabulary/actors.yaml
    aspects: [{aspects}] # what it is about: config/vocabulary/aspects.yaml
    citations: [{mark}]
    asks: # five to eight, as different as people ask them
      - {mark} a question that this statement answers
# A forecast or an open question also needs:
#   attribution: who holds it, as the document says
#   look_again: 2027-01-31
# A statement of another brief:
# - ref: its-id
"""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is known of a brief before it is written."""

    slug: str
    title: str | None = None
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    owner: str = "curators"

    def render(self, today: date) -> str:
        """The file's text."""
        return _TEXT.format(
            mark=MARK,
            slug=self.slug,
            title=_quoted(self.title) if self.title else f"{MARK} what people read on top",
            owner=_quoted(self.owner),
            today=today,
            actors=", ".join(self.actors),
            aspects=", ".join(self.aspects),
        )


def find_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> list[str]:
    """Why this brief cannot be begun, each with what to do."""
    return [
        *_name_problems(skeleton, catalog, taken),
        *_unknown(skeleton.actors, Group.ACTOR, "actors.yaml", catalog),
        *_unknown(skeleton.aspects, Group.ASPECT, "aspects.yaml", catalog),
    ]


def _name_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> Iterator[str]:
    names = {skeleton.slug, f"{skeleton.slug}-first"} & set(taken)
    if names:
        yield f"{', '.join(sorted(names))}: the name is taken. Choose another slug."
        return
    for text in filter(None, (skeleton.slug, skeleton.title)):
        opened = catalog.shortcut(" ".join(text.lower().replace("-", " ").split()))
        if opened and opened.brief:
            yield f"'{text}' also opens the brief {opened.id}. Choose another one."


def _unknown(names: Iterable[str], group: Group, file: str, catalog: Catalog) -> Iterator[str]:
    known = [c.id for c in catalog.vocabulary.concepts.values() if c.group is group]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3)
            advice = f"Did you mean {', '.join(near)}?" if near else f"Add it to {file} first."
            yield f"'{name}' is not in config/vocabulary/{file}. {advice}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
