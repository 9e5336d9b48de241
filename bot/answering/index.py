"""Which statements and briefs speak of which terms, and how telling each term is."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import structs

from bot.answering.answer import facts_of
from bot.answering.exact import ExactTexts, key_of
from bot.answering.terms import LibraryReader
from bot.language.frequencies import RAREST
from bot.library.model import Kind
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from bot.answering.terms import PhraseTrie
    from bot.answering.weights import Weights
    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Vocabulary

Terms: TypeAlias = "array[int]"
"""Numbers of terms, four bytes each: a library of 100,000 statements has millions."""
MAX_MET: Final = 4096
"""Of a longer posting only so many units are met by those of another one."""
SHORT: Final = 512
"""A posting of so many units is looked through at once."""
REMEMBERED_BYTES: Final = 12_000_000
"""What longer postings, laid out by units, may take."""
OWN, AROUND, FIRST = 1, 2, 4
"""What is known of a unit that has a term: it speaks of it, stands in it, is among the first."""
END: Final = 0
"""Stands behind the terms of each ask; no term has this number."""
FORM_INTENTS: Final = frozenset(
    f"@intent-{name}" for name in ("compare", "summary", "sources", "list", "help", "fact")
)
"""They say how to answer and not about what."""
_KIND_INTENTS: Final = {
    Kind.OUTLOOK: "@intent-outlook",
    Kind.OPEN_QUESTION: "@intent-outlook",
    Kind.REACTION: "@intent-reactions",
    Kind.IMPACT: "@intent-impact",
}


class UnitKind(Enum):
    """What a unit of the index is."""

    STATEMENT = "statement"
    BRIEF = "brief"
    NEGATIVE = "negative"
    """A question that no brief may answer: a rival of the others."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What can win a question: a statement, a brief, or a question that must be declined."""

    id: str
    kind: UnitKind
    own: Terms
    """What it speaks of itself: its text, tags and asks."""
    around: Terms
    """What the titles around a statement, or the statements of a brief, speak of."""
    asks: Terms
    """The terms of each example ask, each ended by `END`."""

    @property
    def brief(self) -> bool:
        """Whether it is a brief."""
        return self.kind is UnitKind.BRIEF

    @property
    def statement(self) -> bool:
        """Whether it is a statement."""
        return self.kind is UnitKind.STATEMENT


class _Seen:
    """What is met while the texts of a library are read, each once."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.counts: Counter[str] = Counter()
        self.told: set[str] = set()
        self.all_said = bytearray()
        """As bytes, since one rare letter widens a whole string."""
        self.begin_names: set[str] = set()
        self.asks, self.names = _Hashes(), _Hashes()
        self._words: list[str] = []

    def add(self, words: Sequence[str], *, told: bool) -> str:
        """Take the words of a text, of an ask or of what is told; they are returned in one."""
        self._words += words
        if told:
            self.told.update(words)
        key = " ".join(words)
        self.all_said += f" {key} \n".encode()
        return key

    def count(self) -> None:
        """Count the words that were met since the last time: many at once."""
        self.counts.update(self._words)
        self._words.clear()


class _Hashes:
    """Hashes of texts, each with the number of the unit that it belongs to."""

    def __init__(self) -> None:
        self._hashes, self._owners = array("q"), array("I")

    def add(self, key: str, owner: int) -> None:
        self._hashes.append(hash(key))
        self._owners.append(owner)

    def met(self) -> Iterator[tuple[int, int]]:
        """The hashes with their units."""
        return zip(self._hashes, self._owners, strict=True)


class TermIndex:
    """The units of a library and the terms that each of them has."""

    def __init__(
        self,
        library: Library,
        vocabulary: Vocabulary,
        english: PhraseTrie,
        weights: Weights,
        lineage: Callable[[str], Iterable[str]],
    ) -> None:
        self._library = library
        self._dictionary = vocabulary.dictionary
        self._concepts = vocabulary.concepts
        self._intents = [f"@{n}" for n, c in self._concepts.items() if c.group is Group.INTENT]
        self._reader = LibraryReader(vocabulary, english)
        self._lineage = lineage
        self._tags_met: dict[str, tuple[str, ...]] = {}
        self._facts: dict[str, Sequence[int]] = {}
        self.w = weights
        self.told: set[int] = set()
        """The terms of texts, tags and titles; the rest stands in example asks alone."""
        self._seen: _Seen | None = _Seen()
        """Only while the library is read."""
        self.units = self._read_all(self._seen)
        self._reader.forget()
        self._facts.clear()
        self.statements: Mapping[str, Unit] = {u.id: u for u in self.units if u.statement}
        self.briefs: Mapping[str, Unit] = {u.id: u for u in self.units if u.brief}
        self.ids: Mapping[str, int] = self._reader.ids
        """The number of each term that the library has."""
        self.postings, self.speaking = self._post()
        """For each term, by its number, the units that have it; those that speak of it first, and
        how many those are."""
        self.weights = self._weigh_all()
        """How telling each term is, by its number, 0 to 1."""
        self.declined = self._declined()
        """The terms that only questions to be declined have: the library does not."""
        self.laid_out = self._remember_laid_out()
        """For each unit what is known of it and a term: `OWN` or `AROUND`, and `FIRST`; else 0."""
        self._hidden: tuple[str, str] | None = None
        """An ask that is left out, with whose it is."""

    def _read_all(self, seen: _Seen) -> tuple[Unit, ...]:
        """The units by their ids; finds all that is known of the words of the library."""
        for brief in self._library.briefs.values():
            self._read_brief(brief, seen)
        seen.units += filter(None, map(self._negative, self._library.must_not_cover))
        made, library = seen.units, self._library
        self._all_said = seen.all_said
        self.counts: Mapping[str, int] = seen.counts
        """How often each word of its texts, titles and asks is used."""
        self.told_words = frozenset(seen.told)
        """Those of texts and titles."""
        self.begin_names = frozenset(seen.begin_names)
        """The first words of the names of briefs."""
        self._asks_met = ExactTexts(seen.asks.met(), made, lambda unit: _asks_of(unit, library))
        self._names_met = ExactTexts(seen.names.met(), made, lambda unit: _names_of(unit, library))
        self._seen = None
        return tuple(sorted(made, key=lambda unit: (unit.id, unit.brief)))

    def without(self, unit: Unit, ask: str) -> TermIndex:
        """The index as it would be if nobody had written one ask of a unit.

        Args:
            unit: A statement or a brief of this index.
            ask: One of its asks, word for word.
        """
        other = copy(self)
        left = self._without(unit, ask)
        at = next(n for n, each in enumerate(self.units) if each is unit)
        other.units = (*self.units[:at], left, *self.units[at + 1 :])
        if unit.statement:
            other.statements = {**self.statements, unit.id: left}
        lost = sorted(set(unit.own) - set(left.own))
        other.postings = _without(self.postings, lost, at, frozenset(left.around))
        gone = {term for term in lost if not other.postings[term]}
        other.ids = {key: n for key, n in self.ids.items() if n not in gone} if gone else self.ids
        other.declined = self.declined | {t for t in lost if other.is_declined(t)}
        other.weights = self.weights[:]
        keys = {number: key for key, number in self.ids.items() if number in lost}
        for term, key in keys.items():
            other.weights[term] = other._weight(key)  # noqa: SLF001 - of this class
        other.speaking = self.speaking[:]
        for term in lost:
            other.speaking[term] -= 1
        other.laid_out = other._remember_laid_out()  # noqa: SLF001 - of this class
        other._hidden = (unit.id, key_of(ask))  # noqa: SLF001 - of this class
        return other

    def is_declined(self, term: int) -> bool:
        """Whether only questions to be declined have a term."""
        held = self.postings[term]
        return bool(held) and all(self.units[at].kind is UnitKind.NEGATIVE for at in held)

    def _without(self, unit: Unit, ask: str) -> Unit:
        if unit.statement:
            snippet = self._library.snippets[unit.id]
            asks = tuple(each for each in snippet.asks if each != ask)
            return self._statement(structs.replace(snippet, asks=asks), unit.around)
        brief = self._library.briefs[unit.id]
        asks = tuple(each for each in brief.asks if each != ask)
        return self._brief(replace(brief, asks=asks), map(self.terms, _names(brief)))

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        known = self.ids.get(key)
        return self._weight(key) if known is None else self.weights[known]

    def terms(self, text: str) -> list[int]:
        """The terms of an English text of the library, by their numbers."""
        return self._reader.terms(self._reader.texts.read(text))

    def names_of(self, brief: Brief) -> set[int]:
        """The terms of the names of a brief."""
        return {term for name in _names(brief) for term in self.terms(name)}

    def asked(self, key: str) -> str | None:
        """What an ask of just these words was written to: the shortest statement, else a brief."""
        snippets = self._library.snippets

        def rank(unit: Unit) -> tuple[bool, int, str]:
            return unit.brief, len(snippets[unit.id].text) if unit.statement else 0, unit.id

        unit = min(self._asks_met.find(key), key=rank, default=None)
        owner = unit.id if unit else None
        return None if (owner, key) == self._hidden else owner

    def says(self, phrase: str) -> bool:
        """Whether some words stand together in a text, a title or an ask."""
        holders: set[int] | None = None
        for word in phrase.split():
            terms = self._reader.terms_with(word)
            if terms is not None:
                having = set().union(*map(self.postings.__getitem__, terms))
                holders = having if holders is None else holders & having
        # All that is said is looked through only where one unit has all of the words.
        return holders != set() and f" {phrase} ".encode() in self._all_said

    def named(self, key: str) -> Unit | None:
        """What has just these words as a name: of several briefs the last, else a statement."""
        named = None
        for unit in self._names_met.find(key):
            if unit.brief or named is None or not named.brief:
                named = unit
        return named

    def intents_of(self, unit: Unit) -> frozenset[str]:
        """The intents that a unit is about: by its kind, or by the names of a brief."""
        if unit.statement:
            kind = _KIND_INTENTS.get(self._library.snippets[unit.id].kind)
            return frozenset({kind}) if kind else frozenset()
        brief = self._library.briefs.get(unit.id)
        named = self.names_of(brief) if brief else set()
        return frozenset(key for key in self._intents if self.ids.get(key) in named)

    def _weigh_all(self) -> array[float]:
        levels = self._dictionary.levels(self.ids)
        return array("d", [0.0, *(self._weight(key, levels.get) for key in self.ids)])

    def _weight(self, key: str, level_of: Callable[[str], int | None] | None = None) -> float:
        if key in FORM_INTENTS:
            return 0.0
        concept = self._concepts.get(key[1:]) if key.startswith("@") else None
        group = concept.group if concept else None
        if group in {Group.DETAIL, Group.LIBRARY}:
            return 0.0
        number = self.ids.get(key)
        size, found = len(self.units), len(self.postings[number]) if number else 0
        rarity = math.log1p((size - found + 0.5) / (found + 0.5)) / math.log1p(2 * size + 1)
        if group is Group.INTENT:
            return min(self.w.intent, rarity)
        if group:
            return rarity
        if key.startswith("+"):
            return self.w.literal * rarity
        level = (level_of or self._dictionary.level)(key)
        share = (RAREST if level is None else level) / RAREST
        return self.w.plain * (self.w.common + (1 - self.w.common) * share) * rarity

    def _read_brief(self, brief: Brief, seen: _Seen) -> None:
        """Read a brief and the statements that are written in it."""
        named = [self._read_name(name, seen) for name in _names(brief)]
        around = _packed({term for terms, _ in named for term in terms})
        self.told.update(around)
        snippets = self._library.snippets
        for name in brief.snippets:
            if name in brief.own:
                seen.names.add(" ".join(self._reader.texts.read(name)), len(seen.units))
                seen.units.append(self._statement(snippets[name], around))
        for _, key in named:
            seen.names.add(key, len(seen.units))
        seen.units.append(self._brief(brief, [terms for terms, _ in named]))
        seen.count()

    def _brief(self, brief: Brief, named: Iterable[Sequence[int]]) -> Unit:
        snippets = self._library.snippets
        tags = {term for name in brief.snippets for term in self._tags(snippets[name])}
        own: set[int] = set()
        asks = array("I")
        for terms in named:
            _append(terms, own, asks)
        for ask in brief.asks:
            _append(self._ask(ask), own, asks)
        gist = self._told(brief.gist.text)
        own.update(gist)
        self.told.update(gist)
        return Unit(brief.slug, UnitKind.BRIEF, _packed(own), _packed(tags - own), asks)

    def _statement(self, snippet: Snippet, around: Terms) -> Unit:
        own: set[int] = set()
        asks = array("I")
        for ask in snippet.asks:
            _append(self._ask(ask), own, asks)
        told = self._tags(snippet).union(self._told(snippet.text))
        own.update(told)
        self.told.update(told)
        for _, text in facts_of(snippet):
            own.update(self._fact(text))
        return Unit(snippet.id, UnitKind.STATEMENT, _packed(own), around, asks)

    def _negative(self, ask: str) -> Unit | None:
        own: set[int] = set()
        asks = array("I")
        _append(self.terms(ask), own, asks)
        return Unit(ask, UnitKind.NEGATIVE, _packed(own), array("I"), asks) if own else None

    def _ask(self, text: str) -> list[int]:
        """The terms of an ask of the unit that is being read."""
        words = self._reader.texts.read(text)
        if seen := self._seen:
            seen.asks.add(seen.add(words, told=False), len(seen.units))
        return self._reader.terms(words)

    def _read_name(self, text: str, seen: _Seen) -> tuple[list[int], str]:
        """The terms of a name of a brief, and its words as one string."""
        words = self._reader.texts.read(text)
        seen.begin_names.update(words[:1])
        return self._reader.terms(words), seen.add(words, told=True)

    def _fact(self, text: str) -> Sequence[int]:
        """The terms of who says something, or as of when: many statements have the same."""
        if text not in self._facts:
            self._facts[text] = self.terms(text)
        return self._facts[text]

    def _told(self, text: str) -> list[int]:
        """The terms of a text of the unit that is being read."""
        words = self._reader.texts.read(text)
        if seen := self._seen:
            seen.add(words, told=True)
        return self._reader.terms(words)

    def _tags(self, snippet: Snippet) -> set[int]:
        cited = (self._library.sources[c.source] for c in snippet.citations)
        documents = (source.actor for source in cited if source.actor)
        named = (*snippet.actors, *snippet.aspects, *documents)
        tags = set().union(*map(self._tags_of, named))
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags.add(intent)
        ids = self._reader.ids
        if ids.keys() >= tags:
            return set(map(ids.__getitem__, tags))
        return set(map(self._reader.number, sorted(tags)))

    def _tags_of(self, concept: str) -> tuple[str, ...]:
        tags = self._tags_met.get(concept)
        if tags is None:
            tags = self._tags_met[concept] = tuple(f"@{e}" for e in self._lineage(concept))
        return tags

    def _remember_laid_out(self) -> Callable[[int], Sequence[int]]:
        postings, speaking, size = self.postings, self.speaking, len(self.units)

        def lay_out(term: int) -> Sequence[int]:
            held, posting = bytearray(size), postings[term]
            for at in posting[: speaking[term]]:
                held[at] = OWN
            for at in posting[speaking[term] :]:
                held[at] = AROUND
            for at in posting[:MAX_MET]:
                held[at] |= FIRST
            return held

        return lru_cache(maxsize=1 + REMEMBERED_BYTES // (size + 1))(lay_out)

    def _declined(self) -> frozenset[int]:
        negative = [unit for unit in self.units if unit.kind is UnitKind.NEGATIVE]
        terms = {term for unit in negative for term in unit.own}
        return frozenset(filter(self.is_declined, terms))

    def _post(self) -> tuple[Sequence[Terms], Terms]:
        postings = [array("I") for _ in range(len(self.ids) + 1)]
        around = [array("I") for _ in range(len(self.ids) + 1)]
        speaks, stands_in = ([each.append for each in held] for held in (postings, around))
        for at, unit in enumerate(self.units):
            for term in unit.own:
                speaks[term](at)
            for term in set(unit.around).difference(unit.own):
                stands_in[term](at)
        speaking = array("I", map(len, postings))
        for own_units, others in zip(postings, around, strict=True):
            own_units.extend(others)
        return postings, speaking


def _without(
    postings: Sequence[Terms], lost: Iterable[int], at: int, around: Collection[int]
) -> Sequence[Terms]:
    """The postings where a unit lacks some terms of its own; those around it stand last."""
    changed = list(postings)
    for term in lost:
        others = (unit for unit in postings[term] if unit != at)
        changed[term] = array("I", (*others, *([at] if term in around else ())))
    return changed


def _names(brief: Brief) -> tuple[str, ...]:
    return (brief.slug, brief.title, *brief.aliases)


def _names_of(unit: Unit, library: Library) -> Sequence[str]:
    """What opens a unit at once."""
    return _names(library.briefs[unit.id]) if unit.brief else (unit.id,)


def _asks_of(unit: Unit, library: Library) -> Sequence[str]:
    return library.briefs[unit.id].asks if unit.brief else library.snippets[unit.id].asks


def _append(terms: Sequence[int], own: set[int], asks: Terms) -> None:
    """Take up the terms of an ask, if it has any."""
    if terms:
        own.update(terms)
        asks.extend(terms)
        asks.append(END)


def _packed(terms: Iterable[int]) -> Terms:
    return array("I", sorted(terms))
