"""A message -> Query: what it wants (intents), of whom (actors), on what (aspects, words)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bot.answering.forms import stem
from bot.answering.normalize import MAX_QUESTION_CHARS, clean, split
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.lexicon import Hit, Lexicon
    from bot.answering.normalize import Word

_US_IS_A_PRONOUN_AFTER = frozenset(
    [
        "tell",
        "give",
        "show",
        "help",
        "let",
        "lets",
        "brief",
        "remind",
        "send",
        "ask",
        "teach",
        "walk",
        "spare",
        "among",
        "to",
        "for",
        "of",
        "with",
    ]
)
_BEFORE_COUNTRIES_TOO = frozenset({"to", "for", "of", "with", "among"})
_PRONOUNS = frozenset(
    [
        *("it", "they", "them", "this", "that", "those", "these", "he", "she", "their", "its"),
        *("theirs", "others", "other", "elaborate", "thoughts"),
        *("details", "more", "further"),
    ]
)
_ELLIPSIS = frozenset(
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
_YEAR_DIGITS = 4
_BEFORE_A_SUBJECT = frozenset({"of", "on", "among"})
"""What stands behind them is what a question is about: "the rules of backgammon"."""
_DETERMINERS = frozenset(
    {"the", "a", "an", "this", "these", "all", "any", "its", "their", "our", "my", "your"}
)


class Term(NamedTuple):
    """One thing a message names.

    `@china` is a concept, `fee` a stemmed word, `+soft power` the words that stand for a concept.
    """

    key: str
    clause: int
    strangeness: int = 0
    """0 for an ordinary word, 1 for one in no dictionary, 2 for what looks like a name or is
    what the question is about."""

    @property
    def concept(self) -> str | None:
        """The concept's id, None for a plain word."""
        return self.key[1:] if self.key.startswith("@") else None


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the matcher reads it."""

    words: tuple[str, ...]
    language: str = "en"
    terms: tuple[Term, ...] = ()
    intents: tuple[Intent, ...] = ()
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    details: frozenset[str] = frozenset()
    outside: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pronoun: bool = False
    """It points at something said before, or at nothing."""
    elliptical: bool = False
    """It starts as the continuation of a talk: "and the Europeans?"."""
    follows: bool = False
    """It was completed with what the turn before it named."""
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
    language = lexicon.language(words)
    words = _without_pronoun_us(words)
    hits = lexicon.scan(words, language)
    concepts = _concepts(hits, lexicon)
    plain = [word.text for word in words]
    return Query(
        words=tuple(plain),
        language=language,
        terms=tuple(_terms(hits, lexicon, language)),
        intents=tuple(Intent(c.removeprefix("intent-")) for c in concepts[Group.INTENT]),
        actors=tuple(concepts[Group.ACTOR]),
        aspects=tuple(concepts[Group.ASPECT]),
        details=frozenset(c.removeprefix("detail-") for c in concepts[Group.DETAIL]),
        outside=tuple(concepts[Group.OUTSIDE]),
        commands=tuple(concepts[Group.COMMAND]),
        pronoun=any(word in _PRONOUNS for word in plain),
        elliptical=bool(plain) and plain[0] in _ELLIPSIS,
        page=page,
    )


class LibraryReader:
    """Reads the texts of a library; what it has met once it knows at once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._met: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}

    def term_keys(self, texts: Sequence[str]) -> frozenset[str]:
        """The keys of the terms in an English text."""
        keys: set[str] = set()
        for place in self._lexicon.scan_library(texts):
            terms = self._met.get(place)
            if terms is None:
                terms = self._met[place] = self._terms(*place)
            keys.update(terms)
        return frozenset(keys)

    def _terms(self, concepts: tuple[str, ...], text: str) -> tuple[str, ...]:
        if concepts:
            return (*(f"@{concept}" for concept in concepts), _literal(text))
        return () if _empty(text, self._lexicon, "en") else (stem(text),)


def _literal(words: str) -> str:
    return "+" + " ".join(map(stem, words.split()))


def _without_address(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """`/aibrief list` is `list`, where somebody writes the command as a message."""
    return words[1:] if len(words) > 1 and words[0].text == "aibrief" else words


def _take_page(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], int]:
    """Split off the page: `china-vs-us page 2` becomes its first words and 2."""
    match [word.text for word in words[-2:]]:
        case ["page", number] if number.isdecimal() and 0 < int(number[:4]) < 100:  # noqa: PLR2004
            return words[:-2], int(number[:4])
    return words, 1


def _without_pronoun_us(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Drop "us" where it means the people who ask and not the country."""

    def is_pronoun(at: int) -> bool:
        word = words[at]
        before = words[at - 1].text if at else ""
        last = at + 1 == len(words) or words[at + 1].clause != word.clause
        if word.text != "us" or word.raw == "US" or before not in _US_IS_A_PRONOUN_AFTER:
            return False
        return last or before not in _BEFORE_COUNTRIES_TOO

    return tuple(word for at, word in enumerate(words) if not is_pronoun(at))


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
    shouting = all(hit.raw.isupper() for hit in hits)
    clause = -1
    for at, hit in enumerate(hits):
        first, clause = hit.clause != clause, hit.clause
        if hit.concepts:
            for concept in hit.concepts:
                terms.setdefault(f"@{concept}", Term(f"@{concept}", hit.clause))
            literal = _literal(hit.word)
            terms.setdefault(literal, Term(literal, hit.clause))
        elif not _empty(hit.word, lexicon, language):
            name = hit.raw[:1].isupper() and not first and not shouting
            named = name or _is_subject(hits, at)
            strange = 0 if language != "en" else 2 if named else not _ordinary(hit.word, lexicon)
            terms.setdefault(stem(hit.word), Term(stem(hit.word), hit.clause, int(strange)))
    return list(terms.values())


def _is_subject(hits: Sequence[Hit], at: int) -> bool:
    """Whether the word there is what is asked about: it follows "of" or "on"."""
    before = at - 1
    if before >= 0 and hits[before].word in _DETERMINERS:
        before -= 1
    return before >= 0 and hits[before].word in _BEFORE_A_SUBJECT


def _empty(word: str, lexicon: Lexicon, language: str) -> bool:
    """Whether a word says nothing of the topic."""
    vocabulary = lexicon.vocabulary
    if word.isdecimal():
        return len(word) != _YEAR_DIGITS
    return (
        len(word) == 1
        or word in vocabulary.chatter
        or word in vocabulary.stopwords.get("en", frozenset())
        or word in vocabulary.stopwords.get(language, frozenset())
    )


def _ordinary(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.vocabulary.dictionary or stem(word) in lexicon.vocabulary.dictionary
