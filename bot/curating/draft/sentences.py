"""A paragraph -> its sentences, each with the lines that it stands on."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.curating.draft.lines import Block

_END = re.compile(r"""[.!?…]+["'”’)\]]*\s+(?=["'“‘(\[]?[^\sa-z])|[。！？]["'”’」』）]*""")
_ABBREVIATIONS = frozenset(
    {
        *("mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "inc", "ltd", "co", "corp"),
        *("fig", "eq", "approx", "al", "cf", "ca", "p", "pp", "vol", "ed", "eds"),
        *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
    }
)
_BEFORE_NUMBERS = frozenset({"no", "nos", "art", "sec", "ch"})
LONGEST = 11
"""So many characters before a stop are looked at for an abbreviation."""
_LAST_WORD = re.compile(r"([\w.]+)\.$")


class Sentence(NamedTuple):
    """A sentence and the first and last line that it stands on."""

    text: str
    first: int
    last: int


def read_sentences(block: Block) -> list[Sentence]:
    """The sentences of a block, in order; together they touch every line of it."""
    text = block.text
    starts = list(accumulate((len(line.text) + 1 for line in block.lines[:-1]), initial=0))

    def number(offset: int) -> int:
        return block.lines[bisect_right(starts, offset) - 1].number

    found: list[Sentence] = []
    for start, end in _spans(text):
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            at = start + len(piece) - len(piece.lstrip())
            found.append(Sentence(bare, number(at), number(at + len(bare) - 1)))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if not _is_abbreviation(
            text[max(start, match.start() - LONGEST) : match.start() + 1],
            text[match.end() : match.end() + 1],
        ):
            yield start, match.end()
            start = match.end()
    yield start, len(text)


def _is_abbreviation(text: str, after: str) -> bool:
    """Whether the stop at the end belongs to "U.S." or "Dr." and ends no sentence."""
    found = _LAST_WORD.search(text)
    if not found:
        return False
    word = found[1].lower()
    initials = all(len(part) == 1 for part in word.split("."))
    return (
        word in _ABBREVIATIONS
        or (word in _BEFORE_NUMBERS and after.isdecimal())
        or (initials and ("." in word or found[1].isupper()))
    )
