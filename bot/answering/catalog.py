"""An immutable index of a library: which snippets and briefs speak of what, and how much."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.answering.lexicon import Lexicon
from bot.answering.normalize import read_texts
from bot.answering.query import LibraryReader
from bot.library.model import Kind
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Vocabulary

ASK, TEXT, TAG, ANCESTOR, CONTEXT = 1.0, 0.9, 1.0, 0.7, 0.3
"""How much a term counts by where it stands: an example ask, the text, a tag, an ancestor of a
tag, the title of the brief around it."""
DOMAIN, INTENT = 0.05, 0.35
"""What a word of the library's whole subject, and a word for an intent, count at most."""
LITERAL = 0.5
"""What the very words for a concept count beside the concept."""
PLAIN = 0.45
"""What a word counts that is in no vocabulary, beside a concept as rare."""
DOCUMENTS = "document"
FAMILIES = frozenset({"side", "model-type", DOCUMENTS})
"""Kinds of actors; only actors of one kind are compared with each other."""
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


@dataclass(frozen=True, slots=True)
class Unit:
    """What can be an answer: a snippet, or a brief where `brief` is true."""

    id: str
    brief: bool
    profile: Mapping[str, float]
    """Each term it speaks of with its weight, 0 to 1."""
    asks: tuple[frozenset[str], ...]


class Catalog:
    """A library and its vocabulary, indexed once and read by every question."""

    def __init__(self, library: Library, vocabulary: Vocabulary) -> None:
        self.library = library
        self.vocabulary = vocabulary
        self.lexicon = Lexicon(vocabulary, lambda: _surfaces(library))
        self._reader = LibraryReader(self.lexicon)
        self.version = _version(library, vocabulary)
        self.homes = {ref: b.slug for b in library.briefs.values() for ref in b.own}
        self.members = _members(library)
        """For each snippet the slugs of the briefs that show it."""
        self.lineages = {name: vocabulary.lineage(name) for name in vocabulary.concepts}
        self.families = {name: self._family(name) for name in vocabulary.concepts}
        """For each actor the kind of actors that it is compared within."""
        self.sides = {s.id: self._sides(s) for s in library.snippets.values()}
        """For each snippet the actors it is about, wider ones included."""
        self.claims = self._claims()
        """For each actor the snippets about it or a part of it and no other side, in order."""
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
        self.masses = tuple(
            tuple(sum(self.weights[key] for key in ask) for ask in unit.asks)
            for unit in self.units
        )
        """For each unit the summed weight of each of its asks."""
        self.told = self._told()
        """The concepts that snippets name in their text or tags, and not in their asks alone."""
        self.shortcuts = _shortcuts(library)
        self.profiles = {unit.id: unit.profile for unit in self.units if not unit.brief}

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
        return known is not None and known.group is Group.ACTOR and concept not in FAMILIES

    def home(self, snippet: str) -> Brief:
        """The brief that a snippet is written in."""
        return self.library.briefs[self.homes[snippet]]

    def _weight(self, key: str) -> float:
        if key in FORM_INTENTS:
            return 0.0
        concept = self.vocabulary.concepts.get(key[1:]) if key.startswith("@") else None
        group = concept.group if concept else None
        if group in {Group.DETAIL, Group.COMMAND}:
            return 0.0
        if group is Group.DOMAIN:
            return DOMAIN
        if group is Group.INTENT:
            return INTENT
        rarity = math.log(1 + len(self.units) / (1 + len(self.postings.get(key, ()))))
        share = 1.0 if group else LITERAL if key.startswith("+") else PLAIN
        return share * rarity / math.log(2 + len(self.units))

    def _units(self) -> list[Unit]:
        units = [self._brief_unit(b) for b in self.library.briefs.values()]
        units += [self._snippet_unit(s) for s in self.library.snippets.values()]
        return sorted(units, key=lambda unit: (unit.id, unit.brief))

    def _snippet_unit(self, snippet: Snippet) -> Unit:
        profile: dict[str, float] = {}
        asks = [self._keys(ask) for ask in snippet.asks]
        _raise(profile, self._keys(self.home(snippet.id).title), CONTEXT)
        _raise_all(profile, self._tags(snippet), 1.0)
        told = (snippet.text, snippet.attribution or "", snippet.as_of or "")
        _raise(profile, self._keys(". ".join(told)), TEXT)
        for ask in asks:
            _raise(profile, ask, ASK)
        return Unit(snippet.id, brief=False, profile=profile, asks=tuple(filter(None, asks)))

    def _brief_unit(self, brief: Brief) -> Unit:
        profile: dict[str, float] = {}
        for ref in brief.snippets:
            _raise_all(profile, self._tags(self.library.snippets[ref]), CONTEXT)
        _raise(profile, self._keys(brief.gist.text), TEXT)
        names = (brief.slug, brief.title, *brief.aliases)
        asks = [self._keys(ask) for ask in (*names, *brief.asks)]
        for ask in asks:
            _raise(profile, ask, ASK)
        return Unit(brief.slug, brief=True, profile=profile, asks=tuple(filter(None, asks)))

    def _keys(self, text: str) -> frozenset[str]:
        return self._reader.term_keys(read_texts(text))

    def _tags(self, snippet: Snippet) -> dict[str, float]:
        tags: dict[str, float] = {}
        for concept in (*snippet.actors, *snippet.aspects):
            for depth, each in enumerate(self.lineage(concept)):
                tags.setdefault(f"@{each}", ANCESTOR if depth else TAG)
        cited = (self.library.sources[c.source] for c in snippet.citations)
        tags |= {f"@{source.actor}": ANCESTOR for source in cited if source.actor}
        if intent := _KIND_INTENTS.get(snippet.kind):
            tags[f"@{intent}"] = TAG
        return tags

    def _family(self, actor: str) -> str | None:
        return next((each for each in self.lineage(actor) if each in FAMILIES), None)

    def _claims(self) -> dict[str, dict[str, None]]:
        around = {
            name: frozenset(each for each in self.lineage(name) if self.is_actor(each))
            for name in self.lineages
        }
        claims: dict[str, dict[str, None]] = defaultdict(dict)
        for snippet in self.library.snippets.values():
            for side in self.sides[snippet.id]:
                family = self.families.get(side)
                rivals = (a for a in snippet.actors if self.families.get(a) == family)
                if all(not around[side].isdisjoint(self.lineage(rival)) for rival in rivals):
                    claims[side][snippet.id] = None
        return dict(claims)

    def _sides(self, snippet: Snippet) -> frozenset[str]:
        cited = {citation.source for citation in snippet.citations}
        alone = {self.library.sources[name].actor for name in cited} if len(cited) == 1 else set()
        named = (*snippet.actors, *filter(None, alone))
        return frozenset(
            each for actor in named for each in self.lineage(actor) if self.is_actor(each)
        )

    def _told(self) -> frozenset[str]:
        library = self.library
        gists = (brief.gist for brief in library.briefs.values())
        keys = {key for s in (*library.snippets.values(), *gists) for key in self._keys(s.text)}
        keys.update(key for s in library.snippets.values() for key in self._tags(s))
        return frozenset(keys)

    def _post(self) -> dict[str, tuple[int, ...]]:
        postings: dict[str, list[int]] = defaultdict(list)
        for index, unit in enumerate(self.units):
            for key in unit.profile:
                postings[key].append(index)
        return {key: tuple(self._heaviest_first(key, found)) for key, found in postings.items()}

    def _heaviest_first(self, key: str, indexes: list[int]) -> list[int]:
        return sorted(indexes, key=lambda i: (-self.units[i].profile[key], i))


def _raise(profile: dict[str, float], keys: Iterable[str], weight: float) -> None:
    """Give each key at least this weight."""
    for key in keys:
        if profile.get(key, 0.0) < weight:
            profile[key] = weight


def _raise_all(profile: dict[str, float], weights: Mapping[str, float], by: float) -> None:
    for key, weight in weights.items():
        _raise(profile, (key,), weight * by)


def _surfaces(library: Library) -> Counter[str]:
    """Every word of the library with how often it is used."""
    texts = [text for s in library.snippets.values() for text in (s.text, *s.asks)]
    for brief in library.briefs.values():
        texts += [brief.title, brief.slug, brief.gist.text, *brief.aliases, *brief.asks]
    return Counter(word for text in texts for word in read_texts(text))


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


def _key(text: str) -> str:
    return " ".join(read_texts(text))


def _version(library: Library, vocabulary: Vocabulary) -> str:
    return hashlib.sha256((library.version + vocabulary.version).encode()).hexdigest()[:12]
