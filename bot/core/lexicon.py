"""The vocabulary, compiled: which concept a word or phrase names, in five languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import Stemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.normalize import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.core.normalize import Word

LANGUAGES = ("en", "es", "de", "zh", "ja")
_STEMMERS = {
    "en": Stemmer.Stemmer("english"),
    "es": Stemmer.Stemmer("spanish"),
    "de": Stemmer.Stemmer("german"),
}


class Group(StrEnum):
    """What role a concept plays in a question."""

    ACTOR = "actor"
    ASPECT = "aspect"
    TOPIC = "topic"
    INTENT = "intent"
    DETAIL = "detail"
    """A kind of information asked for: a number, a date, names."""
    DOMAIN = "domain"
    """What the whole library is about: naming it says little."""
    OUTSIDE = "outside"
    """Near the library's subject; not covered unless a snippet names it."""
    COMMAND = "command"
    """Attempts to give the bot orders; never covered."""


_EXACT = frozenset({Group.OUTSIDE, Group.COMMAND, Group.DETAIL})
"""Their forms are taken as they stand: "shares of" is not "sharing of"."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of the vocabulary; `forms` has for each language what people call it."""

    id: str
    group: Group
    label: str
    forms: Mapping[str, tuple[str, ...]]
    parents: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Concepts that it names as well: "Washington" names the US."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All concepts and word lists of a config folder."""

    concepts: Mapping[str, Concept]
    stopwords: Mapping[str, frozenset[str]]
    """For each language, words that carry no topic."""
    chatter: frozenset[str]
    """Words of courtesy and office talk: no topic either, and no sign of another one."""
    spellings: Mapping[str, str]
    """Chat spellings and what they stand for: "govt" -> "government"."""
    dictionary: frozenset[str]
    """Ordinary English words: they are never taken for a misspelling of another one."""
    version: str = ""

    def label(self, concept: str) -> str:
        """The concept's name for people."""
        return self.concepts[concept].label if concept in self.concepts else concept

    def lineage(self, concept: str) -> tuple[str, ...]:
        """The concept and its ancestors, nearest first."""
        found = [concept]
        for each in found:
            if each in self.concepts:
                found.extend(p for p in self.concepts[each].parents if p not in found)
        return tuple(found)


@lru_cache(maxsize=65536)
def stem(word: str, language: str = "en") -> str:
    """The word's stem by Snowball's rules for the language."""
    return str(_STEMMERS[language].stemWord(word))


@dataclass(frozen=True, slots=True)
class Hit:
    """What stands at one place of a text: the concepts named there, or the plain word."""

    concepts: tuple[str, ...]
    word: str
    raw: str
    clause: int


@dataclass(slots=True)
class _Trie:
    """Phrases by their first key; longest first."""

    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = field(default_factory=dict)

    def add(self, keys: tuple[str, ...], concepts: tuple[str, ...]) -> None:
        bucket = self.phrases.setdefault(keys[0], [])
        for index, (rest, known) in enumerate(bucket):
            if rest == keys[1:]:
                bucket[index] = (rest, tuple(dict.fromkeys(known + concepts)))
                return
        bucket.append((keys[1:], concepts))
        bucket.sort(key=lambda entry: -len(entry[0]))


class Lexicon:
    """A vocabulary ready for scanning text; `words` are the library's own words."""

    def __init__(self, vocabulary: Vocabulary, words: frozenset[str] = frozenset()) -> None:
        self.vocabulary = vocabulary
        self._trie = _Trie()
        self._cjk: dict[str, tuple[str, ...]] = {}
        surfaces = set(words)
        for concept in vocabulary.concepts.values():
            for language, forms in concept.forms.items():
                for form in forms:
                    self._add(concept, language, form, surfaces)
        self._cjk_longest = max(map(len, self._cjk), default=0)
        surfaces |= vocabulary.stopwords.get("en", frozenset())
        self._known = (
            surfaces | vocabulary.chatter | vocabulary.dictionary | vocabulary.spellings.keys()
        )
        self._foreign = {
            language: frozenset(vocabulary.stopwords.get(language, frozenset()))
            for language in ("es", "de")
        }
        self._speller = _Speller(surfaces, words)

    def _add(self, concept: Concept, language: str, form: str, surfaces: set[str]) -> None:
        concepts = (concept.id, *concept.also)
        if language in {"zh", "ja"}:
            folded = "".join(word.text for word in split(form))
            self._cjk[folded] = tuple(dict.fromkeys(self._cjk.get(folded, ()) + concepts))
            return
        exact = form.startswith("=") or concept.group in _EXACT
        words = [word.text for word in split(form)]
        if not words:
            return
        if language == "en":
            surfaces.update(words)
        prefix = "" if language == "en" else f"{language}:"
        keys = tuple(f"={w}" if exact else prefix + stem(w, language) for w in words)
        self._trie.add(keys, concepts)

    def language(self, words: Sequence[Word]) -> str:
        """The language a message is most likely in: `en` unless its words say otherwise."""
        cjk = "".join(word.text for word in words if word.cjk)
        if cjk:
            kana = sum("\u3040" <= char <= "\u30ff" for char in cjk)
            return "ja" if kana else "zh"
        english = self.vocabulary.stopwords.get("en", frozenset())
        votes = {
            language: sum(w.text in stop and w.text not in english for w in words)
            for language, stop in self._foreign.items()
        }
        votes["en"] = sum(word.text in english for word in words)
        return max(("en", "es", "de"), key=lambda language: votes[language])

    def scan(self, words: Sequence[Word], language: str = "en") -> list[Hit]:
        """Read words from left to right, longest phrase first."""
        hits: list[Hit] = []
        spelt = [word if word.cjk else self._respell(word, language) for word in words]
        flat = [part for parts in map(self._expand, spelt) for part in parts]
        keys = [self._keys(word, language) for word in flat]
        at = 0
        while at < len(flat):
            word = flat[at]
            if word.cjk:
                hits.extend(self._cut(word))
                at += 1
                continue
            length, concepts = self._longest(keys, at)
            span = flat[at : at + length] if length else [word]
            hits.append(
                Hit(
                    concepts,
                    " ".join(w.text for w in span),
                    " ".join(w.raw for w in span),
                    word.clause,
                )
            )
            at += length or 1
        return hits

    def _expand(self, word: Word) -> tuple[Word, ...]:
        meaning = None if word.cjk else self.vocabulary.spellings.get(word.text)
        if not meaning:
            return (word,)
        return tuple(
            type(word)(part.text, word.raw if len(meaning.split()) == 1 else part.raw, word.clause)
            for part in split(meaning)
        )

    def _respell(self, word: Word, language: str) -> Word:
        if language != "en" or word.text in self._known or not word.text.isalpha():
            return word
        if stem(word.text) in self._trie.phrases:
            return word
        better = self._speller.correct(word.text)
        return type(word)(better, word.raw, word.clause) if better else word

    def _keys(self, word: Word, language: str) -> tuple[str, ...]:
        text = word.text
        own: tuple[str, ...] = (f"={text}", stem(text))
        if language == "en" and text in self._known:
            return own
        others = (language,) if language in {"es", "de"} else ("es", "de")
        if text in self.vocabulary.stopwords.get(language, ()) and language != "en":
            own = ()
        return own + tuple(f"{other}:{stem(text, other)}" for other in others)

    def _longest(self, keys: Sequence[tuple[str, ...]], at: int) -> tuple[int, tuple[str, ...]]:
        best: tuple[int, tuple[str, ...]] = (0, ())
        for key in keys[at]:
            for rest, concepts in self._trie.phrases.get(key, ()):
                if len(rest) + 1 <= best[0]:
                    break
                if at + len(rest) < len(keys) and all(
                    part in keys[at + 1 + i] for i, part in enumerate(rest)
                ):
                    best = (len(rest) + 1, concepts)
                    break
        return best

    def _cut(self, word: Word) -> list[Hit]:
        """Cut a run of Chinese or Japanese at the longest known words; the rest is dropped."""
        hits: list[Hit] = []
        at, text = 0, word.text
        unknown = ""
        while at < len(text):
            for size in range(min(self._cjk_longest, len(text) - at), 0, -1):
                if concepts := self._cjk.get(text[at : at + size]):
                    piece = text[at : at + size]
                    hits.append(Hit(concepts, piece, piece, word.clause))
                    at += size
                    break
            else:
                unknown += text[at]
                at += 1
                continue
        return hits


class _Speller:
    """Finds the known word that a misspelt one most likely stands for."""

    def __init__(self, words: Iterable[str], preferred: frozenset[str]) -> None:
        self._preferred = preferred
        self._buckets: dict[tuple[str, int], list[str]] = {}
        for word in sorted(words):
            if len(word) > 3 and word.isalpha() and word.isascii():  # noqa: PLR2004
                self._buckets.setdefault((word[0], len(word)), []).append(word)

    def correct(self, word: str) -> str | None:
        """The nearest word: one slip in 4 or 5 letters, two in 6 to 9, three in longer ones.

        Of equally near words the library's own come first.
        """
        size = len(word)
        if size < 4:  # noqa: PLR2004
            return None
        allowed = 1 if size <= 5 else 2 if size <= 9 else 3  # noqa: PLR2004
        choices = [
            choice
            for first in sorted({word[0], word[1]})
            for length in range(size - allowed, size + allowed + 1)
            for choice in self._buckets.get((first, length), ())
        ]
        near = process.extract(word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        if not near:
            return None
        return min(
            near, key=lambda n: (n[1], n[0] not in self._preferred, n[0][0] != word[0], n[0])
        )[0]
