"""A paragraph -> its sentences, each with its lines; the only file that knows sentencex."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import sentencex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.curating.draft.lines import Block


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
    for piece in sentencex.segment("en", text):
        yield start, start + len(piece)
        start += len(piece)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; the text itself where there is none."""
    return [text[a:b].strip() for a, b in _spans(text) if text[a:b].strip()] or [text]
