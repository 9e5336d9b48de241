"""The terms of a library's texts, as numbers; what has been met once is known at once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bot.answering.phrase_trie import longest, stem
from bot.answering.text import REMEMBERED, TextReader, read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.phrase_trie import PhraseTrie, Start
    from bot.library.vocabulary import Vocabulary


class _Met(NamedTuple):
    """A word of the library."""

    terms: tuple[int, ...]
    """Its terms where no phrase starts with it."""
    seconds: frozenset[str] | None
    """What may follow it in a phrase; None where no phrase starts with it."""
    start: Start


class LibraryReader:
    """Numbers the terms of English texts, from 1 on, in the order in which they are met."""

    def __init__(self, vocabulary: Vocabulary, english: PhraseTrie) -> None:
        self.ids: dict[str, int] = {}
        """The number of each term."""
        self.texts = TextReader()
        self._english = english
        self._words: dict[str, _Met] = {}
        self._phrases: dict[str, tuple[int, ...]] = {}
        self._spellings = vocabulary.spellings
        self._idle = vocabulary.function_words["en"]

    def number(self, key: str) -> int:
        """The number of a term, a new one where it is new."""
        return self.ids.setdefault(key, len(self.ids) + 1)

    def forget(self) -> None:
        """Let go of the words that were met; their numbers stay."""
        self.texts.forget()
        self._words.clear()

    def terms_with(self, word: str) -> Sequence[int] | None:
        """The terms of which a text with this word has one; None where it needs to have none."""
        if word in self._spellings:
            return None
        concepts, _ = self._english.start(word).alone
        if word in self._idle and not concepts:
            return None
        alone = self.ids.get(literal(word) if concepts else stem(word))
        within = (self._phrases[phrase][-1] for phrase in self._phrases_with.get(word, ()))
        return [*within, alone] if alone else list(within)

    @cached_property
    def _phrases_with(self) -> Mapping[str, Sequence[str]]:
        """For each word the phrases that it stands in; asked once all has been read."""
        found: dict[str, list[str]] = {}
        for phrase in self._phrases:
            for word in phrase.split():
                found.setdefault(word, []).append(phrase)
        return found

    def terms(self, words: Sequence[str]) -> list[int]:
        """The terms of a text, each once; `words` as `read_texts` gives them."""
        if not self._spellings.keys().isdisjoint(words):
            words = [part for word in words for part in self._as_meant(word)]
        known = self._words
        found: list[int] = []
        met = [known.get(word) or self._meet(word) for word in words]
        last, behind = len(met) - 1, 0
        for at, (terms, seconds, _) in enumerate(met):
            if at < behind:
                continue
            if seconds and at < last and not seconds.isdisjoint(met[at + 1].start.keys):
                length, concepts = longest([each.start for each in met[at:]], 0)
                if length:
                    found += self._phrase(" ".join(words[at : at + length]), concepts)
                    behind = at + length
                    continue
            found += terms
        return list(dict.fromkeys(found))

    def _as_meant(self, word: str) -> Sequence[str]:
        meaning = self._spellings.get(word)
        return read_texts(meaning) if meaning else (word,)

    def _meet(self, word: str) -> _Met:
        start = self._english.start(word)
        concepts, _ = start.alone
        if concepts:
            terms = self._named(word, concepts)
        elif word in self._idle:
            terms = ()
        else:
            terms = (self.number(stem(word)),)
        seconds = frozenset().union(*start.longer) if start.longer else None
        if len(self._words) >= REMEMBERED:
            self._words.clear()
        met = self._words[word] = _Met(terms, seconds, start)
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
