"""The vocabulary, compiled: which concepts the words and phrases of a text name."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bot.answering.forms import NO_START, Forms, Start, longest
from bot.answering.normalize import read_form, read_texts, read_words
from bot.library.vocabulary import EXACT_GROUPS, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.answering.normalize import Word
    from bot.answering.spelling import Speller

_NONE: tuple[str, ...] = ()


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


class Lexicon:
    """A vocabulary ready for scanning text; languages other than English load when needed."""

    def __init__(
        self, vocabulary: Vocabulary, count_words: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        """Take the vocabulary and what counts the library's own words, once it is needed."""
        self.vocabulary = vocabulary
        self._count_words = count_words
        self._starts: dict[str, Start] = {}
        self._languages = {"en": Forms(vocabulary, "en")}
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
        starts = {
            tongue: [
                self._of(tongue).start(word.text) if tongue in tongues else NO_START
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
                found = longest(starts[tongue], at)
                alone, _ = starts[tongue][at].alone
                if not found[0] and alone:
                    found = (1, alone)
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
            length, concepts = longest(starts, at) if longer else (0, _NONE)
            found.append((concepts, " ".join(texts[at : at + length])) if length else alone)
            at += length or 1
        return found

    def _start(self, word: str) -> Start:
        """Remembered, since a library's words come again; words of messages are not."""
        known = self._starts[word] = self._of("en").start(word)
        return known

    def _of(self, language: str) -> Forms:
        if language not in self._languages:
            self._languages[language] = Forms(self.vocabulary, language)
        return self._languages[language]

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
        from bot.answering.spelling import Speller  # noqa: PLC0415

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
