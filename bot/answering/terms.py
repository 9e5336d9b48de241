"""Words -> terms: the forms of a vocabulary in one language, and how a library is read."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import Stemmer

from bot.answering.text import REMEMBERED, TextReader, read_form, read_texts
from bot.library.vocabulary import Group, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_ENGLISH = Stemmer.Stemmer("english")
Longer: TypeAlias = "dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]"
"""By a form's second key the other keys of each form, and its concepts."""
_NONE: tuple[str, ...] = ()
_ENDINGS: Final = re.compile(r"(?<=..)(?:ing|ed|ies|ied|es|s|e|y)+$")
"""What English words are inflected with."""


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """The English word's stem by Snowball's rules."""
    return str(_ENGLISH.stemWord(word))


class _Unstemmed:
    """Words as they are, in a language for which Snowball has no rules."""

    stemWords = list  # noqa: N815 - as in PyStemmer


class _Inflected:
    """English words by stem and bare form: a form matches its inflections.

    By the stem alone "customer" would be "customise".
    """

    @staticmethod
    def stemWords(words: Sequence[str]) -> list[str]:  # noqa: N802 - as in PyStemmer
        stems = _ENGLISH.stemWords(words)
        return [f"{key} {_bare(word)}" for word, key in zip(words, stems, strict=True)]


def _bare(word: str) -> str:
    """The word without inflection: `stopped` -> `stop`."""
    bare = _ENDINGS.sub("", word)
    return bare[:-1] if bare[-1:] == bare[-2:-1] else bare


class Start(NamedTuple):
    """A word where a form may start."""

    keys: tuple[str, ...]
    """What it can be found by."""
    alone: tuple[tuple[str, ...], str]
    """The concepts that it names by itself, and the word."""
    longer: tuple[Longer, ...]
    """The longer forms that start with it."""


NO_START = Start((), (_NONE, ""), ())
"""A word that is not looked up in the language."""


class PhraseTrie:
    """The forms of one language; a longer one is found by its first two keys.

    A key is a word's stem, or the word itself behind "=" where a form is taken as it stands.
    """

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        rules = vocabulary.languages[language].stemmer
        stemmer = Stemmer.Stemmer(rules) if rules else _Unstemmed
        self._stemmer: Any = _Inflected if language == "en" else stemmer
        stop = vocabulary.function_words.get(language, frozenset())
        idle = stop | vocabulary.chat_words if language == "en" else stop
        concepts = vocabulary.concepts.values()
        self._details = frozenset(c.id for c in concepts if c.group is Group.DETAIL)
        """They hide no concept: "cost" asks for an amount and names what a library calls so."""
        self._single: dict[str, tuple[str, ...]] = {}
        self._longer: dict[str, Longer] = {}
        forms = [
            (concept, form, read_form(form))
            for concept in vocabulary.concepts.values()
            for form in concept.forms.get(language, ())
        ]
        # All at once: one by one they take three times as long.
        words = list(idle.union(*(read for _, _, read in forms)))
        stems = dict(zip(words, self._stemmer.stemWords(words), strict=True))
        idle_stems = {stems[word] for word in idle}
        for concept, form, read in forms:
            exact = form[0] == "=" or (language == "en" and concept.group is Group.DETAIL)
            if len(read) == 1:
                # "heading" must not be found in "head": words without a topic keep their endings.
                exact = exact or stems[read[0]] in idle_stems
            self._add(concept.id, [f"={w}" if exact else stems[w] for w in read])

    def start(self, word: str) -> Start:
        """The word with the forms that it is or starts."""
        keys = (f"={word}", *self._stemmer.stemWords([word]))
        alone, stemmed = (self._single.get(key, _NONE) for key in keys)
        if all(concept in self._details for concept in alone):
            alone = (*alone, *stemmed)
        longer = tuple([self._longer[key] for key in keys if key in self._longer])
        return Start(keys, (alone, word), longer)

    def _add(self, concept: str, keys: Sequence[str]) -> None:
        if not keys:
            return
        if len(keys) == 1:
            known = self._single.get(keys[0], ())
            if concept not in known:
                self._single[keys[0]] = (*known, concept)
            return
        bucket = self._longer.setdefault(keys[0], {}).setdefault(keys[1], [])
        rest = tuple(keys[2:])
        for index, (other, concepts) in enumerate(bucket):
            if rest == other:
                if concept not in concepts:
                    bucket[index] = (rest, (*concepts, concept))
                return
        bucket.append((rest, (concept,)))


def longest(starts: Sequence[Start], at: int) -> tuple[int, tuple[str, ...]]:
    """How many words the longest form of several that starts here has, and its concepts.

    0 where there is none.
    """
    size, found, left = 0, _NONE, len(starts) - at
    if left < 2:  # noqa: PLR2004 - a longer form has two words
        return size, found
    following = starts[at + 1].keys
    for longer in starts[at].longer:
        for second in following:
            for rest, concepts in longer.get(second, ()):
                # Loops and no generator: this runs for every word of a library.
                if size < 2 + len(rest) <= left:
                    for ahead, key in enumerate(rest, at + 2):
                        if key not in starts[ahead].keys:
                            break
                    else:
                        size, found = 2 + len(rest), concepts
    return size, found


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
