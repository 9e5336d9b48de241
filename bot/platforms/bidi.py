"""Marks that turn the direction of text: closed where they were opened.

What is left open would turn what stands after it: a button's label, the name of the next writer.
https://unicode.org/reports/tr9/#Explicit_Directional_Embeddings
"""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSERS: Final = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""An opening mark -> the one that closes it."""


def close_bidi(text: str) -> str:
    """The text with every opened mark closed at its end, and closing ones without any left out."""
    if text.isascii() or not _MARKS.search(text):
        return text
    parts: list[str] = []
    opened: list[str] = []
    for char in text:
        if char in _CLOSERS:
            opened.append(_CLOSERS[char])
        elif _MARKS.match(char):
            if not opened or opened[-1] != char:
                continue
            opened.pop()
        parts.append(char)
    return "".join(parts + opened[::-1])
