"""A document -> the draft of briefs of a handy size, as YAML that a curator finishes."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.answering.catalog import Catalog
from bot.answering.text import fold
from bot.curating.draft.drafting import Drafter, without_boilerplate
from bot.curating.draft.lines import (
    Line,
    Role,
    clean,
    questions_as_headings,
    without_references,
)
from bot.curating.draft.publishing import read_sources
from bot.curating.draft.signals import (
    SentenceClassifier,
    Tagger,
    document_time,
    find_language,
    load_words,
)
from bot.curating.patching import quoted
from bot.errors import ContentError, SettingsError
from bot.library.loader import SOURCES_FILE, load_usable_library, load_usable_vocabulary
from bot.library.model import MARK, MAX_SNIPPET_CHARS, Library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.curating.draft.document_files import Document
    from bot.curating.draft.drafting import DraftStatement, Section


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
    kinds: Mapping[str, int]
    unknown: Sequence[tuple[str, int]]
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
    time = document_time(texts, today)
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


MAX_STATEMENTS = 40
"""More are more than anybody reads in one brief: the document is split by its headings."""
MAX_SLUG_CHARS = 60
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class DraftBrief:
    """One file to be."""

    slug: str
    title: str
    statements: tuple[tuple[str, DraftStatement], ...]
    """Each under its id."""


@dataclass(slots=True)
class Names:
    """Hands out names that nothing else has."""

    taken: set[str]
    _next: dict[str, int]

    @classmethod
    def beside(cls, taken: Iterable[str]) -> Names:
        """Names for use beside those that are taken."""
        return cls(set(taken), {})

    def take(self, wanted: str) -> str:
        """The wanted name, with a number behind it where it is taken."""
        name = wanted
        number = self._next.get(wanted, 2)
        while name in self.taken:
            name = f"{wanted[: MAX_SLUG_CHARS - 8].rstrip('-')}-{number}"
            number += 1
        self._next[wanted] = number
        self.taken.add(name)
        return name


def slugify(text: str, otherwise: str, idle: frozenset[str] = frozenset(), most: int = 8) -> str:
    """Lower-case words with hyphens, without idle ones; `otherwise` where nothing is left."""
    words = _WORD.findall(fold(text.replace("'", "").replace("’", "")).lower())
    telling = [word for word in words if word not in idle] or words
    slug = ""
    for word in telling[:most]:
        longer = f"{slug}-{word}" if slug else word[:MAX_SLUG_CHARS]
        if len(longer) > MAX_SLUG_CHARS:
            break
        slug = longer
    return slug or otherwise


@dataclass(frozen=True, slots=True)
class Naming:
    """How a draft's briefs are called."""

    slug: str
    title: str
    idle: frozenset[str]
    """Words that say nothing in an id."""


def make_briefs(sections: Sequence[Section], naming: Naming, names: Names) -> Iterator[DraftBrief]:
    """One brief, or several by heading where one would be too long."""
    total = sum(len(section.statements) for section in sections)
    whole = [(naming.title, [s for section in sections for s in section.statements])]
    groups = whole if total <= MAX_STATEMENTS else list(_groups(sections, naming.title))
    for title, statements in groups:
        own = naming.slug
        if len(groups) > 1:
            own = slugify(f"{naming.slug} {title}", naming.slug, naming.idle)
        slug = names.take(own)
        named = tuple((_name(s, slug, naming.idle, names), s) for s in statements)
        if named:
            yield DraftBrief(slug, clean(title)[:70].rstrip(), named)


def _groups(sections: Sequence[Section], title: str) -> Iterator[tuple[str, list[DraftStatement]]]:
    """Sections put together while they fit; one that is too long for itself is cut."""
    heading = title
    held: list[DraftStatement] = []
    for section in sections:
        if held and len(held) + len(section.statements) > MAX_STATEMENTS:
            yield heading, held
            held = []
        if not held:
            heading = section.heading or title
        held = [*held, *section.statements]
        while len(held) > MAX_STATEMENTS:
            yield heading, held[:MAX_STATEMENTS]
            held = held[MAX_STATEMENTS:]
    if held:
        yield heading, held


def _name(statement: DraftStatement, slug: str, idle: frozenset[str], names: Names) -> str:
    line = statement.spans[-1][0]
    return names.take(slugify(statement.text, f"{slug[:40]}-line-{line}", idle, 5))


_HEAD = f"""\
# A draft from {{source}}, made by aibrief draft. It is refused until no text begins with {MARK}:
# 1. Say each text in your own words, neutral, and take {MARK} away. Put together what belongs
#    together and delete what nobody will ask for; every line should stay cited by something.
# 2. Check kind, actors, aspects and attribution: they are guesses.
# 3. Write asks: five to eight questions a statement, as different as people ask them.
# 4. aibrief publish {{slug}}, and then ask it something.
"""


def write_brief(brief: DraftBrief, source: str, today: date) -> str:
    """The YAML of one brief."""
    first = brief.statements[0][1]
    gist = f"one sentence on all of this. The source begins: {first.text}"
    parts = [
        _HEAD.format(source=source, slug=brief.slug),
        f"slug: {_id(brief.slug)}\n",
        f"title: {_scalar(brief.title)}\n",
        "aliases: []\nasks: []\nowner: curators\n",
        f"reviewed: {today} # the day you finish\nreview_every_days: 180\n",
        f"gist:\n  text: {_todo(gist)}\n  citations: [{_cited(first, source)}]\n",
        "snippets:\n",
    ]
    under = ""
    for name, statement in brief.statements:
        if statement.heading != under:
            under = statement.heading
            parts.append(f"  # ---- {clean(under)[:80]}\n")
        parts.extend(_snippet(name, statement, source))
    return "".join(parts)


def _snippet(name: str, statement: DraftStatement, source: str) -> Iterator[str]:
    yield f"  - id: {_id(name)}\n"
    for note in statement.notes:
        yield f"    # {clean(note)}\n"
    todo = _todo(statement.text)
    one = statement.spans[0][0] == statement.spans[0][1]
    if todo.endswith('…"') and one:  # of a list the items follow anyway
        for line in wrap(f"In full: {clean(statement.text)[:3_000]}", 95, break_on_hyphens=False):
            yield f"    # {line}\n"
    yield f"    text: {todo}\n    kind: {statement.kind.value}\n"
    yield f"    actors: [{', '.join(statement.tags.actors)}]\n"
    yield f"    aspects: [{', '.join(statement.tags.aspects)}]\n"
    yield f"    citations: [{_cited(statement, source)}]\n"
    if statement.attribution:
        yield f"    attribution: {_scalar(statement.attribution)}\n"
    if statement.as_of:
        yield f"    as_of: {_scalar(statement.as_of)}\n"
    if statement.details:
        yield f"    details: [{', '.join(sorted(statement.details))}]\n"
    if statement.look_again:
        yield f"    look_again: {statement.look_again}\n"
    yield "    asks: []\n"


def write_source(document: Document, source: str, title: str | None, time: str | None) -> str:
    """The entry for `sources.yaml`; what is not known is null."""
    silent = [x.number for x in document.lines if x.role in {Role.HEADING, Role.RULE}]
    called = _scalar(title) if title else _todo("what this document is")
    return (
        f"{source}:\n  title: {called}\n"
        f"  publisher: {_scalar(document.author) if document.author else 'null'}\n"
        f"  published: {document.published or 'null'}\n"
        f"  dates_itself: {_scalar(time or 'undated')}\n  file: {_scalar(document.file)}\n"
        f"  sha256: {_scalar(document.sha256)}\n  lines: {len(document.lines)}\n"
        f"  headings: [{', '.join(map(str, silent))}]\n"
    )


def _cited(statement: DraftStatement, source: str) -> str:
    return ", ".join(
        f"{source}:{first}" if first == last else f"{source}:{first}-{last}"
        for first, last in statement.spans
    )


def _todo(text: str) -> str:
    whole = f"{MARK}: {clean(text)}"
    if len(whole) > MAX_SNIPPET_CHARS:
        cut = whole[: MAX_SNIPPET_CHARS - 1]
        whole = f"{cut.rpartition(' ')[0] or cut}…"
    return json.dumps(whole, ensure_ascii=False)


def _id(name: str) -> str:
    """In quotes where YAML would take it for a number, a date or a word of its own."""
    return name if name[0].isalpha() and "-" in name else quoted(name)


def _scalar(text: str) -> str:
    return quoted(clean(text)[:200].rstrip())
