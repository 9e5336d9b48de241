"""The vocabulary, compiled: which concepts the words and phrases of a text name."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from bot.answering.spelling import join_split, split_joined
from bot.answering.terms import NO_START, PhraseTrie, Start, longest
from bot.answering.text import FLAG, read_form, read_texts, read_words
from bot.library.vocabulary import Group, Intent, parse_forms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

    from bot.answering.spelling import Speller
    from bot.answering.text import Word
    from bot.library.vocabulary import Concept, Vocabulary

OWN_GROUPS = frozenset({Group.ACTOR, Group.ASPECT, Group.TOPIC})
"""What a library's own vocabulary names; the rest is the language pack's."""
REMEMBERED = 2048
"""Words whose forms are kept at hand."""
_NONE: tuple[str, ...] = ()
_FIGURES = "zero one two three four five six seven eight nine ten eleven twelve".split()
_OTHER_FIGURE = {
    **{str(figure): word for figure, word in enumerate(_FIGURES)},
    **{word: str(figure) for figure, word in enumerate(_FIGURES) if word != "one"},
}
"""Small figures in words for those in digits, and the other way round.

"one" stays: mostly it counts nothing ("which one", "can one").
"""


class AboutPhrase(NamedTuple):
    """How a message about the bot is recognised: the phrase, and else only words of `beside`."""

    words: tuple[str, ...]
    intent: Intent
    beside: frozenset[str]
    language: str = "en"


class Hit(NamedTuple):
    """What stands at one place of a text: the concepts named there, or the plain word."""

    concepts: tuple[str, ...]
    word: str
    raw: str
    clause: int
    cjk: bool = False
    asked: bool = False


def _hit(concepts: tuple[str, ...], span: Sequence[Word]) -> Hit:
    first = span[0]
    if len(span) == 1:
        return Hit(concepts, first.text, first.raw, first.clause, asked=first.asked)
    text, raw = " ".join(w.text for w in span), " ".join(w.raw for w in span)
    return Hit(concepts, text, raw, first.clause, asked=first.asked)


def _words_of(concepts: Iterable[Concept]) -> set[str]:
    """Every English word in the forms of some concepts."""
    forms = (form for concept in concepts for form in concept.forms.get("en", ()))
    return {word for form in forms for word in read_form(form)}


class LibraryWords(NamedTuple):
    """The words of a library."""

    counts: Mapping[str, int]
    """How often each is used."""
    told: Set[str]
    """Those of its statements and titles, and not of example asks alone."""
    says: Callable[[str], bool]
    """Whether some words stand together in a text or an ask."""


class Lexicon:
    """A vocabulary ready for scanning text; languages other than English load when needed."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        english: PhraseTrie,
        words: LibraryWords,
    ) -> None:
        """Take the vocabulary, its English forms and the library's words.

        Args:
            vocabulary: The concepts and the words of the languages.
            english: The English forms of the concepts.
            words: The library's words.
        """
        self.vocabulary = vocabulary
        self._counted = words
        self._tries = {"en": english}
        self._idle = vocabulary.function_words.get("en", frozenset())
        self._starts: dict[tuple[str, str], Start] = {}

    def language(self, words: Sequence[Word]) -> str:
        """The language a message is most likely in: `en` unless its words say otherwise."""
        cjk = "".join(word.text for word in words if word.cjk)
        if cjk:
            kana = any("\u3040" <= char <= "\u30ff" for char in cjk)
            return self._written_in("kana" if kana else "han")
        texts = [word.text for word in words]
        votes = {
            language: sum(map(own.__contains__, texts)) for language, own in self._telling.items()
        }
        return max(self._latin, key=lambda language: votes.get(language, 0))

    @cached_property
    def _telling(self) -> Mapping[str, frozenset[str]]:
        """For each language the words that tell it: "am" and "so" are of two.

        They are its function words, and those that it asks with where English has no such word.
        """
        others = {
            code: own.union(self._asked_with(code))
            for code, own in self.vocabulary.function_words.items()
            if code != "en"
        }
        telling = {code: own - self._idle for code, own in others.items()}
        return {**telling, "en": self._idle.difference(*others.values())}

    def _asked_with(self, language: str) -> frozenset[str]:
        file = self.vocabulary.languages[language]
        forms = (form for given in file.intents.values() for form in parse_forms(given))
        known = self.vocabulary.dictionary
        return frozenset(form for form in forms if form.isalpha() and form not in known)

    def _written_in(self, script: str) -> str:
        languages = self.vocabulary.languages.items()
        return next((code for code, file in languages if file.script == script), "en")

    @cached_property
    def _latin(self) -> tuple[str, ...]:
        """The languages whose words have blanks between them, English first."""
        languages = self.vocabulary.languages.items()
        return tuple(code for code, file in languages if file.script == "latin")

    def as_meant(self, words: Sequence[Word], language: str) -> list[Word]:
        """The words as they are meant: joined and split ones mended, misspelt ones corrected."""
        if language == "en":
            words = split_joined(
                words, self._knows, self._may_be_part, self._idle, self._says_together
            )
            words = join_split(words, self.is_own)
        shouting = all(word.raw.isupper() for word in words)
        beside = zip([None, *words], words, [*words[1:], None], strict=False)
        return [
            part
            for before, word, after in beside
            for part in self._spell(word, before, after, language, shouting=shouting)
        ]

    def scan(self, flat: Sequence[Word], language: str = "en") -> list[Hit]:
        """Read words, as they are meant, from left to right, longest phrase first."""
        spoken = [self._languages_of(word, language) for word in flat]
        starts = {
            code: [
                self._start(word.text, code) if code in codes else NO_START
                for word, codes in zip(flat, spoken, strict=True)
            ]
            for code in dict.fromkeys(code for codes in spoken for code in codes)
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
            for code in spoken[at]:
                found = longest(starts[code], at)
                alone, _ = starts[code][at].alone
                if not found[0] and alone:
                    found = (1, alone)
                if found[0] > length:
                    length, concepts = found
            hits.append(_hit(concepts, flat[at : at + (length or 1)]))
            at += length or 1
        return hits

    def is_own(self, word: str) -> bool:
        """Whether the library itself uses the word, in a text, an ask or a name."""
        return word in self._words or word in self._named

    def is_told(self, word: str) -> bool:
        """Whether a statement, a title or a name has the word, and not only an example ask."""
        return word in self._told or word in self._named

    def _says_together(self, phrase: str) -> bool:
        return phrase in self._phrases or self._counted.says(phrase)

    def _may_be_part(self, word: str) -> bool:
        return self.is_told(word) or word in self._neutral

    def _start(self, word: str, language: str) -> Start:
        """The word with the forms of a language that it is or starts; people use the same few."""
        try:
            return self._starts[word, language]
        except KeyError:  # no second look: another thread may clear them meanwhile
            if len(self._starts) >= REMEMBERED:
                self._starts.clear()
            start = self._starts[word, language] = self._of(language).start(word)
            return start

    def _of(self, language: str) -> PhraseTrie:
        if language not in self._tries:
            self._tries[language] = PhraseTrie(self.vocabulary, language)
        return self._tries[language]

    def _languages_of(self, word: Word, language: str) -> tuple[str, ...]:
        """The languages a word is looked up in."""
        if word.cjk:
            return ()
        if language == "en":
            return ("en",) if self._knows(word.text) else self._latin
        if language in self._latin:
            common = word.text in self.vocabulary.function_words.get(language, ())
            return (language,) if common else (language, "en")
        return ("en",)

    def _spell(
        self, word: Word, before: Word | None, after: Word | None, language: str, *, shouting: bool
    ) -> tuple[Word, ...]:
        """The word as it is meant: corrected, and chat spellings written out."""
        if before and before.clause != word.clause:
            before = None
        if word.cjk:
            return (word,)
        if word.text.startswith(FLAG):
            return self._country(word)
        if other := _OTHER_FIGURE.get(word.text):
            ends = not after or after.clause != word.clause or after.text in self.idle
            label = word.text.isdecimal() and ends and before and before.text not in self.idle
            own = self.is_own(other) and not self.is_own(word.text) and not label  # "version 4"
            return (word._replace(text=other) if own else word,)
        if language == "en" and word.text.isalpha() and not self._knows(word.text):
            most = 1 if before and not shouting and word.raw[:1].isupper() else None  # a name
            word = word._replace(text=self._speller.correct(word.text, most) or word.text)
        if word.text not in self.vocabulary.function_words.get(language, ()):
            return self._expand(word)
        # "u" and "r" are letters, which say nothing, and how chat writes "you" and "are".
        meaning = self.vocabulary.spellings.get(word.text) if language == "en" else None
        written = meaning if word.text not in self._phrases else None
        return (word._replace(text=written),) if written in self._idle else (word,)

    def _country(self, word: Word) -> tuple[Word, ...]:
        name = self.vocabulary.countries.get(word.text.removeprefix(FLAG), "")
        return tuple(
            part._replace(clause=word.clause, asked=word.asked) for part in read_words(name)
        )

    def _expand(self, word: Word) -> tuple[Word, ...]:
        meaning = self.vocabulary.spellings.get(word.text)
        if not meaning or self.is_own(word.text):
            return (word,)
        parts = read_words(meaning)
        if len(parts) == 1:
            return (word._replace(text=parts[0].text),)
        return tuple(part._replace(clause=word.clause, asked=word.asked) for part in parts)

    def _knows(self, word: str) -> bool:
        dictionary = self.vocabulary.dictionary
        return word in self._right or word in dictionary or word.removesuffix("s") in dictionary

    @property
    def _words(self) -> Mapping[str, int]:
        """The library's own words with how often they are used."""
        return self._counted.counts

    @property
    def _told(self) -> Set[str]:
        """The words of its statements and titles."""
        return self._counted.told

    @cached_property
    def _named(self) -> frozenset[str]:
        """The English words in the names of the library's own concepts."""
        own = (c for c in self.vocabulary.concepts.values() if c.group in OWN_GROUPS)
        return frozenset(_words_of(own))

    @cached_property
    def countries(self) -> frozenset[str]:
        """The names of countries that are one word, in small letters: names however written."""
        names = map(str.casefold, self.vocabulary.countries.values())
        return frozenset(name for name in names if name.isalpha())

    @cached_property
    def idle(self) -> frozenset[str]:
        """The function words of every language, and the words of chat."""
        return self.vocabulary.chat_words.union(*self.vocabulary.function_words.values())

    @cached_property
    def called_brief(self) -> frozenset[str]:
        """What a brief is called in every language."""
        files = self.vocabulary.languages.values()
        return frozenset(form for file in files for form in parse_forms(file.brief))

    @cached_property
    def about(self) -> dict[str, list[AboutPhrase]]:
        """How messages about the bot are recognised, in every language, by the first word."""
        found: dict[str, list[AboutPhrase]] = {}
        for language, file in self.vocabulary.languages.items():
            for name, forms in file.about.items():
                beside = {w for form in parse_forms(forms.beside) for w in read_texts(form)}
                for form in parse_forms(forms.says):
                    phrase = AboutPhrase(
                        read_texts(form), Intent(name), frozenset(beside), language
                    )
                    found.setdefault(phrase.words[0], []).append(phrase)
        return found

    @cached_property
    def _phrases(self) -> frozenset[str]:
        """The English forms of every concept, word for word."""
        concepts = self.vocabulary.concepts.values()
        forms = (form for concept in concepts for form in concept.forms.get("en", ()))
        return frozenset(" ".join(read_form(form)) for form in forms)

    @cached_property
    def _neutral(self) -> frozenset[str]:
        """The English words by which questions ask: "next", "players"."""
        asked = (c for c in self.vocabulary.concepts.values() if c.group not in OWN_GROUPS)
        about = (w for each in self.about.values() for phrase in each for w in phrase.words)
        return frozenset({*_words_of(asked), *about})

    @cached_property
    def _right(self) -> frozenset[str]:
        """Words that are spelt right, beside those of the dictionary."""
        return frozenset().union(
            self._idle,
            self._words,
            self.vocabulary.spellings,
            self.vocabulary.chat_words,
            _words_of(self.vocabulary.concepts.values()),
        )

    @cached_property
    def _speller(self) -> Speller:
        # Loaded at the first mistake: most questions at the command line have none.
        from bot.answering.spelling import Speller  # noqa: PLC0415

        lists = (self._named, self._neutral, self._idle)
        return Speller(self._words, lists, self.vocabulary.dictionary.level)

    @cached_property
    def _cjk(self) -> dict[str, tuple[str, ...]]:
        """Chinese and Japanese forms with their concepts."""
        forms: dict[str, tuple[str, ...]] = {}
        for concept in self.vocabulary.concepts.values():
            named = (forms for code, forms in concept.forms.items() if code not in self._latin)
            for form in chain.from_iterable(named):
                parts = read_words(form)
                if len(parts) == 1 and parts[0].cjk:
                    known = forms.get(form, ())
                    forms[form] = tuple(dict.fromkeys((*known, concept.id)))
        return forms

    @cached_property
    def _cjk_idle(self) -> re.Pattern[str]:
        """The function words of Chinese and Japanese, the longest first."""
        words = self.vocabulary.function_words.items()
        idle = {word for code, own in words if code not in self._latin for word in own}
        longest_first = sorted(idle, key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def _cut(self, word: Word) -> Iterator[Hit]:
        """Cut a run of Chinese or Japanese at the longest known forms.

        What is between them is a word that the library does not have, unless it is made of the
        languages' function words.
        """
        longest_form = max(map(len, self._cjk), default=0)
        at, begun, text = 0, 0, word.text
        while at < len(text):
            for size in range(min(longest_form, len(text) - at), 0, -1):
                piece = text[at : at + size]
                if concepts := self._cjk.get(piece):
                    yield from self._between(text[begun:at], word.clause)
                    yield Hit(concepts, piece, piece, word.clause, cjk=True)
                    at += size
                    begun = at
                    break
            else:
                at += 1
        yield from self._between(text[begun:], word.clause)

    def _between(self, text: str, clause: int) -> Iterator[Hit]:
        for left in self._cjk_idle.sub(" ", text).split():
            yield Hit((), left, left, clause, cjk=True)
