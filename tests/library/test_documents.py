"""Documents that are at hand are quoted; another file of the same name never is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.library.documents import MAX_QUOTE_CHARS, Documents
from bot.library.loader import load_library
from bot.library.model import Citation

if TYPE_CHECKING:
    from pathlib import Path


def quoted(folder: Path, documents: Path | None, *citations: Citation) -> list[str]:
    sources = load_library(folder).library.sources
    return [q.text for q in Documents(documents).quotes(citations, sources)]


def test_the_cited_lines(folder: Path, documents: Path) -> None:
    one, both = Citation("S1", 2, 2), Citation("S1", 2, 3)
    cats = "Cats sleep most of the day, one study says."
    assert quoted(folder, documents, one) == [cats]
    assert quoted(folder, documents, both, one) == [f"{cats} Dogs bark at night.", cats]
    assert quoted(folder, documents, one, one) == [cats]


def test_what_is_not_the_document_is_not_quoted(folder: Path, documents: Path) -> None:
    line = Citation("S1", 2, 2)
    assert quoted(folder, None, line) == []
    assert quoted(folder, folder / "nowhere", line) == []
    assert quoted(folder, documents, Citation("S9", 1, 1), Citation("S1", 9, 9)) == []
    (documents / "pets.txt").write_text("Heading\nCats never sleep.\nDogs bark.\n")
    assert quoted(folder, documents, line) == []


def test_only_files_of_the_folder(folder: Path, documents: Path) -> None:
    inside = documents / "inside"
    inside.mkdir()
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text().replace("pets.txt", "../pets.txt"))
    assert quoted(folder, inside, Citation("S1", 2, 2)) == []


def test_a_long_line_is_cut(folder: Path, documents: Path) -> None:
    text = "word " * 200
    (documents / "pets.txt").write_text(f"Heading\n{text}\nend\n")
    (folder / "sources.yaml").write_text(
        (folder / "sources.yaml").read_text().replace(_sha(folder), _sha_of(documents))
    )
    (shown,) = quoted(folder, documents, Citation("S1", 2, 2))
    assert len(shown) <= MAX_QUOTE_CHARS
    assert shown.endswith("word…")


def _sha(folder: Path) -> str:
    return load_library(folder).library.sources["S1"].sha256


def _sha_of(documents: Path) -> str:
    return hashlib.sha256((documents / "pets.txt").read_bytes()).hexdigest()
