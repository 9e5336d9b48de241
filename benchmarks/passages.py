"""What a ranker without our engine would search: document lines, or the library's own texts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.scoring import Lines, cited_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.library.model import Library


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to find and the lines that it would be cited with."""

    text: str
    cited: Lines


def document_lines(library: Library, folder: Path) -> list[Passage]:
    """Every line of the documents that states something; headings are left out.

    Raises:
        ValueError: A document is missing or is not the one that the briefs rest on.
    """
    passages = []
    for source in library.sources.values():
        file = folder / source.file
        if not file.is_file():
            raise ValueError(f"there is no {source.file} in the folder of documents")
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != source.sha256:
            raise ValueError(f"{source.file} is not the text that the briefs rest on")
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if line.strip() and number not in source.headings:
                passages.append(Passage(line, frozenset({(source.id, number)})))
    return passages


def snippet_texts(library: Library) -> list[Passage]:
    """Every snippet and every gist."""
    stated = [*library.snippets.values(), *(brief.gist for brief in library.briefs.values())]
    return [Passage(snippet.text, cited_lines(snippet.citations)) for snippet in stated]


def snippet_texts_and_asks(library: Library) -> list[Passage]:
    """The same, and each title, alias and example ask as one more way to find its text."""
    return [*snippet_texts(library), *_asks(library)]


def _asks(library: Library) -> Iterator[Passage]:
    for snippet in library.snippets.values():
        for ask in snippet.asks:
            yield Passage(ask, cited_lines(snippet.citations))
    for brief in library.briefs.values():
        for name in (brief.slug, brief.title, *brief.aliases, *brief.asks):
            yield Passage(name, cited_lines(brief.gist.citations))
