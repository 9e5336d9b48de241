"""Is a library fit to answer from? Every finding names file, line and what to do."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.terms import stem
from bot.answering.text import fold, read_words
from bot.curating.golden import check_asks, check_standing
from bot.errors import DocumentError, Finding
from bot.library.loader import SOURCES_FILE
from bot.library.model import FORWARD_LOOKING, Kind, Verdict
from bot.library.schema import OutcomeFile, SnippetFile, parse_citation
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from bot.library.loader import BriefDocument, LoadedLibrary
    from bot.library.model import Citation, Library, Source
    from bot.library.vocabulary import Vocabulary

MAX_COPIED_WORDS = 7
"""Eight or more words in a row as in the document are a copy."""
_COUNTED_WORD = re.compile(r"[\w.+-]+@[\w.-]+|https?://\S+|\d[\d.,:]*\d|\w+")
MIN_SHARED_WORDS = 2
"""A snippet shares at least that many word stems or concepts with the lines it cites."""
MAX_SENTENCES = 2
_SENTENCE_END = re.compile(r"(?<!\.\w)[.!?](?:\s|$)")
"""Not the end of "a.m." or "U.S."."""


def read_documents(library: Library, folder: Path) -> dict[str, bytes | None]:
    """The bytes of each source's file, None where the file is missing.

    Raises:
        DocumentError: There is no such folder.
    """
    if not folder.is_dir():
        raise DocumentError(
            f"There is no folder {folder}. --documents takes the documents' folder."
        )
    return {
        source.id: path.read_bytes() if (path := folder / source.file).is_file() else None
        for source in library.sources.values()
    }


def check_library(
    loaded: LoadedLibrary,
    catalog: Catalog,
    today: date,
    documents: Mapping[str, bytes | None] | None = None,
) -> list[Finding]:
    """Every finding, in the order of files and lines; references were resolved while loading."""
    findings = [*_aliases(loaded), *_review(loaded, today), *_forecasts(loaded, today)]
    findings += _tags(loaded, catalog.vocabulary)
    findings += _lengths(loaded)
    findings += map(_warning, (*_cut_texts(loaded), *_double_asks(loaded)))
    findings += check_asks(loaded, catalog, today)
    findings += check_standing(loaded, catalog, today)
    if documents is not None:
        findings += _against_documents(loaded, catalog, documents)
    return sorted(findings)


def _entries(loaded: LoadedLibrary) -> Iterator[tuple[BriefDocument, int, SnippetFile]]:
    for each in loaded.briefs:
        for index, entry in enumerate(each.entries):
            if isinstance(entry, SnippetFile):
                yield each, index, entry


def _aliases(loaded: LoadedLibrary) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for each in loaded.briefs:
        brief = each.brief
        for path, name in (
            (("slug",), brief.slug),
            (("title",), brief.title),
            *((("aliases", i), alias) for i, alias in enumerate(brief.aliases)),
        ):
            key = " ".join(word.text for word in read_words(name))
            owner = owners.setdefault(key, brief.slug)
            if owner != brief.slug:
                message = f"'{name}' also names the brief {owner}."
                yield each.document.finding(path, message, "Keep it in one of the two.")


def _review(loaded: LoadedLibrary, today: date) -> Iterator[Finding]:
    for each in loaded.briefs:
        brief = each.brief
        if brief.reviewed > today:
            message = f"It was reviewed in the future, on {brief.reviewed}."
            yield each.document.finding(("reviewed",), message, "Correct the date.")
        elif brief.review_by < today:
            message = f"Its review was due on {brief.review_by}."
            fix = "Read it against its sources and set the date of today."
            yield _warning(each.document.finding(("reviewed",), message, fix))
    for each, index, entry in _entries(loaded):
        at = ("snippets", index)
        if entry.review_by and entry.review_by < today:
            message = f"The review of {entry.id} was due on {entry.review_by}."
            fix = "Read it against its sources and set a later date."
            yield _warning(each.document.finding((*at, "review_by"), message, fix))
        if entry.expires and entry.expires < today:
            message = f"{entry.id} has expired on {entry.expires} and is not shown."
            fix = "Write what holds now, set a later date, or remove it."
            yield _warning(each.document.finding((*at, "expires"), message, fix))


def _warning(finding: Finding) -> Finding:
    return replace(finding, level="warning")


def _forecasts(loaded: LoadedLibrary, today: date) -> Iterator[Finding]:
    for each, index, entry in _entries(loaded):
        at = ("snippets", index)
        if entry.kind in FORWARD_LOOKING:
            if not entry.attribution:
                message = f"{entry.id} looks ahead and does not say who holds it."
                yield each.document.finding(at, message, "Add an attribution.")
            if entry.look_again and entry.look_again <= today and entry.outcome == "open":
                message = f"{entry.id} was to be looked at again on {entry.look_again}."
                fix = "Add a sourced outcome or a later date."
                yield _warning(each.document.finding((*at, "look_again"), message, fix))
            if entry.kind is Kind.OPEN_QUESTION and _verdict(entry):
                message = f"{entry.id} is a question: it cannot come true."
                there = (*at, "outcome", "verdict")
                yield each.document.finding(there, message, "Remove the verdict.")
        elif entry.outcome != "open" or entry.look_again:
            message = f"{entry.id} is a {entry.kind.value} and cannot have an outcome."
            fix = "Make it an outlook or an open-question, or remove outcome and look_again."
            yield each.document.finding(at, message, fix)


def _verdict(entry: SnippetFile) -> Verdict | None:
    return entry.outcome.verdict if isinstance(entry.outcome, OutcomeFile) else None


def _tags(loaded: LoadedLibrary, vocabulary: Vocabulary) -> Iterator[Finding]:
    for each, index, entry in _entries(loaded):
        for key, group, file in (
            ("actors", Group.ACTOR, "actors.yaml"),
            ("aspects", Group.ASPECT, "aspects.yaml"),
        ):
            for name in getattr(entry, key):
                known = vocabulary.concepts.get(name)
                if known is None or known.group is not group:
                    message = f"{entry.id}: '{name}' is not in {file}."
                    fix = f"Correct it or add it to config/vocabulary/{file}."
                    yield each.document.finding(("snippets", index, key), message, fix)


def _lengths(loaded: LoadedLibrary) -> Iterator[Finding]:
    for each, index, entry in _entries(loaded):
        if len(_SENTENCE_END.findall(entry.text)) > MAX_SENTENCES:
            message = f"{entry.id} has more than {MAX_SENTENCES} sentences."
            yield each.document.finding(("snippets", index, "text"), message, "Split it.")


def _cut_texts(loaded: LoadedLibrary) -> Iterator[Finding]:
    """Texts and asks that a ` #` ends before they were meant to."""
    for each in loaded.briefs:
        if " #" not in each.document.text:
            continue
        for path in _texts(each):
            if rest := each.document.comment_after(path):
                message = f"'{rest[:40]}' is a comment and no part of the text before it."
                fix = "Put the text in quotes, or the comment on a line of its own."
                yield each.document.finding(path, message, fix)


def _texts(each: BriefDocument) -> Iterator[tuple[int | str, ...]]:
    yield ("title",)
    yield "gist", "text"
    yield from (("asks", number) for number in range(len(each.brief.asks)))
    for index, entry in enumerate(each.entries):
        if isinstance(entry, SnippetFile):
            yield "snippets", index, "text"
            yield from (("snippets", index, "asks", n) for n in range(len(entry.asks)))


def _double_asks(loaded: LoadedLibrary) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for each in loaded.briefs:
        asked = [(("asks", n), each.brief.slug, ask) for n, ask in enumerate(each.brief.asks)]
        for index, entry in enumerate(each.entries):
            if isinstance(entry, SnippetFile):
                asked += [
                    (("snippets", index, "asks", n), entry.id, ask)  # type: ignore[misc]
                    for n, ask in enumerate(entry.asks)
                ]
        for path, name, ask in asked:
            key = " ".join(word.text for word in read_words(ask))
            owner = owners.get(key)
            owners.setdefault(key, name)
            if owner is not None:
                message = f"The ask '{ask}' is written twice: it is one of {owner} already."
                yield each.document.finding(path, message, "Keep it once.")


def _against_documents(
    loaded: LoadedLibrary, catalog: Catalog, documents: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    texts: dict[str, list[str]] = {}
    for source in loaded.library.sources.values():
        raw = documents.get(source.id)
        yield from _file_faults(loaded, source, raw)
        texts[source.id] = raw.decode("utf-8", "replace").splitlines() if raw else []
    cited: Counter[tuple[str, int]] = Counter()
    for each, path, text, citations in _statements(loaded):
        lines = [(c.source, n) for c in citations for n in range(c.first, c.last + 1)]
        cited.update(lines)
        quoted = [texts[s][n - 1] for s, n in lines if n <= len(texts.get(s, ()))]
        if any(texts.get(source) for source, _ in lines):  # else its file is missing: said once
            yield from _substance(each, path, text, quoted, catalog)
        yield from _copies(each, path, text, texts)
    yield from _uncited(loaded, texts, cited)


def _file_faults(loaded: LoadedLibrary, source: Source, raw: bytes | None) -> Iterator[Finding]:
    document = loaded.sources
    if raw is None:
        message = f"{source.id}: there is no file {source.file}."
        yield document.finding((source.id, "file"), message, "Correct the name or the folder.")
        return
    if hashlib.sha256(raw).hexdigest() != source.sha256:
        message = f"{source.id}: the file is not the one that was cited (another sha256)."
        fix = "Check its citations, then put in the new sha256."
        yield document.finding((source.id, "sha256"), message, fix)
    found = len(raw.decode("utf-8", "replace").splitlines())
    if found != source.lines:
        message = f"{source.id}: the file has {found} lines and not {source.lines}."
        yield document.finding((source.id, "lines"), message, "Put in the right number.")


def _statements(
    loaded: LoadedLibrary,
) -> Iterator[tuple[BriefDocument, tuple[int | str, ...], str, Sequence[Citation]]]:
    for each in loaded.briefs:
        gist = each.brief.gist
        yield each, ("gist",), gist.text, [*map(parse_citation, gist.citations)]
    for each, index, entry in _entries(loaded):
        citations = [*map(parse_citation, entry.citations)]
        yield each, ("snippets", index), entry.text, citations
        if isinstance(entry.outcome, OutcomeFile):
            told = [*map(parse_citation, entry.outcome.citations)]
            yield each, ("snippets", index, "outcome"), entry.outcome.text, told


def _substance(
    each: BriefDocument,
    path: tuple[int | str, ...],
    text: str,
    quoted: Iterable[str],
    catalog: Catalog,
) -> Iterator[Finding]:
    shared = _substances(text, catalog) & _substances(" ".join(quoted), catalog)
    if len(shared) < MIN_SHARED_WORDS:
        message = f"'{text[:40]}...' shares hardly a word with the lines it cites."
        fix = "Check the citation, or word it closer to the source."
        yield _warning(each.document.finding(path, message, fix))


def _substances(text: str, catalog: Catalog) -> set[str]:
    words = read_words(text)
    vocabulary = catalog.vocabulary
    stop = vocabulary.function_words["en"]
    found = {stem(word.text) for word in words if word.text not in stop}
    for hit in catalog.lexicon.scan(words):
        found.update(hit.concepts)
    return found


def _copies(
    each: BriefDocument,
    path: tuple[int | str, ...],
    text: str,
    texts: Mapping[str, Sequence[str]],
) -> Iterator[Finding]:
    size = MAX_COPIED_WORDS + 1
    runs = set(_runs(text, size))
    for source, lines in texts.items():
        for number, line in enumerate(lines, 1):
            if copied := next((run for run in _runs(line, size) if run in runs), None):
                shown = f"'{' '.join(copied)}'"
                message = (
                    f"{shown} and more: {size} or more words are copied from {source}:{number}."
                )
                yield each.document.finding(path, message, "Say it in your own words.")


def _runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    """So many words in a row, from each place; an address or a figure counts as one word."""
    words = _COUNTED_WORD.findall(fold(text))
    yield from (tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def _uncited(
    loaded: LoadedLibrary, texts: Mapping[str, Sequence[str]], cited: Counter[tuple[str, int]]
) -> Iterator[Finding]:
    for source in loaded.library.sources.values():
        for number, line in enumerate(texts[source.id], 1):
            if line.strip() and number not in source.headings and not cited[source.id, number]:
                message = f"{source.id}:{number} is cited by no snippet."
                fix = "Write a snippet for it, or list it as a heading."
                yield Finding(SOURCES_FILE, loaded.sources.line((source.id,)), message, fix)
