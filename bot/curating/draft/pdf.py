"""PDF -> lines; the only file that knows pypdf."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from typing import TYPE_CHECKING

import pypdf

from bot.curating.draft.lines import Extracted, clean, read_lines
from bot.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_PAGES, MIN_SHARE = 3, 0.6
"""A first or last line that stands on this share of the pages is a running head."""
_DIVIDED = re.compile(r"[a-z]{2}-$")
_DIGITS = re.compile(r"\d+")


def read_pdf(name: str, raw: bytes) -> Extracted:
    """The text of every page, without running heads.

    Raises:
        DocumentError: It is encrypted, damaged, or has pictures of pages only.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        pages, title = _open(raw)
    except pypdf.errors.FileNotDecryptedError:
        raise DocumentError(
            f"{name} is protected by a password. Save a copy without one."
        ) from None
    except Exception as error:  # noqa: BLE001 - pypdf raises many things on damaged files
        raise DocumentError(
            f"{name} cannot be read as PDF: {str(error) or type(error).__name__}. "
            "Save it anew, or export it as text."
        ) from None
    texts = _joined([text for page in _without_heads(pages) for text in page])
    if not any(any(c.isalpha() for c in text) for text in texts):
        raise DocumentError(
            f"{name} has no text, only pictures of pages. Run it through text recognition (OCR) "
            "first, for example with ocrmypdf."
        )
    return Extracted(tuple(read_lines(texts)), clean(str(title)) if title else None)


def _open(raw: bytes) -> tuple[list[list[str]], object]:
    reader = pypdf.PdfReader(io.BytesIO(raw))
    if reader.is_encrypted:
        reader.decrypt("")  # many are encrypted only against changes
    pages = [_page(page) for page in reader.pages]
    return pages, reader.metadata.title if reader.metadata else None


def _page(page: pypdf.PageObject) -> list[str]:
    return [clean(line) for line in page.extract_text().splitlines()]


def _joined(texts: Sequence[str]) -> list[str]:
    """Lines where a word that was divided at a line's end stands whole at that end."""
    joined: list[str] = []
    for text in texts:
        before, left = joined[-1] if joined else "", text
        if _DIVIDED.search(before) and text[:1].islower():
            rest, _, left = text.partition(" ")
            joined[-1] = f"{before[:-1]}{rest}"
        if left or not before:
            joined.append(left)
    return joined


def _without_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without what stands at the top or the bottom of most of them."""
    full = [[line for line in page if line] for page in pages]
    if len(full) < MIN_PAGES:
        return list(pages)
    edges = Counter(
        _DIGITS.sub("0", line) for page in full if page for line in {page[0], page[-1]}
    )
    heads = {line for line, count in edges.items() if count >= MIN_SHARE * len(full)}
    return [
        [
            line
            for index, line in enumerate(page)
            if index not in {0, len(page) - 1} or _DIGITS.sub("0", line) not in heads
        ]
        for page in full
    ]
