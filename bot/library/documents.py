"""The documents that briefs cite, where they are at hand: their lines can be quoted and shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from bot.library.model import Citation, Source

MAX_QUOTE_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Quote:
    """The cited lines of a document, as they stand there."""

    citation: Citation
    text: str
    """At most `MAX_QUOTE_CHARS`, cut with an ellipsis."""


class Documents:
    """The files of a folder; one that is not the document that was cited is never shown."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is None where the documents are not at hand."""
        self._folder = folder
        self._known: dict[str, tuple[str, ...]] = {}

    def lines(self, source: Source) -> tuple[str, ...] | None:
        """The lines of a document; None where it is missing or has another sha256."""
        if source.sha256 not in self._known:
            raw = self._read(source.file)
            if raw is None or hashlib.sha256(raw).hexdigest() != source.sha256:
                return None
            self._known[source.sha256] = tuple(raw.decode("utf-8", "replace").splitlines())
        return self._known[source.sha256]

    def quotes(self, citations: Iterable[Citation], sources: Mapping[str, Source]) -> list[Quote]:
        """The first few citations that can be quoted, each once."""
        found = (self._quote(c, sources.get(c.source)) for c in dict.fromkeys(citations))
        return [quote for quote in found if quote][:4]

    def _quote(self, citation: Citation, source: Source | None) -> Quote | None:
        lines = self.lines(source) if source else None
        text = " ".join(filter(None, _cited(lines or (), citation)))
        if len(text) > MAX_QUOTE_CHARS:
            text = text[: MAX_QUOTE_CHARS - 1].rstrip() + "…"
        return Quote(citation, text) if text else None

    def _read(self, name: str) -> bytes | None:
        if self._folder is None or "/" in name or "\\" in name:
            return None
        try:
            return (self._folder / name).read_bytes()
        except (OSError, ValueError):
            return None


def _cited(lines: tuple[str, ...], citation: Citation) -> Iterator[str]:
    for line in lines[citation.first - 1 : citation.last]:
        yield " ".join(line.split())
