"""The terms of a library's texts, as numbers; what has been met once is known at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.answering.phrase_trie import longest, stem
from bot.answering.text import read_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.lexicon import Lexicon
    from bot.answering.phrase_trie import Start


class _Met(NamedTuple):
    """A word of the library: where phrases start with it, and its terms if none does."""

    start: Start
    terms: tuple[int, ...]


class LibraryReader:
    """Numbers the terms of English texts, from 1 on, in the order in which they are met."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.ids: dict[str, int] = {}
        """The number of each term."""
        self._lexicon = lexicon
        self._words: dict[str, _Met] = {}
        self._phrases: dict[str, tuple[int, ...]] = {}
        self._spellings = lexicon.vocabulary.spellings
        self._idle = lexicon.vocabulary.function_words["en"]

    def number(self, key: str) -> int:
        """The number of a term, a new one where it is new."""
        return self.ids.setdefault(key, len(self.ids) + 1)

    def terms(self, words: Sequence[str]) -> list[int]:
        """The terms of a text, each once; `words` as `read_texts` gives them."""
        if not self._spellings.keys().isdisjoint(words):
            words = [part for word in words for part in self._as_meant(word)]
        met = [self._words.get(word) or self._meet(word) for word in words]
        found: list[int] = []
        at, end = 0, len(met)
        while at < end:
            start, terms = met[at]
            length = 0
            if start.longer and at + 1 < end and self._may_go_on(start, met[at + 1].start):
                length, concepts = longest([each.start for each in met[at:]], 0)
                if length:
                    terms = self._phrase(" ".join(words[at : at + length]), concepts)
            found += terms
            at += length or 1
        return list(dict.fromkeys(found))

    @staticmethod
    def _may_go_on(start: Start, following: Start) -> bool:
        for longer in start.longer:  # loops: this runs for every word of a library
            for key in following.keys:
                if key in longer:
                    return True
        return False

    def _as_meant(self, word: str) -> Sequence[str]:
        meaning = self._spellings.get(word)
        return read_texts(meaning) if meaning else (word,)

    def _meet(self, word: str) -> _Met:
        start = self._lexicon.english(word)
        concepts, _ = start.alone
        if concepts:
            terms = self._named(word, concepts)
        elif word in self._idle:
            terms = ()
        else:
            terms = (self.number(stem(word)),)
        met = self._words[word] = _Met(start, terms)
        return met

    def _phrase(self, phrase: str, concepts: Sequence[str]) -> tuple[int, ...]:
        known = self._phrases.get(phrase)
        if known is None:
            known = self._phrases[phrase] = self._named(phrase, concepts)
        return known

    def _named(self, phrase: str, concepts: Sequence[str]) -> tuple[int, ...]:
        keys = (*(f"@{concept}" for concept in concepts), literal(phrase))
        return tuple(map(self.number, keys))


def literal(words: str) -> str:
    """The term for the very words that name a concept."""
    return "+" + " ".join(map(stem, words.split()))
