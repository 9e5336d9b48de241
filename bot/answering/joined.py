"""Words that people write as one, or in two, read against the words of the library."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from bot.answering.text import Word

MIN_JOINED_CHARS = 6
"""Shorter words are too easily made of two others."""
MIN_PART_CHARS, MIN_OWN_CHARS = 2, 3
MAX_JOINED_CHARS = 40
MAX_PARTS = 5


def split_joined(
    words: Sequence[Word],
    known: Callable[[str], bool],
    own: Callable[[str], bool],
    idle: Collection[str],
    says: Callable[[str], bool] = bool,
) -> list[Word]:
    """`softpower` -> `soft power`, where the library says that.

    Args:
        words: The words of a message.
        known: Whether a word is spelt right.
        own: Whether the library, or what asks of one, uses it.
        idle: Function words, which may be parts too.
        says: Whether it says some words together: "deep" and "seek" do not make a "deepseek".
    """
    found: list[Word] = []
    for word in words:
        parts = () if word.cjk or known(word.text) else _parts(word.text, own, idle)
        if len(parts) > 1 and says(" ".join(parts)):
            found += [word._replace(text=part, raw=part) for part in parts]
        else:
            found.append(word)
    return found


def _parts(text: str, own: Callable[[str], bool], idle: Collection[str]) -> tuple[str, ...]:
    """The fewest words that make it up, at least one of the library's own among them."""
    if not text.isalpha() or not MIN_JOINED_CHARS <= len(text) <= MAX_JOINED_CHARS:
        return ()
    best: list[tuple[str, ...] | None] = [(), *([None] * len(text))]
    for end in range(MIN_PART_CHARS, len(text) + 1):
        for start in range(end - MIN_PART_CHARS, -1, -1):
            before = best[start]
            part = text[start:end]
            if before is None or len(before) == MAX_PARTS:
                continue
            if part not in idle and (len(part) < MIN_OWN_CHARS or not own(part)):
                continue
            there = best[end]
            if there is None or len(before) + 1 < len(there):
                best[end] = (*before, part)
    parts = best[-1] or ()
    return parts if any(part not in idle for part in parts) else ()


def join_split(words: Sequence[Word], own: Callable[[str], bool]) -> list[Word]:
    """`multi polar` -> `multipolar`, where only the whole is a word of the library."""
    found: list[Word] = []
    skip = False
    for word, after in pairwise((*words, None)):
        if skip or word is None:
            skip = False
            continue
        whole = word.text + after.text if after else ""
        skip = bool(
            after
            and word.clause == after.clause
            and not (word.cjk or after.cjk)
            and own(whole)
            and not (own(word.text) and own(after.text))
        )
        if skip and after:
            found.append(word._replace(text=whole, raw=f"{word.raw} {after.raw}"))
        else:
            found.append(word)
    return found
