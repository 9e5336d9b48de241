"""Which units have a text of just these words, found by its hash: no text is kept twice."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from bot.answering.text import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bot.answering.index import Unit

_OWNER_BITS: Final = 32
_HASH: Final = (1 << 31) - 1


def key_of(text: str) -> str:
    """The words of a text as one string: equal for texts of the same words."""
    return " ".join(read_texts(text))


class ExactTexts:
    """The hashes of some texts of each unit, sorted, in one block of bytes."""

    def __init__(
        self,
        met: Iterable[tuple[int, int]],
        units: Sequence[Unit],
        texts_of: Callable[[Unit], Sequence[str]],
    ) -> None:
        """Take the hashes, and how to get at the texts again.

        Args:
            met: The hash of the words of each text, with the number of its unit.
            units: The units, in the order of the library.
            texts_of: The texts of a unit.
        """
        packed = sorted((hashed & _HASH) << _OWNER_BITS | at for hashed, at in met)
        self._packed = array("Q", packed)
        self._units = units
        self._texts_of = texts_of

    def find(self, key: str) -> Iterator[Unit]:
        """The units that have a text of just these words, in the order of the library."""
        wanted = hash(key) & _HASH
        at = bisect_left(self._packed, wanted << _OWNER_BITS)
        while at < len(self._packed) and self._packed[at] >> _OWNER_BITS == wanted:
            unit = self._units[self._packed[at] & ((1 << _OWNER_BITS) - 1)]
            if any(key_of(text) == key for text in self._texts_of(unit)):
                yield unit
            at += 1
