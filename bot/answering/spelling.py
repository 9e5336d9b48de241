"""What a word stands for that no form has: a misspelt one, or words that are joined or divided."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.language.frequencies import RAREST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.answering.text import Word


MIN_CHARS = 4
"""Shorter words are too near to each other to be mistaken for one another."""
LONG_CHARS = 6
"""From so many letters on a word is recognised with two slips."""
USUAL_LEVEL = 5
"""Down to this level a word is one that people write."""
LIKELY_LISTS = 2
"""Words of three letters are recognised from the first two lists only."""


class Speller:
    """Corrects words by the optimal string alignment distance: slips, swaps, gaps."""

    def __init__(
        self,
        counts: Mapping[str, int],
        lists: Sequence[Iterable[str]],
        level: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        """Take the words that can be meant; they are sorted when the first mistake is met.

        Args:
            counts: Words with how often they are used.
            lists: Others, the likeliest first.
            level: How rare a word of the dictionary is; None for what is no such word.
        """
        self._counts = counts
        self._level = level
        self._lists = (counts, *lists)

    def correct(self, word: str, most: int | None = None) -> str | None:
        """The nearest word: one slip in up to 5 letters, two in longer ones.

        Of equally near words the one from the likelier list, then the more frequent, is taken.

        Args:
            word: The word in lower case.
            most: How many slips at the most, where fewer than that are to be mended.
        """
        size = len(word)
        if size < MIN_CHARS - 1:
            return None
        if size < MIN_CHARS:  # "nwo": of such short words only a swap tells
            swapped = (word[1] + word[0] + word[2], word[0] + word[2] + word[1])
            if known := [each for each in swapped if each in self._ranks]:
                return min(known, key=lambda each: self._order(each, word))
        allowed = 1 if size < LONG_CHARS else 2
        allowed = allowed if most is None else min(allowed, most)
        choices = [
            choice
            for first in sorted({word[0], word[1]})
            for length in range(size - allowed, size + allowed + 1)
            for choice in self._buckets.get((first, length), ())
        ]
        near = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=None
        )
        best = min(((n[1], *self._order(n[0], word)) for n in near), default=None)
        if best is None or (size < MIN_CHARS and best[1] >= LIKELY_LISTS):
            return None
        # "lenght" is length, one slip away, and not the library's "lent", two slips away.
        return (self._one_slip_away(word) if best[0] > 1 else None) or best[-1]

    def _one_slip_away(self, word: str) -> str | None:
        """The dictionary's most frequent word but for a swap or a letter too many, if usual."""
        cuts = [(word[:at], word[at:]) for at in range(1, len(word))]
        near = {before + after[1:] for before, after in cuts}
        near.update(b[:-1] + a[0] + b[-1] + a[1:] for b, a in cuts)
        levels = {each: self._level(each) for each in near}
        found = [(level, each) for each, level in levels.items() if level is not None]
        level, likeliest = min(found, default=(RAREST, ""))
        return likeliest if level <= USUAL_LEVEL else None

    def _order(self, choice: str, word: str) -> tuple[int, bool, int, str]:
        """What makes one word likelier than another at the same distance."""
        return self._ranks[choice], choice[0] != word[0], -self._counts.get(choice, 0), choice

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """Each word that can be meant, with the number of its list."""
        ranks: dict[str, int] = {}
        for rank in reversed(range(len(self._lists))):
            ranks.update(dict.fromkeys(self._lists[rank], rank))
        return ranks

    @cached_property
    def _buckets(self) -> dict[tuple[str, int], list[str]]:
        """The words by first letter and length."""
        buckets: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._ranks):
            if len(word) >= MIN_CHARS:
                buckets.setdefault((word[0], len(word)), []).append(word)
        return buckets


MIN_JOINED_CHARS = 6
"""Shorter words are too easily made of two others."""
MIN_PART_CHARS, MIN_OWN_CHARS = 2, 3
MAX_JOINED_CHARS = 40
MAX_PARTS = 5


def split_joined(
    words: Sequence[Word],
    known: Callable[[str], bool],
    own: Callable[[str], bool],
    idle: frozenset[str],
    says: Callable[[str], bool] = bool,
) -> list[Word]:
    """`softpower` -> `soft power`, where the library says that, and `whydoes` -> `why does`.

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
        asked = idle.issuperset(parts)
        said = word.raw[:1].islower() if asked else says(" ".join(parts))  # "Andor" is a name
        if len(parts) > 1 and said:
            found += [word._replace(text=part, raw=part) for part in parts]
        else:
            found.append(word)
    return found


def _parts(text: str, own: Callable[[str], bool], idle: frozenset[str]) -> tuple[str, ...]:
    """Two function words that make it up, else the fewest words, with one of the library's."""
    if not text.isalpha() or len(text) > MAX_JOINED_CHARS:
        return ()
    halves = ((text[:at], text[at:]) for at in range(MIN_PART_CHARS, len(text) - 1))
    asked = next(filter(idle.issuperset, halves), ())
    if asked or len(text) < MIN_JOINED_CHARS:
        return asked
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
    return () if idle.issuperset(parts) else parts


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
