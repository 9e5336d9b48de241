"""The forms of a vocabulary in one language, and the longest of them at a place of a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import Stemmer

from bot.answering.text import read_form
from bot.library.vocabulary import Group, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

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
