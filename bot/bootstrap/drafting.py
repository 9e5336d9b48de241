"""Wiring of drafting: a document and the library beside which it is drafted -> files to be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from bot.answering.catalog import Catalog
from bot.curating.draft import dates
from bot.curating.draft.briefs import Names, Naming, make_briefs, slugify
from bot.curating.draft.drafting import Drafter
from bot.curating.draft.lines import Line, Role
from bot.curating.draft.signals import Reader
from bot.curating.draft.tags import Tagger, find_language
from bot.curating.draft.words import load_words
from bot.curating.draft.writing import write_brief, write_patch, write_source
from bot.curating.patching import path_in_repository
from bot.errors import ContentError, SettingsError
from bot.library.loader import SOURCES_FILE, load_library, load_vocabulary
from bot.library.model import Library
from bot.library.yamlfile import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.curating.draft.documents import Document
    from bot.curating.draft.drafting import Section

NOTHING = Library({}, {}, {}, "")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a curator works with: the library so far, or what of it can be read."""

    briefs: Path
    config: Path
    catalog: Catalog
    problems: str = ""
    """Why the library could not be read; names are then not compared with it."""

    @property
    def names(self) -> set[str]:
        """Every slug and id that is taken."""
        library = self.catalog.library
        return {*library.briefs, *library.snippets, *(f.stem for f in self.briefs.glob("*.yaml"))}

    @property
    def sources_text(self) -> str:
        """What stands in `sources.yaml`."""
        try:
            return (self.briefs / SOURCES_FILE).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    @property
    def source_ids(self) -> set[str]:
        """The sources' ids, also where the rest of the library is broken."""
        try:
            data = parse_yaml(self.sources_text)
        except yaml.YAMLError:
            data = None
        return set(map(str, data)) if isinstance(data, dict) else set()


def open_desk(briefs: Path, config: Path) -> Desk:
    """Open the library; one that is broken or not begun keeps nobody from drafting.

    Raises:
        ContentError: The vocabulary is wrong.
    """
    vocabulary = load_vocabulary(config)
    try:
        library = load_library(briefs).library
    except ContentError as error:
        begun = any(briefs.glob("*.yaml"))
        return Desk(briefs, config, Catalog(NOTHING, vocabulary), str(error) if begun else "")
    return Desk(briefs, config, Catalog(library, vocabulary))


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
    patch: str
    kinds: Mapping[str, int] = field(default_factory=dict)
    unknown: Sequence[tuple[str, int]] = ()
    """Names that the vocabulary does not have, with how often they come."""


def draft(
    document: Document,
    desk: Desk,
    wanted: Wanted,
    today: date,
    progress: Callable[[int], None] = lambda _: None,
) -> Draft:
    """Draft from a document that was read.

    Raises:
        SettingsError: A name that is wanted is taken.
    """
    known = {s.sha256: s.id for s in desk.catalog.library.sources.values()}
    source = wanted.source or known.get(document.sha256) or _next_id(desk.source_ids)
    listed = source == known.get(document.sha256)
    if not listed and source in desk.source_ids:
        raise SettingsError(f"{source} is another document in {SOURCES_FILE}. Choose another id.")
    texts = [line.text for line in document.lines]
    time = dates.document_time(texts, today)
    drafter = _drafter(desk, texts, time, today, known.get(document.sha256))
    sections = list(drafter.sections(document.lines, progress))
    naming = _naming(document, desk, wanted)
    files = {
        f"{brief.slug}.yaml": write_brief(brief, source, today)
        for brief in make_briefs(sections, naming, Names.beside(desk.names))
    }
    title = wanted.title or document.title or _top_heading(document.lines)
    entry = "" if listed else write_source(document, source, title, time)
    patch = write_patch(desk.sources_text, entry, path_in_repository(desk.briefs / SOURCES_FILE))
    unknown = drafter.tagger.unknown_names(texts)
    return Draft(source, files, entry, patch if entry else "", _kinds(sections), unknown)


def _drafter(
    desk: Desk, texts: Sequence[str], time: str | None, today: date, known: str | None
) -> Drafter:
    language = find_language(texts, desk.catalog.lexicon)
    words = load_words()
    reader = Reader(words.get(language) or words["en"])
    actor = desk.catalog.library.sources[known].actor if known else None
    label = desk.catalog.vocabulary.label(actor) if actor else "The document"
    itself = f"{label[:1].lower()}{label[1:]} itself"
    return Drafter(reader, Tagger(desk.catalog, language), today, time, itself)


def _naming(document: Document, desk: Desk, wanted: Wanted) -> Naming:
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
