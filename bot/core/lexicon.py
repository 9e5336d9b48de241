"""The vocabulary, compiled: which concepts the words and phrases of a text name."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import Stemmer

from bot.core.normalize import read_form, read_texts, read_words
from bot.core.vocabulary import EXACT_GROUPS, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.core.normalize import Word
    from bot.core.spelling import Speller

_STEMMERS = {
    "en": Stemmer.Stemmer("english"),
    "es": Stemmer.Stemmer("spanish"),
    "de": Stemmer.Stemmer("german"),
}


_NONE: tuple[str, ...] = ()
_Longer: TypeAlias = "dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]"
"""By a form's second key the other keys of each form, and its concepts."""
_NO_FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()


def stem(word: str, language: str = "en") -> str:
    """The word's stem by Snowball's rules for the language."""
    return str(_STEMMERS[language].stemWord(word))


class Hit(NamedTuple):
    """What stands at one place of a text: the concepts named there, or the plain word."""

    concepts: tuple[str, ...]
    word: str
    raw: str
    clause: int


def _hit(concepts: tuple[str, ...], span: Sequence[Word]) -> Hit:
    first = span[0]
    if len(span) == 1:
        return Hit(concepts, first.text, first.raw, first.clause)
    text, raw = " ".join(w.text for w in span), " ".join(w.raw for w in span)
    return Hit(concepts, text, raw, first.clause)


class Phrases:
    """The forms of one language; a phrase is found by its first two keys.

    A key is a word's stem, or the word itself behind "=" where a form is taken as it stands.
    """

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        self._language = language
        stop = vocabulary.stopwords.get(language, frozenset())
        idle = stop | vocabulary.chatter if language == "en" else stop
        self._single: dict[str, tuple[str, ...]] = {}
        self._longer: dict[str, _Longer] = {}
        forms = [
            (concept, form, read_form(form))
            for concept in vocabulary.concepts.values()
            for form in concept.forms.get(language, ())
        ]
        # All at once: one by one they take three times as long.
        words = list(idle.union(*(read for _, _, read in forms)))
        stems = dict(zip(words, _STEMMERS[language].stemWords(words), strict=True))
        idle_stems = {stems[word] for word in idle}
        for concept, form, read in forms:
            exact = form[0] == "=" or (language == "en" and concept.group in EXACT_GROUPS)
            if len(read) == 1:
                # "heading" must not be found in "head": words without a topic keep their endings.
                exact = exact or stems[read[0]] in idle_stems
            self._add(concept.id, [f"={w}" if exact else stems[w] for w in read])

    def keys(self, word: str) -> tuple[str, str]:
        """What a word can be found by."""
        return f"={word}", stem(word, self._language)

    def longest(self, keys: Sequence[tuple[str, ...]], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words the longest form that starts here has, and its concepts; 0 if none."""
        best: tuple[int, tuple[str, ...]] = (0, ())
        following = keys[at + 1] if at + 1 < len(keys) else ()
        for first in keys[at]:
            if not best[0] and first in self._single:
                best = (1, self._single[first])
            seconds = self._longer.get(first)
            if seconds is None:
                continue
            for second in following:
                if second in seconds:
                    best = self._better(best, seconds[second], keys, at)
        return best

    @staticmethod
    def _better(
        best: tuple[int, tuple[str, ...]],
        forms: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
        keys: Sequence[tuple[str, ...]],
        at: int,
    ) -> tuple[int, tuple[str, ...]]:
        """The longest of these forms whose other words follow, if it is longer than the best."""
        for rest, concepts in forms:
            size = 2 + len(rest)
            if (
                size > best[0]
                and at + size <= len(keys)
                and all(key in keys[at + 2 + i] for i, key in enumerate(rest))
            ):
                best = (size, concepts)
        return best

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

    def start(self, word: str) -> _Start:
        """A word as a text of the library can have it."""
        keys = self.keys(word)
        alone = next((self._single[key] for key in keys if key in self._single), _NONE)
        longer: _Longer = {}
        for key in keys:
            for second, forms in self._longer.get(key, {}).items():
                longer.setdefault(second, []).extend(forms)
        return _Start(keys, (alone, word), longer)


class _Start(NamedTuple):
    """A word of the library where a form may start."""

    keys: tuple[str, str]
    alone: tuple[tuple[str, ...], str]
    """The concepts that it names by itself, and the word."""
    longer: _Longer
    """The longer forms that start with it."""


def _longest(longer: _Longer, starts: Sequence[_Start], at: int) -> tuple[int, tuple[str, ...]]:
    """How many words the longest of these forms has that stands here, and its concepts."""
    size, found, left = 0, _NONE, len(starts) - at
    for second in starts[at + 1][0]:
        for rest, concepts in longer.get(second, _NO_FORMS):
            # Loops and no generator: this runs for every word of a library.
            if size < 2 + len(rest) <= left:
                for ahead, key in enumerate(rest, at + 2):
                    if key not in starts[ahead][0]:
                        break
                else:
                    size, found = 2 + len(rest), concepts
    return size, found


class Lexicon:
    """A vocabulary ready for scanning text; languages other than English load when needed."""

    def __init__(
        self, vocabulary: Vocabulary, count_words: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        """Take the vocabulary and what counts the library's own words, once it is needed."""
        self.vocabulary = vocabulary
        self._count_words = count_words
        self._starts: dict[str, _Start] = {}
        self._phrases = {"en": Phrases(vocabulary, "en")}
        self._idle = vocabulary.stopwords.get("en", frozenset())

    def language(self, words: Sequence[Word]) -> str:
        """The language a message is most likely in: `en` unless its words say otherwise."""
        cjk = "".join(word.text for word in words if word.cjk)
        if cjk:
            kana = any("\u3040" <= char <= "\u30ff" for char in cjk)
            return "ja" if kana else "zh"
        stops = self.vocabulary.stopwords
        foreign = {language: stop for language, stop in stops.items() if language != "en"}
        votes = {
            language: sum(word.text in stop and word.text not in self._idle for word in words)
            for language, stop in foreign.items()
        }
        # "am" and "so" are English, and German too: they tell nothing.
        votes["en"] = sum(
            word.text in self._idle and not any(word.text in stop for stop in foreign.values())
            for word in words
        )
        return max(("en", "es", "de"), key=lambda language: votes.get(language, 0))

    def scan(self, words: Sequence[Word], language: str = "en") -> list[Hit]:
        """Read words from left to right, longest phrase first."""
        flat = [part for word in words for part in self._spell(word, language)]
        spoken = [self._tongues(word, language) for word in flat]
        keys = {
            tongue: [
                self._of(tongue).keys(word.text) if tongue in tongues else ()
                for word, tongues in zip(flat, spoken, strict=True)
            ]
            for tongue in dict.fromkeys(tongue for tongues in spoken for tongue in tongues)
        }
        hits: list[Hit] = []
        at = 0
        while at < len(flat):
            word = flat[at]
            if word.cjk:
                hits.extend(self._cut(word))
                at += 1
                continue
            length, concepts = 0, _NONE
            for tongue in spoken[at]:
                found = self._of(tongue).longest(keys[tongue], at)
                if found[0] > length:
                    length, concepts = found
            hits.append(_hit(concepts, flat[at : at + (length or 1)]))
            at += length or 1
        return hits

    def scan_library(self, texts: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
        """(concepts, words) at each place of a library's text: English, and spelt as meant."""
        spellings = self.vocabulary.spellings
        if not spellings.keys().isdisjoint(texts):
            texts = [part for text in texts for part in read_texts(spellings.get(text) or text)]
        starts = [self._starts.get(text) or self._start(text) for text in texts]
        found: list[tuple[tuple[str, ...], str]] = []
        at, end = 0, len(starts)
        while at < end:
            _, alone, longer = starts[at]
            length, concepts = 0, _NONE
            if longer and at + 1 < end:
                # Most words start some form, and few are followed by one.
                exact, stemmed = starts[at + 1][0]
                if exact in longer or stemmed in longer:
                    length, concepts = _longest(longer, starts, at)
            found.append((concepts, " ".join(texts[at : at + length])) if length else alone)
            at += length or 1
        return found

    def _start(self, word: str) -> _Start:
        """Remembered, since a library's words come again; words of messages are not."""
        known = self._starts[word] = self._of("en").start(word)
        return known

    def _of(self, language: str) -> Phrases:
        if language not in self._phrases:
            self._phrases[language] = Phrases(self.vocabulary, language)
        return self._phrases[language]

    def _tongues(self, word: Word, language: str) -> tuple[str, ...]:
        """The languages a word is looked up in."""
        if word.cjk:
            return ()
        if language == "en":
            return ("en",) if self._knows(word.text) else ("en", "es", "de")
        if language in {"es", "de"}:
            common = word.text in self.vocabulary.stopwords.get(language, ())
            return (language,) if common else (language, "en")
        return ("en",)

    def _spell(self, word: Word, language: str) -> tuple[Word, ...]:
        """The word as it is meant: corrected, and chat spellings written out."""
        if word.cjk:
            return (word,)
        if language == "en" and not self._knows(word.text) and word.text.isalpha():
            word = word._replace(text=self._speller.correct(word.text) or word.text)
        if word.text in self.vocabulary.stopwords.get(language, ()):
            return (word,)
        return self._expand(word)

    def _expand(self, word: Word) -> tuple[Word, ...]:
        meaning = self.vocabulary.spellings.get(word.text)
        if not meaning:
            return (word,)
        parts = read_words(meaning)
        if len(parts) == 1:
            return (word._replace(text=parts[0].text),)
        return tuple(part._replace(clause=word.clause) for part in parts)

    def _knows(self, word: str) -> bool:
        return word in self.vocabulary.dictionary or word in self._known

    @cached_property
    def _words(self) -> Mapping[str, int]:
        """The library's own words with how often they are used."""
        return self._count_words()

    @cached_property
    def _known(self) -> frozenset[str]:
        """Words that are spelt right, beside those of the dictionary."""
        vocabulary = self.vocabulary
        return frozenset().union(
            self._idle, self._words, vocabulary.spellings, vocabulary.chatter, *self._forms
        )

    @cached_property
    def _forms(self) -> tuple[frozenset[str], frozenset[str]]:
        """The English words of what is covered, and of what is not or not known to be."""
        covered: set[str] = set()
        outside: set[str] = set()
        for concept in self.vocabulary.concepts.values():
            words = outside if concept.group in EXACT_GROUPS else covered
            for form in concept.forms.get("en", ()):
                words.update(read_form(form))
        return frozenset(covered), frozenset(outside)

    @cached_property
    def _speller(self) -> Speller:
        # Loaded at the first mistake: most questions at the command line have none.
        from bot.core.spelling import Speller  # noqa: PLC0415

        covered, outside = self._forms
        return Speller(self._words, (self._idle, covered, self.vocabulary.dictionary, outside))

    @cached_property
    def _cjk(self) -> dict[str, tuple[str, ...]]:
        """Chinese and Japanese forms with their concepts."""
        forms: dict[str, tuple[str, ...]] = {}
        for concept in self.vocabulary.concepts.values():
            for form in (*concept.forms.get("zh", ()), *concept.forms.get("ja", ())):
                parts = read_words(form)
                if len(parts) == 1 and parts[0].cjk:
                    known = forms.get(form, ())
                    forms[form] = tuple(dict.fromkeys((*known, concept.id)))
        return forms

    def _cut(self, word: Word) -> Iterator[Hit]:
        """Cut a run of Chinese or Japanese at the longest known forms; the rest says nothing."""
        longest = max(map(len, self._cjk), default=0)
        at, text = 0, word.text
        while at < len(text):
            for size in range(min(longest, len(text) - at), 0, -1):
                piece = text[at : at + size]
                if concepts := self._cjk.get(piece):
                    yield Hit(concepts, piece, piece, word.clause)
                    at += size
                    break
            else:
                at += 1
