"""Which statements and briefs speak of which terms, and how telling each term is."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.answering.query import LibraryReader
from bot.answering.text import read_texts
from bot.language.frequencies import RAREST
from bot.library.model import Kind
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.answering.lexicon import Lexicon
    from bot.answering.weights import Weights
    from bot.library.model import Brief, Library, Snippet

FORM_INTENTS = frozenset(
    f"@intent-{name}" for name in ("compare", "summary", "sources", "list", "help", "fact")
)
"""They say how to answer and not about what."""
_KIND_INTENTS = {
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
    profile: Mapping[str, float]
    """Each term it speaks of with its weight, 0 to 1."""
    asks: tuple[tuple[str, ...], ...]
    """The terms of each example ask."""

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
        self._lexicon = lexicon
        self._reader = LibraryReader(lexicon)
        self._lineage = lineage
        self.w = weights
        self.units = tuple(self._units())
        self.profiles = {unit.id: unit.profile for unit in self.units if unit.statement}
        """The profile of each statement."""
        self.postings = self._post()
        """For each term the units that have it, heaviest first."""
        self.weights = {key: self._weight(key) for key in self.postings}
        self.mean_terms = sum(len(u.profile) for u in self.units) / max(1, len(self.units)) or 1.0
        """How many terms a unit has on average."""

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        known = self.weights.get(key)
        return self._weight(key) if known is None else known

    def keys(self, text: str) -> tuple[str, ...]:
        """The terms of an English text of the library."""
        return self._reader.term_keys(read_texts(text))

    def intents_of(self, unit: Unit) -> frozenset[str]:
        """The intents that a unit is about: by its kind, or by the names of a brief."""
        if unit.statement:
            kind = _KIND_INTENTS.get(self._library.snippets[unit.id].kind)
            return frozenset({kind}) if kind else frozenset()
        brief = self._library.briefs.get(unit.id)
        names = (brief.slug, brief.title, *brief.aliases) if brief else ()
        keys = (key for name in names for key in self.keys(name))
        return frozenset(key for key in keys if key.startswith("@intent-"))

    def _weight(self, key: str) -> float:
        if key in FORM_INTENTS:
            return 0.0
        concepts = self._lexicon.vocabulary.concepts
        concept = concepts.get(key[1:]) if key.startswith("@") else None
        group = concept.group if concept else None
        if group in {Group.DETAIL, Group.LIBRARY}:
            return 0.0
        size, found = len(self.units), len(self.postings.get(key, ()))
        rarity = math.log1p((size - found + 0.5) / (found + 0.5)) / math.log1p(2 * size + 1)
        if group is Group.INTENT:
            return min(self.w.intent, rarity)
        if group:
            return rarity
        if key.startswith("+"):
            return self.w.literal * rarity
        level = self._lexicon.vocabulary.dictionary.level(key)
        share = (RAREST if level is None else level) / RAREST
        return self.w.plain * (self.w.common + (1 - self.w.common) * share) * rarity

    def _units(self) -> list[Unit]:
        library = self._library
        homes = {name: brief for brief in library.briefs.values() for name in brief.own}
        units = [self._brief(brief) for brief in library.briefs.values()]
        units += [self._statement(s, homes[s.id]) for s in library.snippets.values()]
        units += filter(None, map(self._negative, library.must_not_cover))
        return sorted(units, key=lambda unit: (unit.id, unit.brief))

    def _statement(self, snippet: Snippet, home: Brief) -> Unit:
        told = (snippet.text, snippet.attribution or "", snippet.as_of or "")
        asks = [self.keys(ask) for ask in snippet.asks]
        profile: dict[str, float] = {}
        for name in (home.title, *home.aliases):
            _raise(profile, self.keys(name), self.w.context)
        for keys in (self._tags(snippet), self.keys(". ".join(told)), *asks):
            _raise(profile, keys, 1.0)
        return Unit(snippet.id, UnitKind.STATEMENT, dict(profile), tuple(filter(None, asks)))

    def _brief(self, brief: Brief) -> Unit:
        names = (brief.slug, brief.title, *brief.aliases)
        asks = [self.keys(ask) for ask in (*names, *brief.asks)]
        profile: dict[str, float] = {}
        for ref in brief.snippets:
            _raise(profile, self._tags(self._library.snippets[ref]), self.w.context)
        for keys in (self.keys(brief.gist.text), *asks):
            _raise(profile, keys, 1.0)
        return Unit(brief.slug, UnitKind.BRIEF, dict(profile), tuple(filter(None, asks)))

    def _negative(self, ask: str) -> Unit | None:
        keys = self.keys(ask)
        return Unit(ask, UnitKind.NEGATIVE, dict.fromkeys(keys, 1.0), (keys,)) if keys else None

    def _tags(self, snippet: Snippet) -> frozenset[str]:
        cited = (self._library.sources[c.source] for c in snippet.citations)
        documents = (source.actor for source in cited if source.actor)
        named = (*snippet.actors, *snippet.aspects, *documents)
        tags = {f"@{each}" for concept in named for each in self._lineage(concept)}
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags.add(intent)
        return frozenset(tags)

    def _post(self) -> dict[str, tuple[int, ...]]:
        postings: dict[str, list[int]] = defaultdict(list)
        for at, unit in enumerate(self.units):
            for key in unit.profile:
                postings[key].append(at)
        return {key: tuple(self._heaviest_first(key, found)) for key, found in postings.items()}

    def _heaviest_first(self, key: str, found: list[int]) -> list[int]:
        return sorted(found, key=lambda at: (-self.units[at].profile[key], at))


def _raise(profile: dict[str, float], keys: Iterable[str], weight: float) -> None:
    """Give each term at least this weight."""
    for key in keys:
        if weight > profile.get(key, 0.0):
            profile[key] = weight
