"""Reads a briefs folder and a vocabulary folder; every fault is named with file and line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import ContentError, Finding
from bot.language.pack import load_pack
from bot.library.model import Library, Snippet, Source
from bot.library.schema import (
    BriefFile,
    ConceptFile,
    MustNotCoverFile,
    RefFile,
    SnippetFile,
    SourceFile,
    parse_citation,
)
from bot.library.vocabulary import (
    EACH_DOCUMENT,
    LIBRARY_ITSELF,
    Concept,
    Group,
    Vocabulary,
    parse_forms,
)
from bot.library.yaml_mistakes import tell_unknown
from bot.library.yamlfile import YamlDocument, convert, read_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.language.pack import LanguagePack

SOURCES_FILE = "sources.yaml"
MUST_NOT_COVER_FILE = "must_not_cover.yaml"
NO_BRIEFS = frozenset({SOURCES_FILE, MUST_NOT_COVER_FILE})
"""The other files of a library."""
_GROUPS = {"actors": Group.ACTOR, "aspects": Group.ASPECT, "topics": Group.TOPIC}
"""The files of a vocabulary folder, all optional."""
SHARED_FILES = NO_BRIEFS | {f"{name}.yaml" for name in _GROUPS}
"""Files that every brief rests on."""


@dataclass(frozen=True, slots=True)
class BriefDocument:
    """A brief with the file it stands in, so that a finding can name the line."""

    document: YamlDocument
    brief: BriefFile
    entries: list[SnippetFile | RefFile]


@dataclass(frozen=True, slots=True)
class LoadedLibrary:
    """A library and the files it came from."""

    library: Library
    briefs: tuple[BriefDocument, ...]
    sources: YamlDocument
    must_not_cover: tuple[str, ...] = ()
    """Questions that no brief may answer."""
    must_not_cover_file: YamlDocument | None = None


def load_library(folder: Path) -> LoadedLibrary:
    """Read `sources.yaml`, `must_not_cover.yaml` where there is one, and every brief of a folder.

    Raises:
        ContentError: The folder or a file is missing or wrong; every fault is listed.
    """
    read = _read(folder)
    library, faults = _assemble(read.sources, read.briefs)
    faults += _missing_refs(read.briefs, library.snippets)
    if read.findings or faults or read.source_file is None:
        raise ContentError(sorted(read.findings or faults))
    library = replace(library, version=read.version, must_not_cover=read.must_not_cover)
    return LoadedLibrary(
        library,
        tuple(read.briefs),
        read.source_file,
        read.must_not_cover,
        read.must_not_cover_file,
    )


def load_usable_library(folder: Path) -> Library:
    """The library without the files that are broken or unfinished; `skipped` says what is wrong.

    A reference to a statement of such a file is left out, the rest of its brief stays.

    Raises:
        ContentError: Nothing can be loaded; every fault is listed.
    """
    read = _read(folder)
    findings = [*read.findings]
    briefs = read.briefs
    while True:
        library, faults = _assemble(read.sources, briefs)
        findings += faults
        missing = list(_missing_refs(briefs, library.snippets))
        findings += missing
        if not faults and not missing:
            break
        broken = {fault.file for fault in faults}
        kept = [each for each in briefs if each.document.file not in broken]
        briefs = [with_refs for each in kept if (with_refs := _without_refs(each, library))]
    skipped = tuple(sorted(set(findings)))
    if not library.snippets:
        raise ContentError(
            skipped
            or [
                Finding(
                    str(folder), 0, "There is no brief.", "Begin one with: aibrief new my-topic"
                )
            ]
        )
    return replace(
        library, version=read.version, must_not_cover=read.must_not_cover, skipped=skipped
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """What the files of a folder hold, and what is wrong with the others."""

    sources: Mapping[str, Source]
    source_file: YamlDocument | None
    briefs: list[BriefDocument]
    must_not_cover: tuple[str, ...]
    must_not_cover_file: YamlDocument | None
    findings: list[Finding]
    version: str


def _read(folder: Path) -> _Files:
    """Read each file by itself.

    Raises:
        ContentError: There is no such folder, or it has no YAML file.
    """
    documents, findings, content = read_folder(folder)
    source_file = next((d for d in documents if d.file == SOURCES_FILE), None)
    sources: dict[str, Source] = {}
    if source_file:
        sources, faults = _sources(source_file)
        findings += faults
    elif not any(f.file == SOURCES_FILE for f in findings):
        findings.append(
            Finding(SOURCES_FILE, 0, "The file is missing.", "Describe each document in it.")
        )
    asks_file = next((d for d in documents if d.file == MUST_NOT_COVER_FILE), None)
    refused = convert(asks_file, (), asks_file.data, MustNotCoverFile) if asks_file else None
    if isinstance(refused, Finding):
        findings.append(refused)
    briefs: list[BriefDocument] = []
    for document in documents:
        if document is not source_file and document is not asks_file:
            brief, faults = _brief(document)
            findings += faults
            briefs += [brief] if brief else []
    asks = refused.asks if isinstance(refused, MustNotCoverFile) else ()
    version = hashlib.sha256(content).hexdigest()
    return _Files(sources, source_file, briefs, asks, asks_file, findings, version)


def _without_refs(each: BriefDocument, library: Library) -> BriefDocument | None:
    """The brief without references to statements that there are not; None where nothing stays."""
    entries = [e for e in each.entries if isinstance(e, SnippetFile) or e.ref in library.snippets]
    return replace(each, entries=entries) if entries else None


def load_vocabulary(folder: Path) -> Vocabulary:
    """The words of the language pack, with the concepts in `vocabulary/` of a config folder.

    A library needs no vocabulary: without such a folder only the pack's words are known.

    Raises:
        ContentError: A file is wrong; every fault is listed.
    """
    vocabulary = load_usable_vocabulary(folder)
    if vocabulary.skipped:
        raise ContentError(vocabulary.skipped)
    return vocabulary


def load_usable_vocabulary(folder: Path) -> Vocabulary:
    """The same without what is wrong in its files; `skipped` says what that is."""
    pack = load_pack()
    concepts = _neutral_concepts(pack)
    place = folder / "vocabulary"
    content = b""
    findings: list[Finding] = []
    if place.is_dir() and any(place.glob("*.yaml")):
        documents, findings, content = read_folder(place)
        for document in documents:
            if group := _GROUPS.get(document.file.removesuffix(".yaml")):
                findings += _add_concepts(document, group, concepts)
            else:
                known = ", ".join(f"{name}.yaml" for name in _GROUPS)
                findings.append(
                    Finding(document.file, 0, "Unknown file.", f"Use one of: {known}.")
                )
        findings += _dangling(documents, concepts)
    english = pack.languages["en"]
    return Vocabulary(
        concepts=concepts,
        function_words={
            code: frozenset(parse_forms(file.function_words))
            for code, file in pack.languages.items()
            if file.function_words
        },
        chat_words=frozenset(parse_forms(english.chat_words)),
        spellings=english.spellings,
        languages=pack.languages,
        dictionary=pack.dictionary,
        countries=pack.countries,
        version=hashlib.sha256(content + pack.content).hexdigest(),
        skipped=tuple(sorted(findings)),
    )


def _neutral_concepts(pack: LanguagePack) -> dict[str, Concept]:
    """What every library's questions have: intents, kinds of detail, the library itself."""
    forms: dict[tuple[str, Group], dict[str, tuple[str, ...]]] = {}
    for code, file in pack.languages.items():
        named = [
            *((f"intent-{name}", Group.INTENT, text) for name, text in file.intents.items()),
            *((f"detail-{name}", Group.DETAIL, text) for name, text in file.details.items()),
            (LIBRARY_ITSELF, Group.LIBRARY, file.library),
            (EACH_DOCUMENT, Group.LIBRARY, file.each_document),
        ]
        for name, group, text in named:
            forms.setdefault((name, group), {})[code] = parse_forms(text)
    return {
        name: Concept(name, group, name.partition("-")[2] or name, found)
        for (name, group), found in forms.items()
    }


def _sources(document: YamlDocument) -> tuple[dict[str, Source], list[Finding]]:
    if not isinstance(document.data, dict):
        return {}, [document.finding((), "Not a mapping of sources.", "Write S1: and so on.")]
    sources: dict[str, Source] = {}
    findings: list[Finding] = []
    for key, data in document.data.items():
        entry = convert(document, (key,), data, SourceFile)
        if isinstance(entry, Finding):
            findings.append(entry)
        else:
            sources[str(key)] = entry.to_source(str(key))
    return sources, findings


def _brief(document: YamlDocument) -> tuple[BriefDocument | None, list[Finding]]:
    brief = convert(document, (), document.data, BriefFile)
    given = _given(document.data) if isinstance(brief, Finding) else brief.snippets
    read = [_entry(document, index, data) for index, data in enumerate(given)]
    faults = [each for each in (brief, *read) if isinstance(each, Finding)]
    entries = [each for each in read if not isinstance(each, Finding)]
    if faults or isinstance(brief, Finding):
        return None, faults
    return BriefDocument(document, brief, entries), []


def _given(data: object) -> list[dict[str, object]]:
    """The snippets of a brief that is wrong itself, so that their faults are told as well."""
    found = data.get("snippets") if isinstance(data, dict) else None
    return [s if isinstance(s, dict) else {} for s in found] if isinstance(found, list) else []


def _entry(
    document: YamlDocument, index: int, data: dict[str, object]
) -> SnippetFile | RefFile | Finding:
    path = ("snippets", index)
    if "ref" in data:
        return convert(document, path, data, RefFile)
    return convert(document, path, data, SnippetFile)


def _add_concepts(
    document: YamlDocument, group: Group, concepts: dict[str, Concept]
) -> Iterator[Finding]:
    """Add a file's concepts; their names must be free."""
    if not isinstance(document.data, dict):
        yield document.finding((), "Not a mapping of concepts.", "Write name: and its forms.")
        return
    for name, data in document.data.items():
        entry = convert(document, (name,), data, ConceptFile)
        if isinstance(entry, Finding):
            yield entry
        elif name in concepts:
            yield document.finding(
                (name,), f"The name '{name}' is taken.", "Rename one of the two."
            )
        else:
            concepts[name] = entry.to_concept(name, group)


def _dangling(
    documents: Iterable[YamlDocument], concepts: Mapping[str, Concept]
) -> Iterator[Finding]:
    for document in documents:
        for name in document.data if isinstance(document.data, dict) else ():
            concept = concepts.get(name)
            for ref in concept.parents if concept else ():
                if ref not in concepts:
                    message = f"{name} refers to the unknown concept '{ref}'."
                    fix = tell_unknown(ref, tuple(concepts), "Correct the name.")
                    yield document.finding((name,), message, fix)
            if concept and name in _ancestors(name, concepts):
                message = f"{name} stands among its own parents."
                yield document.finding((name,), message, "Take it out of one of them.")


def _ancestors(name: str, concepts: Mapping[str, Concept]) -> list[str]:
    """The parents of a concept, theirs and so on."""
    found = list(concepts[name].parents)
    for each in found:
        parents = concepts[each].parents if each in concepts else ()
        found.extend(parent for parent in parents if parent not in found)
    return found


def _assemble(
    sources: Mapping[str, Source], briefs: Sequence[BriefDocument]
) -> tuple[Library, list[Finding]]:
    """Put the parts together, references unchecked; the version is filled in by the caller."""
    snippets: dict[str, Snippet] = {}
    findings: list[Finding] = []
    slugs: set[str] = set()
    for each in briefs:
        findings += _slug_faults(each, slugs)
        slugs.add(each.brief.slug)
        for index, entry in enumerate(each.entries):
            if isinstance(entry, SnippetFile):
                at = ("snippets", index)
                if entry.id in snippets:
                    message = f"The id '{entry.id}' is taken."
                    findings.append(each.document.finding(at, message, "Choose another one."))
                snippets[entry.id] = entry.to_snippet(each.brief.review_by)
                findings += _citation_faults(
                    each.document, (*at, "citations"), _cited(entry), sources
                )
        gist = each.brief.gist.citations
        findings += _citation_faults(each.document, ("gist", "citations"), gist, sources)
    known = {each.brief.slug: each.brief.to_brief(each.entries) for each in briefs}
    return Library(sources, snippets, known, ""), findings


def _slug_faults(each: BriefDocument, slugs: set[str]) -> Iterator[Finding]:
    slug = each.brief.slug
    if slug in slugs:
        yield each.document.finding(
            ("slug",), f"The slug '{slug}' is taken.", "Choose another one."
        )
    if each.document.file != f"{slug}.yaml":
        message = f"The slug '{slug}' is not the file's name."
        yield each.document.finding(("slug",), message, f"Rename the file to {slug}.yaml.")


def _missing_refs(
    briefs: Iterable[BriefDocument], snippets: Mapping[str, Snippet]
) -> Iterator[Finding]:
    for each in briefs:
        for index, entry in enumerate(each.entries):
            if isinstance(entry, RefFile) and entry.ref not in snippets:
                otherwise = "Name the id of a snippet that a brief defines."
                fix = tell_unknown(entry.ref, tuple(snippets), otherwise)
                message = f"There is no snippet '{entry.ref}'."
                yield each.document.finding(("snippets", index), message, fix)


def _cited(entry: SnippetFile) -> list[str]:
    told = [] if entry.outcome == "open" else entry.outcome.citations
    return [*entry.citations, *told]


def _citation_faults(
    document: YamlDocument,
    path: tuple[int | str, ...],
    citations: Iterable[str],
    sources: Mapping[str, Source],
) -> Iterator[Finding]:
    for citation in map(parse_citation, citations):
        source = sources.get(citation.source)
        if source is None:
            fix = f"Add {citation.source} to {SOURCES_FILE} or correct it."
            yield document.finding(path, f"{citation} cites an unknown source.", fix)
        elif citation.last > source.lines:
            message = f"{citation} cites a missing line: {source.id} has {source.lines} lines."
            yield document.finding(path, message, "Cite lines that exist.")
        elif citation.last < citation.first:
            yield document.finding(
                path, f"{citation} runs backwards.", "Write the smaller line first."
            )
