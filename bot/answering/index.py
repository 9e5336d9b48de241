"""Which statements and briefs speak of which terms, and how telling each term is."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import structs

from bot.answering.library_reader import LibraryReader
from bot.answering.statements import facts_of
from bot.answering.text import read_texts
from bot.language.frequencies import RAREST
from bot.library.model import Kind
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from bot.answering.lexicon import Lexicon
    from bot.answering.weights import Weights
    from bot.library.model import Brief, Library, Snippet

Terms: TypeAlias = "array[int]"
"""Numbers of terms, four bytes each: a library of 100,000 statements has millions."""
MAX_MET: Final = 4096
"""Of a longer posting only so many units are met by those of another one."""
REMEMBERED: Final = 64
"""Postings that are kept ready to be met."""
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


class TermIndex:
    """The units of a library and the terms that each of them has."""

    def __init__(
        self,
        library: Library,
        lexicon: Lexicon,
        weights: Weights,
        lineage: Callable[[str], Iterable[str]],
    ) -> None:
        self._library = library
        self._dictionary = lexicon.vocabulary.dictionary
        self._concepts = lexicon.vocabulary.concepts
        self._intents = [f"@{n}" for n, c in self._concepts.items() if c.group is Group.INTENT]
        self._reader = LibraryReader(lexicon)
        self._lineage = lineage
        self.w = weights
        self.told: set[int] = set()
        """The terms of texts, tags and titles; the rest stands in example asks alone."""
        self.units = tuple(self._units())
        self.statements: Mapping[str, Unit] = {u.id: u for u in self.units if u.statement}
        self.briefs: Mapping[str, Unit] = {u.id: u for u in self.units if u.brief}
        self.ids: Mapping[str, int] = self._reader.ids
        """The number of each term that the library has."""
        self.postings = self._post()
        """For each term, by its number, the units that have it; those that speak of it first."""
        self.weights = array("d", [0.0, *map(self._weight, self.ids)])
        """How telling each term is, by its number, 0 to 1."""
        self.declined = self._declined()
        """The terms that only questions to be declined have: the library does not."""
        self._asked = _Asked(self.units, library)
        self._met: dict[int, bytearray] = {}
        self._hidden: tuple[str, str] | None = None
        """An ask that is left out, with whose it is."""

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
        other._met = {}  # noqa: SLF001 - of this class
        other._hidden = (unit.id, _key(ask))  # noqa: SLF001 - of this class
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
        return self._brief(replace(brief, asks=asks))

    def first_with(self, term: int) -> Sequence[int]:
        """For each unit whether it is among the first that have a term."""
        try:
            return self._met[term]
        except KeyError:  # no second look: another thread may clear them meanwhile
            if len(self._met) >= REMEMBERED:
                self._met.clear()
            met = bytearray(len(self.units))
            for at in self.postings[term][:MAX_MET]:
                met[at] = 1
            self._met[term] = met
            return met

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        known = self.ids.get(key)
        return self._weight(key) if known is None else self.weights[known]

    def terms(self, text: str) -> list[int]:
        """The terms of an English text of the library, by their numbers."""
        return self._reader.terms(read_texts(text))

    def asked(self, key: str) -> str | None:
        """The statement or brief that has an ask of just these words; see `_Asked`."""
        owner = self._asked.owner(key)
        return None if (owner, key) == self._hidden else owner

    def intents_of(self, unit: Unit) -> frozenset[str]:
        """The intents that a unit is about: by its kind, or by the names of a brief."""
        if unit.statement:
            kind = _KIND_INTENTS.get(self._library.snippets[unit.id].kind)
            return frozenset({kind}) if kind else frozenset()
        brief = self._library.briefs.get(unit.id)
        named = {term for name in _names(brief) for term in self.terms(name)} if brief else set()
        return frozenset(key for key in self._intents if self.ids.get(key) in named)

    def _weight(self, key: str) -> float:
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
        level = self._dictionary.level(key)
        share = (RAREST if level is None else level) / RAREST
        return self.w.plain * (self.w.common + (1 - self.w.common) * share) * rarity

    def _units(self) -> list[Unit]:
        library = self._library
        units = [unit for brief in library.briefs.values() for unit in self._of_brief(brief)]
        units += filter(None, map(self._negative, library.must_not_cover))
        return sorted(units, key=lambda unit: (unit.id, unit.brief))

    def _of_brief(self, brief: Brief) -> Iterator[Unit]:
        """A brief and the statements that are written in it."""
        names = {term for name in _names(brief) for term in self.terms(name)}
        self.told.update(names)
        around = array("I", sorted(names))
        snippets = self._library.snippets
        for name in brief.snippets:
            if name in brief.own:
                yield self._statement(snippets[name], around)
        yield self._brief(brief)

    def _brief(self, brief: Brief) -> Unit:
        snippets = self._library.snippets
        tags = {term for name in brief.snippets for term in self._tags(snippets[name])}
        own, asks = self._asks((*_names(brief), *brief.asks))
        gist = self.terms(brief.gist.text)
        own.update(gist)
        self.told.update(gist)
        return Unit(brief.slug, UnitKind.BRIEF, _packed(own), _packed(tags - own), asks)

    def _statement(self, snippet: Snippet, around: Terms) -> Unit:
        own, asks = self._asks(snippet.asks)
        told = self._tags(snippet).union(self.terms(snippet.text))
        own.update(told)
        self.told.update(told)
        for _, text in facts_of(snippet):
            own.update(self.terms(text))
        return Unit(snippet.id, UnitKind.STATEMENT, _packed(own), around, asks)

    def _negative(self, ask: str) -> Unit | None:
        own, asks = self._asks((ask,))
        return Unit(ask, UnitKind.NEGATIVE, _packed(own), array("I"), asks) if own else None

    def _asks(self, texts: Iterable[str]) -> tuple[set[int], Terms]:
        """All terms of some asks, and the terms of each."""
        own: set[int] = set()
        asks = array("I")
        for text in texts:
            if terms := self.terms(text):
                own.update(terms)
                asks.extend(terms)
                asks.append(END)
        return own, asks

    def _tags(self, snippet: Snippet) -> set[int]:
        cited = (self._library.sources[c.source] for c in snippet.citations)
        documents = (source.actor for source in cited if source.actor)
        named = (*snippet.actors, *snippet.aspects, *documents)
        tags = {f"@{each}" for concept in named for each in self._lineage(concept)}
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags.add(intent)
        return set(map(self._reader.number, sorted(tags)))

    def _declined(self) -> frozenset[int]:
        negative = [unit for unit in self.units if unit.kind is UnitKind.NEGATIVE]
        terms = {term for unit in negative for term in unit.own}
        return frozenset(filter(self.is_declined, terms))

    def _post(self) -> Sequence[Terms]:
        postings = [array("I") for _ in range(len(self.ids) + 1)]
        around = [array("I") for _ in range(len(self.ids) + 1)]
        for at, unit in enumerate(self.units):
            for term in unit.own:
                postings[term].append(at)
            own = set(unit.own)
            for term in unit.around:
                if term not in own:
                    around[term].append(at)
        for own_units, others in zip(postings, around, strict=True):
            own_units.extend(others)
        return postings


class _Asked:
    """Finds what an ask was written to by its words: the shortest statement, else a brief."""

    def __init__(self, units: Sequence[Unit], library: Library) -> None:
        self._library = library
        self._units = units
        ranked = sorted(range(len(units)), key=self._rank)
        hashes, owners = array("q"), array("I")
        for at in ranked:
            for ask in self._texts(units[at]):
                hashes.append(hash(_key(ask)))
                owners.append(at)
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        self._hashes = array("q", map(hashes.__getitem__, order))
        self._owners = array("I", map(owners.__getitem__, order))

    def owner(self, key: str) -> str | None:
        """The id of a statement or a brief, None where nobody wrote just this ask."""
        wanted = hash(key)
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            unit = self._units[self._owners[at]]
            if any(_key(ask) == key for ask in self._texts(unit)):
                return unit.id
            at += 1
        return None

    def _rank(self, at: int) -> tuple[bool, int, int]:
        unit = self._units[at]
        text = self._library.snippets[unit.id].text if unit.statement else ""
        return unit.brief, len(text), at

    def _texts(self, unit: Unit) -> tuple[str, ...]:
        if unit.statement:
            return self._library.snippets[unit.id].asks
        return self._library.briefs[unit.id].asks if unit.brief else ()


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


def _key(text: str) -> str:
    return " ".join(read_texts(text))


def _packed(terms: Iterable[int]) -> Terms:
    return array("I", sorted(terms))
