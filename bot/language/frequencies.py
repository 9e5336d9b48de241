"""How rare an English word is, looked up in a sorted text without taking it apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

REMEMBERED: Final = 4096
"""Words whose level is kept at hand: people use the same few again and again."""
RAREST: Final = 9
"""The level of a word that hardly anybody uses."""


class Frequencies:
    """Words in one block of bytes, one `word` + level a line, sorted.

    The level is one digit: 0 for a word as frequent as "the", 9 for one that occurs less than once
    in thirty million words. A lookup halves the block some seventeen times; a set of all the words
    would take ten times the memory and 50 ms of every start.
    """

    def __init__(self, words: bytes) -> None:
        self._words = words
        self._levels: dict[str, int | None] = {}

    def level(self, word: str) -> int | None:
        """The word's level, 0 (frequent) to 9 (rare); None where it is in no dictionary."""
        if not word.isascii():
            return None
        try:
            return self._levels[word]
        except KeyError:  # no second look: another thread may clear them meanwhile
            if len(self._levels) >= REMEMBERED:
                self._levels.clear()
            level = self._levels[word] = self._look_up(word.encode())
            return level

    def levels(self, words: Container[str]) -> dict[str, int]:
        """The levels of many words: of those that are in the dictionary."""
        lines = self._words.decode().splitlines()
        return {line[:-1]: int(line[-1]) for line in lines if line[:-1] in words}

    def _look_up(self, wanted: bytes) -> int | None:
        low, high = 0, len(self._words)
        while low < high:
            middle = (low + high) // 2
            start = self._words.rfind(b"\n", low, middle) + 1 or low
            end = self._words.find(b"\n", middle)
            end = len(self._words) if end < 0 else end
            found = self._words[start : end - 1]
            if found == wanted:
                return self._words[end - 1] - ord("0")
            if found < wanted:
                low = end + 1
            else:
                high = start
        return None

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.level(word) is not None

    def __iter__(self) -> Iterator[str]:
        """Every word, in the order of its bytes."""
        return (line[:-1].decode() for line in self._words.splitlines())
