"""Which known word a misspelt one stands for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MIN_CHARS = 4
"""Shorter words are too near to each other to be mistaken for one another."""
LONG_CHARS = 6
"""From so many letters on a word is recognised with two slips."""
LIKELY_LISTS = 2
"""Words of three letters are recognised from the first two lists only."""


class Speller:
    """Corrects words by the optimal string alignment distance: slips, swaps, gaps."""

    def __init__(self, counts: Mapping[str, int], lists: Sequence[Iterable[str]]) -> None:
        """Take words with how often they are used, then lists of others, the likeliest first.

        They are sorted when the first mistake is met.
        """
        self._counts = counts
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
        return best[-1]

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
