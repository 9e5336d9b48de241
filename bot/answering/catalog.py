"""An immutable index of a library: which statements and briefs speak of what, and how much."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from bot.answering.lexicon import Lexicon
from bot.answering.query import LibraryReader
from bot.answering.text import read_texts
from bot.answering.weights import WEIGHTS, Weights
from bot.language.frequencies import RAREST
from bot.library.model import Kind
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Vocabulary

FORM_INTENTS = frozenset(
    f"@intent-{name}" for name in ("compare", "summary", "sources", "list", "help", "fact")
)
"""They say how to answer and not about what."""
_KIND_INTENTS = {
    Kind.OUTLOOK: "intent-outlook",
    Kind.OPEN_QUESTION: "intent-outlook",
    Kind.REACTION: "intent-reactions",
    Kind.IMPACT: "intent-impact",
}
NO_FAMILY = ""
"""The family of every actor where the vocabulary declares none."""


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
    asks: tuple[frozenset[str], ...]

    @property
    def brief(self) -> bool:
        """Whether it is a brief."""
        return self.kind is UnitKind.BRIEF

    @property
    def statement(self) -> bool:
        """Whether it is a statement."""
        return self.kind is UnitKind.STATEMENT


class Catalog:
    """A library and its vocabulary, indexed once and read by every question."""

    def __init__(
        self, library: Library, vocabulary: Vocabulary, weights: Weights = WEIGHTS
    ) -> None:
        self.library = library
        self.vocabulary = vocabulary
        self.w = weights
        self.lexicon = Lexicon(vocabulary, lambda: _surfaces(library))
        self._reader = LibraryReader(self.lexicon)
        self.version = _version(library, vocabulary)
        self.homes = {ref: b.slug for b in library.briefs.values() for ref in b.own}
        self.members = _members(library)
        """For each snippet the slugs of the briefs that show it."""
        self.lineages = {name: vocabulary.lineage(name) for name in vocabulary.concepts}
        self._declared = frozenset(c.id for c in vocabulary.concepts.values() if c.compared)
        self.families = {name: self._family(name) for name in vocabulary.concepts}
        """For each actor the family that it is compared within."""
        self.sides = {s.id: self._sides(s) for s in library.snippets.values()}
        """For each snippet the actors it is about, wider ones included."""
        self.about = self._about()
        """For each actor the snippets about it or a part of it, in order."""
        self.takes_up = {
            s.id: frozenset(each for aspect in s.aspects for each in self.lineage(aspect))
            for s in library.snippets.values()
        }
        """For each snippet its aspects, wider ones included."""
        self.units = tuple(self._units())
        self.contents = tuple(unit.profile for unit in self.units)
        """The profile of each unit."""
        self.postings = self._post()
        """For each term the units that have it, heaviest first."""
        self.weights = {key: self._weight(key) for key in self.postings}
        self.norms = tuple(
            tuple(sum(self.weights[key] for key in ask) for ask in unit.asks)
            for unit in self.units
        )
        """For each unit the summed weight of each of its asks."""
        self.mean_terms = sum(map(len, self.contents)) / max(1, len(self.contents)) or 1.0
        """How many terms a unit has on average."""
        self.shortcuts = _shortcuts(library)
        self._asks = _asked(library)
        self.document_actors = frozenset(filter(None, (s.actor for s in library.sources.values())))
        """What the vocabulary calls the documents."""
        self.profiles = {
            unit.id: unit.profile for unit in self.units if unit.kind is UnitKind.STATEMENT
        }

    @cached_property
    def aspects(self) -> tuple[str, ...]:
        """Every aspect in the vocabulary's order."""
        concepts = self.vocabulary.concepts.values()
        return tuple(c.id for c in concepts if c.group is Group.ASPECT)

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        known = self.weights.get(key)
        return self._weight(key) if known is None else known

    def lineage(self, concept: str) -> tuple[str, ...]:
        """The concept and its ancestors, nearest first."""
        return self.lineages.get(concept, (concept,))

    def is_actor(self, concept: str) -> bool:
        """Whether a concept is somebody or something that can be a side of a comparison."""
        known = self.vocabulary.concepts.get(concept)
        return known is not None and known.group is Group.ACTOR and not known.compared

    def home(self, snippet: str) -> Brief:
        """The brief that a snippet is written in."""
        return self.library.briefs[self.homes[snippet]]

    def asked(self, key: str) -> str | None:
        """The brief or statement that has an ask of just these words; the shortest of several."""
        return self._asks.get(hash_of(key))

    def brief_of(self, index: int) -> str | None:
        """The slug of the brief that a unit is, or is written in; None for a negative."""
        unit = self.units[index]
        return unit.id if unit.brief else self.homes.get(unit.id) if unit.statement else None

    def intents_of(self, unit: Unit) -> frozenset[str]:
        """The intents that a unit is about: by its kind, or by the names of a brief."""
        if unit.statement:
            kind = _KIND_INTENTS.get(self.library.snippets[unit.id].kind)
            return frozenset({f"@{kind}"}) if kind else frozenset()
        brief = self.library.briefs.get(unit.id)
        names = (brief.slug, brief.title, *brief.aliases) if brief else ()
        keys = frozenset().union(*map(self._keys, names))
        return frozenset(key for key in keys if key.startswith("@intent-"))

    def opening(self, question: str) -> str | None:
        """The brief that answers a general question, "summary" or "outlook", for the library."""
        briefs = self.library.briefs.values()
        return next((brief.slug for brief in briefs if question in brief.opens), None)

    def _weight(self, key: str) -> float:
        if key in FORM_INTENTS:
            return 0.0
        concept = self.vocabulary.concepts.get(key[1:]) if key.startswith("@") else None
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
        level = self.vocabulary.dictionary.level(key)
        share = self.w.common + (1 - self.w.common) * (RAREST if level is None else level) / RAREST
        return self.w.plain * share * rarity

    def _units(self) -> list[Unit]:
        units = [self._brief_unit(b) for b in self.library.briefs.values()]
        units += [self._snippet_unit(s) for s in self.library.snippets.values()]
        units += filter(None, map(self._negative_unit, self.library.must_not_cover))
        return sorted(units, key=lambda unit: (unit.id, unit.brief))

    def _snippet_unit(self, snippet: Snippet) -> Unit:
        profile: dict[str, float] = {}
        asks = [self._keys(ask) for ask in snippet.asks]
        home = self.home(snippet.id)
        for name in (home.title, *home.aliases):
            _raise(profile, self._keys(name), self.w.context)
        _raise(profile, self._tags(snippet), 1.0)
        told = (snippet.text, snippet.attribution or "", snippet.as_of or "")
        _raise(profile, self._keys(". ".join(told)), 1.0)
        for ask in asks:
            _raise(profile, ask, 1.0)
        return Unit(snippet.id, UnitKind.STATEMENT, profile, tuple(filter(None, asks)))

    def _brief_unit(self, brief: Brief) -> Unit:
        profile: dict[str, float] = {}
        for ref in brief.snippets:
            _raise(profile, self._tags(self.library.snippets[ref]), self.w.context)
        _raise(profile, self._keys(brief.gist.text), 1.0)
        names = (brief.slug, brief.title, *brief.aliases)
        asks = [self._keys(ask) for ask in (*names, *brief.asks)]
        for ask in asks:
            _raise(profile, ask, 1.0)
        return Unit(brief.slug, UnitKind.BRIEF, profile, tuple(filter(None, asks)))

    def _negative_unit(self, ask: str) -> Unit | None:
        keys = self._keys(ask)
        return Unit(ask, UnitKind.NEGATIVE, dict.fromkeys(keys, 1.0), (keys,)) if keys else None

    def _keys(self, text: str) -> frozenset[str]:
        return self._reader.term_keys(read_texts(text))

    def _tags(self, snippet: Snippet) -> frozenset[str]:
        cited = (self.library.sources[c.source] for c in snippet.citations)
        documents = (source.actor for source in cited if source.actor)
        named = (*snippet.actors, *snippet.aspects, *documents)
        tags = {f"@{each}" for concept in named for each in self.lineage(concept)}
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags.add(f"@{intent}")
        return frozenset(tags)

    def _family(self, actor: str) -> str | None:
        if self.vocabulary.concepts[actor].group is not Group.ACTOR:
            return None
        if not self._declared:
            return NO_FAMILY
        return next((each for each in self.lineage(actor) if each in self._declared), None)

    def _about(self) -> dict[str, dict[str, None]]:
        about: dict[str, dict[str, None]] = defaultdict(dict)
        for snippet in self.library.snippets.values():
            for side in self.sides[snippet.id]:
                about[side][snippet.id] = None
        return dict(about)

    def _sides(self, snippet: Snippet) -> frozenset[str]:
        cited = {citation.source for citation in snippet.citations}
        alone = {self.library.sources[name].actor for name in cited} if len(cited) == 1 else set()
        named = (*snippet.actors, *filter(None, alone))
        return frozenset(
            each for actor in named for each in self.lineage(actor) if self.is_actor(each)
        )

    def _post(self) -> dict[str, tuple[int, ...]]:
        postings: dict[str, list[int]] = defaultdict(list)
        for index, unit in enumerate(self.units):
            for key in unit.profile:
                postings[key].append(index)
        return {key: tuple(self._heaviest_first(key, found)) for key, found in postings.items()}

    def _heaviest_first(self, key: str, indexes: list[int]) -> list[int]:
        return sorted(indexes, key=lambda i: (-self.units[i].profile[key], i))


def _raise(profile: dict[str, float], keys: Iterable[str], weight: float) -> None:
    """Give each term at least this weight."""
    for key in keys:
        if weight > profile.get(key, 0.0):
            profile[key] = weight


def _surfaces(library: Library) -> tuple[Counter[str], frozenset[str]]:
    """How often the library uses each word, and the words of its statements and titles."""
    told = [s.text for s in library.snippets.values()]
    asks = [ask for s in library.snippets.values() for ask in s.asks]
    for brief in library.briefs.values():
        told += [brief.title, brief.slug, brief.gist.text, *brief.aliases]
        asks += brief.asks
    counts = Counter(word for text in told for word in read_texts(text))
    words = frozenset(counts)
    counts.update(word for text in asks for word in read_texts(text))
    return counts, words


def _members(library: Library) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = defaultdict(list)
    for brief in library.briefs.values():
        for ref in brief.snippets:
            members[ref].append(brief.slug)
    return {ref: tuple(slugs) for ref, slugs in members.items()}


def _shortcuts(library: Library) -> dict[str, tuple[bool, str]]:
    """What opens a brief or a snippet at once: its id, slug, title or alias, word for word."""
    names: dict[str, tuple[bool, str]] = {}
    for snippet in library.snippets.values():
        names[_key(snippet.id)] = (False, snippet.id)
    for brief in library.briefs.values():
        for name in (*brief.aliases, brief.title, brief.slug):
            names[_key(name)] = (True, brief.slug)
    return names


def _asked(library: Library) -> dict[int, str]:
    """What each ask was written to, by the hash of its words."""
    owners = [(s.id, len(s.text), s.asks) for s in library.snippets.values()]
    owners += [(b.slug, 0, b.asks) for b in library.briefs.values()]
    owners.sort(key=lambda owner: (-owner[1], owner[0]))
    return {hash_of(_key(ask)): name for name, _, asks in owners for ask in asks}


def hash_of(key: str) -> int:
    """Eight bytes for a string, the same in every process."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())


def _key(text: str) -> str:
    return " ".join(read_texts(text))


def _version(library: Library, vocabulary: Vocabulary) -> str:
    return hashlib.sha256((library.version + vocabulary.version).encode()).hexdigest()[:12]
