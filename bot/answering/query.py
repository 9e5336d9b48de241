"""A message -> Query: what it wants (intents), of whom (actors), on what (aspects, words)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.answering.terms import literal, stem
from bot.answering.text import FLAG, MAX_QUESTION_CHARS, clean, split
from bot.language.frequencies import RAREST
from bot.library.vocabulary import EACH_DOCUMENT, LIBRARY_ITSELF, Group, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.lexicon import Hit, Lexicon
    from bot.answering.text import Word

_PRONOUNS: Final = frozenset(
    [
        *("it", "they", "them", "this", "that", "those", "these", "he", "she", "their", "its"),
        *("theirs", "others", "other", "elaborate", "more", "further"),
    ]
)
_ELLIPSIS: Final = frozenset(
    [
        "and",
        "but",
        "ok",
        "okay",
        "so",
        "or",
        "also",
        "then",
        "plus",
        "y",
        "und",
        "aber",
        "e",
        "pero",
    ]
)
_SUMMARY: Final = "intent-summary"
"""What "bullet points" are read as."""
_NUMBER_WORDS: Final = frozenset(
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
)
_BEFORE_A_NAME: Final = frozenset(
    ["and", "or", "vs", "versus", "than", "with", "to", "in", "of", "about", "for", "from", "by"]
)
"""Words that a sentence does not end with: a flag behind one of them is part of it."""
NAME: Final = RAREST + 1
"""The level of a name or a figure that the library does not have."""
UNLISTED: Final = RAREST
"""The level of a word that no dictionary has."""
COUNT: Final = 1
"""The level of a small figure that counts something, as of the same in words: "two days"."""
FOREIGN: Final = 2
"""The level of a word of another language, whose words are not counted."""


class Term(NamedTuple):
    """One thing a message names.

    `@china` is a concept, `fee` a stemmed word, `+soft power` the words that stand for a concept.
    """

    key: str
    clause: int
    level: int = 0
    """How rare it is in English, 0 to 9: a plain word, or the words that named a concept; `NAME`
    for a name or a figure. 0 for what a follow-up inherits."""
    word: str = ""
    """As it was typed, for people."""
    asked: bool = False
    """Its clause is a question of its own: it counts, whatever a candidate says of it."""

    @property
    def concept(self) -> str | None:
        """The concept's id, None for a plain word."""
        return self.key[1:] if self.key.startswith("@") else None


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the matcher reads it."""

    words: tuple[str, ...]
    meant: tuple[str, ...] = ()
    """The same, corrected and with chat spellings written out."""
    language: str = "en"
    terms: tuple[Term, ...] = ()
    intents: tuple[Intent, ...] = ()
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    details: frozenset[str] = frozenset()
    names_library: bool = False
    """It speaks of the library's documents: "the article"."""
    each_document: bool = False
    """It asks for what every document says."""
    pronoun: bool = False
    """It points at something said before, or at nothing."""
    elliptical: bool = False
    """It starts as the continuation of a talk: "and the Europeans?"."""
    follows: bool = False
    """It was completed with what the turn before it named."""
    bare: bool = False
    """It names nothing of its own: "when?", "who decides that?"."""
    page: int = 1

    @property
    def key(self) -> str:
        """The words as one string: equal for equal questions."""
        return " ".join(self.words)

    @property
    def concepts(self) -> tuple[str, ...]:
        """The ids of the concepts it names."""
        return tuple(term.concept for term in self.terms if term.concept)

    def wanted(self, otherwise: Intent = Intent.FACT) -> Intent:
        """What the message wants first; a list and help are questions of their own."""
        found = (i for i in self.intents if i not in {Intent.LIST, Intent.HELP})
        return next(found, otherwise)

    def wants(self, intent: Intent) -> bool:
        """Whether the message says that it wants this."""
        return intent in self.intents


def parse(text: str, lexicon: Lexicon) -> Query:
    """Read a message; any string will do."""
    # Cleaning can make a text longer: one sign may stand for a phrase.
    words, page = _take_page(_without_address(split(clean(text)[:MAX_QUESTION_CHARS])))
    words = tuple(_without_decoration(words, lexicon))
    language = lexicon.language(words)
    meant = lexicon.as_meant(words, language)
    hits = lexicon.scan(meant, language)
    concepts = _concepts(hits, lexicon)
    plain = [word.text for word in words if not word.text.startswith(FLAG)]
    return Query(
        words=tuple(plain),
        meant=tuple(word.text for word in meant),
        language=language,
        terms=tuple(_terms(hits, lexicon, language)),
        intents=tuple(Intent(c.removeprefix("intent-")) for c in concepts[Group.INTENT]),
        actors=tuple(concepts[Group.ACTOR]),
        aspects=tuple(concepts[Group.ASPECT]),
        details=frozenset(c.removeprefix("detail-") for c in concepts[Group.DETAIL]),
        names_library=LIBRARY_ITSELF in concepts[Group.LIBRARY],
        each_document=EACH_DOCUMENT in concepts[Group.LIBRARY],
        pronoun=any(word in _PRONOUNS for word in plain),
        elliptical=bool(plain) and plain[0] in _ELLIPSIS,
        page=page,
    )


def _without_address(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """`/aibrief list` is `list`, where somebody writes the command as a message."""
    return words[1:] if len(words) > 1 and words[0].text == "aibrief" else words


def _take_page(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], int]:
    """Split off the page: `china-vs-us page 2` becomes its first words and 2."""
    before = words[-3].text if len(words) > 2 else ""  # noqa: PLR2004
    match [word.text for word in words[-2:]]:
        case ["page", number] if number.isdecimal() and 0 < int(number[:4]) < 100:  # noqa: PLR2004
            if before not in _BEFORE_A_NAME:  # "jump to page 7" is no page of ours
                return words[:-2], int(number[:4])
    return words, 1


def _without_decoration(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """Take out flags that stand before or behind a question, and those of countries unknown here.

    A flag is read where it stands for a word: ":flag-cn: vs :flag-us:", "what about :flag-us:".
    """

    def is_flag(word: Word) -> bool:
        return word.text.startswith(FLAG)

    kept = list(words)
    if not any(map(is_flag, words)):
        return kept
    idle = lexicon.vocabulary.function_words["en"] | lexicon.vocabulary.chat_words
    if any(not is_flag(word) and word.text not in idle for word in kept):
        end = len(kept)
        while end and is_flag(kept[end - 1]):
            end -= 1
        if end and kept[end - 1].text not in _BEFORE_A_NAME:
            del kept[end:]
        while kept and is_flag(kept[0]):
            kept.pop(0)
    countries = lexicon.vocabulary.countries
    return [
        word
        for word in kept
        if not is_flag(word)
        or all(map(lexicon.is_own, countries.get(word.text[1:], "").casefold().split()))
    ]


def _concepts(hits: Sequence[Hit], lexicon: Lexicon) -> dict[Group, list[str]]:
    found: dict[Group, list[str]] = {group: [] for group in Group}
    for hit in hits:
        for concept in hit.concepts:
            group = found[lexicon.vocabulary.concepts[concept].group]
            if concept not in group:
                group.append(concept)
    return found


def _terms(hits: Sequence[Hit], lexicon: Lexicon, language: str) -> list[Term]:
    terms: dict[str, Term] = {}
    hits = _without_measures(hits, lexicon)
    shouting = all(hit.raw.isupper() for hit in hits)
    clause = -1
    for at, hit in enumerate(hits):
        first, clause = hit.clause != clause, hit.clause
        if hit.concepts:
            level = _form_level(hit, lexicon, language)
            for concept in hit.concepts:
                key = f"@{concept}"
                terms.setdefault(key, Term(key, hit.clause, level, hit.raw, hit.asked))
            words = literal(hit.word)
            terms.setdefault(words, Term(words, hit.clause, word=hit.raw, asked=hit.asked))
        elif not _empty(hit, lexicon, language):
            named = hit.raw[:1].isupper() and not first and not shouting
            level = _level(hit, lexicon, language, named=named)
            if _counts(hits, at, lexicon, language):
                level = COUNT
            key = stem(hit.word)
            terms.setdefault(key, Term(key, hit.clause, level, hit.raw, hit.asked))
    return list(terms.values())


def _without_measures(hits: Sequence[Hit], lexicon: Lexicon) -> list[Hit]:
    """Leave out how long an answer is to be: "three bullets", "50 words"."""
    chat = lexicon.vocabulary.chat_words
    kept = []
    for hit, after in pairwise((*hits, None)):
        counts = hit is not None and (hit.word.isdecimal() or hit.word in _NUMBER_WORDS)
        measured = after and (after.word in chat or after.concepts == (_SUMMARY,))
        if hit and not (counts and measured):
            kept.append(hit)
    return kept


def _empty(hit: Hit, lexicon: Lexicon, language: str) -> bool:
    """Whether a word says nothing of the topic."""
    vocabulary, word = lexicon.vocabulary, hit.word
    if hit.cjk or hit.concepts:
        return False
    if word in vocabulary.chat_words and not lexicon.is_told(word):
        return True
    return word in vocabulary.function_words["en"] or word in vocabulary.function_words.get(
        language, ()
    )


def _form_level(hit: Hit, lexicon: Lexicon, language: str) -> int:
    """How rare the words of a form are together, 0 to 9; of other languages nothing is known."""
    if hit.cjk or language != "en":
        return RAREST
    return min(RAREST, sum(_dictionary_level(word, lexicon) for word in hit.word.split()))


def _dictionary_level(word: str, lexicon: Lexicon) -> int:
    """The level of an English word, else of its stem; `UNLISTED` for one in no dictionary."""
    dictionary = lexicon.vocabulary.dictionary
    level = dictionary.level(word)
    if level is None:
        level = dictionary.level(stem(word))
    return UNLISTED if level is None else level


def _counts(hits: Sequence[Hit], at: int, lexicon: Lexicon, language: str) -> bool:
    """Whether a small figure says how many there are: "for 2 days", and not "crane 4 lifts"."""
    figure = hits[at]
    if len(figure.word) > 1 or not figure.word.isdecimal():
        return False
    before = [h for h in hits[max(0, at - 1) : at] if h.clause == figure.clause]
    after = [h for h in hits[at + 1 : at + 2] if h.clause == figure.clause]
    return bool(after) and all(_empty(h, lexicon, language) for h in before)


def _level(hit: Hit, lexicon: Lexicon, language: str, *, named: bool) -> int:
    """How rare a word is, 0 to 9; `NAME` for a figure and for what is written like a name."""
    if named or any(char.isdecimal() for char in hit.raw):
        return NAME
    if hit.word in lexicon.countries:
        return NAME
    if hit.cjk or language != "en":
        return FOREIGN
    return _dictionary_level(hit.word, lexicon)
