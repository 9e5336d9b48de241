"""An immutable index of a library: which statements and briefs speak of what, and how much."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from copy import copy
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from bot.answering.candidate import Candidate, key_of
from bot.answering.index import TermIndex
from bot.answering.lexicon import Lexicon, LibraryWords
from bot.answering.terms import PhraseTrie
from bot.answering.weights import WEIGHTS, Weights
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.errors import Finding
    from bot.library.model import Brief, Library, Snippet
    from bot.library.vocabulary import Vocabulary

MAX_CLAIMS = 128
"""Statements about one side that are looked at."""
NO_FAMILY = ""
"""The family of every actor where the vocabulary declares none."""


class Catalog:
    """A library and its vocabulary, indexed once and read by every question."""

    def __init__(
        self, library: Library, vocabulary: Vocabulary, weights: Weights = WEIGHTS
    ) -> None:
        self.library = library
        self.vocabulary = vocabulary
        self.w = weights
        """Every number that ranking and judging rest on."""
        self.version = _version(library, vocabulary)
        self.homes = {ref: b.slug for b in library.briefs.values() for ref in b.own}
        self.members = _members(library)
        """For each snippet the slugs of the briefs that show it."""
        self.lineages = {name: vocabulary.lineage(name) for name in vocabulary.concepts}
        self._declared = frozenset(c.id for c in vocabulary.concepts.values() if c.compared)
        self.families = {name: self._family(name) for name in vocabulary.concepts}
        """For each actor the family that it is compared within."""
        shared: dict[frozenset[str], frozenset[str]] = {}
        self.sides = {
            s.id: shared.setdefault(found := self._sides(s), found)
            for s in library.snippets.values()
        }
        """For each snippet the actors it is about, wider ones included."""
        self.about = self._about()
        """For each actor the snippets about it or a part of it, in order."""
        self.takes_up = {
            s.id: shared.setdefault(found := self._aspects(s), found)
            for s in library.snippets.values()
        }
        """For each snippet its aspects, wider ones included."""
        lineages = self.lineages  # and no method of the catalog: that would be a cycle
        english = PhraseTrie(vocabulary, "en")
        self.index = TermIndex(
            library,
            vocabulary,
            english,
            weights,
            lambda concept: lineages.get(concept, (concept,)),
        )
        words = LibraryWords(self.index.counts, self.index.told_words, self.index.says)
        self.lexicon = Lexicon(vocabulary, english, words)
        self.declined = frozenset(map(key_of, library.must_not_cover))
        """The questions that must not be covered, word for word."""
        self.document_actors = frozenset(filter(None, (s.actor for s in library.sources.values())))
        """What the vocabulary calls the documents."""

    @property
    def skipped(self) -> tuple[Finding, ...]:
        """What is wrong with the files that the library and its vocabulary are without."""
        return (*self.library.skipped, *self.vocabulary.skipped)

    @cached_property
    def aspects(self) -> tuple[str, ...]:
        """Every aspect in the vocabulary's order."""
        concepts = self.vocabulary.concepts.values()
        return tuple(c.id for c in concepts if c.group is Group.ASPECT)

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

    def statements_about(
        self, side: str, compared: Collection[str], first: Sequence[str] = ()
    ) -> list[Snippet]:
        """What the library says of one side and of none of the others compared with it.

        Those in `first` come first; at most `MAX_CLAIMS`.
        """
        own = self.about.get(side, {})
        others = {each for each in compared if each != side and side not in self.lineage(each)}
        before = [name for name in first if name in own]
        names = chain(before, (name for name in own if name not in before))
        alone = (name for name in names if others.isdisjoint(self.sides[name]))
        return [self.library.snippets[name] for name in islice(alone, MAX_CLAIMS)]

    def asked(self, key: str) -> str | None:
        """The brief or statement that has an ask of just these words; the shortest of several."""
        return self.index.asked(key)

    def shortcut(self, key: str) -> Candidate | None:
        """What these words open at once: a brief by its slug, title or alias, else a statement."""
        return self.index.named(key)

    def without_ask(self, name: str, ask: str) -> Catalog:
        """The catalog as it would be without one ask of a statement or a brief.

        Made in well under a millisecond: nothing is read again.
        """
        candidate = self.index.statements.get(name) or self.index.briefs[name]
        other = copy(self)
        other.index = self.index.without(candidate, ask)
        return other

    def is_declined(self, question: str) -> bool:
        """Whether just this question stands among those that must not be covered."""
        return key_of(question) in self.declined

    def brief_of(self, candidate: Candidate) -> str | None:
        """The slug of the brief that a candidate is, or is written in; None for a negative."""
        return (
            candidate.id
            if candidate.brief
            else self.homes.get(candidate.id)
            if candidate.statement
            else None
        )

    def brief_on(self, actor: str) -> str | None:
        """The brief whose names speak of an actor and of no other, None without just one."""
        wider = set(self.lineage(actor))
        found = [
            slug for slug, named in self._named_in.items() if actor in named and named <= wider
        ]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _named_in(self) -> Mapping[str, set[str]]:
        """The actors that the names of each brief speak of."""
        actors = {self.index.ids.get(f"@{a}"): a for a in self.families if self.is_actor(a)}
        return {
            slug: {actors[term] for term in self.index.names_of(brief) if term in actors}
            for slug, brief in self.library.briefs.items()
        }

    def opening(self, question: str) -> str | None:
        """The brief that answers a general question, "summary" or "outlook", for the library."""
        return self._opening.get(question)

    @cached_property
    def _opening(self) -> Mapping[str, str]:
        briefs = list(self.library.briefs.values())[::-1]
        return {question: brief.slug for brief in briefs for question in brief.opens}

    @cached_property
    def tagged(self) -> Mapping[str, int]:
        """How many statements are tagged with each actor, the most first, equal ones by id."""
        counts = Counter(a for s in self.library.snippets.values() for a in s.actors)
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def _family(self, actor: str) -> str | None:
        if self.vocabulary.concepts[actor].group is not Group.ACTOR:
            return None
        if not self._declared:
            return NO_FAMILY
        return next((each for each in self.lineage(actor) if each in self._declared), None)

    def _aspects(self, snippet: Snippet) -> frozenset[str]:
        return frozenset(each for aspect in snippet.aspects for each in self.lineage(aspect))

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


def _members(library: Library) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = defaultdict(list)
    for brief in library.briefs.values():
        for ref in brief.snippets:
            members[ref].append(brief.slug)
    return {ref: tuple(slugs) for ref, slugs in members.items()}


def _version(library: Library, vocabulary: Vocabulary) -> str:
    return hashlib.sha256((library.version + vocabulary.version).encode()).hexdigest()[:12]
