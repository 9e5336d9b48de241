"""Which statements and briefs speak of which terms, and how telling each term is."""

from __future__ import annotations

import math
from array import array
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.answering.candidate import (
    KIND_INTENTS,
    Candidate,
    CandidateKind,
    CandidateReader,
    Terms,
    key_of,
)
from bot.language.frequencies import RAREST
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bot.answering.terms import PhraseTrie
    from bot.answering.weights import Weights
    from bot.library.model import Library
    from bot.library.vocabulary import Vocabulary

MAX_MET: Final = 4096
"""Of a longer posting only so many candidates are met by those of another one."""
SHORT: Final = 512
"""A posting of so many candidates is looked through at once."""
REMEMBERED_BYTES: Final = 12_000_000
"""What longer postings, laid out by candidates, may take."""
OWN, AROUND, FIRST = 1, 2, 4
"""What is known of a candidate with a term: it speaks of it, stands in it, is among the first."""
FORM_INTENTS: Final = frozenset(
    f"@intent-{name}" for name in ("compare", "summary", "sources", "list", "help", "fact")
)
"""They say how to answer and not about what."""


class TermIndex:
    """The candidates of a library and the terms that each of them has."""

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
        self._read = CandidateReader(library, vocabulary, english, lineage)
        self.told = self._read.told
        self.counts, self.told_words = self._read.counts, self._read.told_words
        self.begin_names = self._read.begin_names
        self.terms, self.names_of = self._read.terms, self._read.names_of
        self.w = weights
        self.candidates = self._read.candidates()
        self.statements: Mapping[str, Candidate] = {
            u.id: u for u in self.candidates if u.statement
        }
        self.briefs: Mapping[str, Candidate] = {u.id: u for u in self.candidates if u.brief}
        self.ids: Mapping[str, int] = self._read.ids
        """The number of each term that the library has."""
        self.postings, self.speaking = self._post()
        """For each term, by its number, the candidates that have it, and how many of them speak of
        it: these stand first."""
        self.weights = self._weigh_all()
        """How telling each term is, by its number, 0 to 1."""
        self.declined = self._declined()
        """The terms that only questions to be declined have: the library does not."""
        self.laid_out = self._remember_laid_out()
        """What is known of each candidate and a term: `OWN` or `AROUND`, and `FIRST`, or 0."""
        self._hidden: tuple[str, str] | None = None
        """An ask that is left out, with whose it is."""

    def without(self, candidate: Candidate, ask: str) -> TermIndex:
        """The index as it would be if nobody had written one ask of a candidate.

        Args:
            candidate: A statement or a brief of this index.
            ask: One of its asks, word for word.
        """
        other = copy(self)
        left = self._read.without_ask(candidate, ask)
        at = next(n for n, each in enumerate(self.candidates) if each is candidate)
        other.candidates = (*self.candidates[:at], left, *self.candidates[at + 1 :])
        if candidate.statement:
            other.statements = {**self.statements, candidate.id: left}
        lost = sorted(set(candidate.own) - set(left.own))
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
        other._hidden = (candidate.id, key_of(ask))  # noqa: SLF001 - of this class
        return other

    def is_declined(self, term: int) -> bool:
        """Whether only questions to be declined have a term."""
        held = self.postings[term]
        return bool(held) and all(
            self.candidates[at].kind is CandidateKind.NEGATIVE for at in held
        )

    def weight(self, key: str) -> float:
        """How telling a term is, 0 to 1: rare ones more, the library's own subject hardly."""
        known = self.ids.get(key)
        return self._weight(key) if known is None else self.weights[known]

    def asked(self, key: str) -> str | None:
        """What an ask of just these words was written to: the shortest statement, else a brief."""
        snippets = self._library.snippets

        def rank(candidate: Candidate) -> tuple[bool, int, str]:
            return (
                candidate.brief,
                len(snippets[candidate.id].text) if candidate.statement else 0,
                candidate.id,
            )

        candidate = min(self._read.asks_met.find(key), key=rank, default=None)
        owner = candidate.id if candidate else None
        return None if (owner, key) == self._hidden else owner

    def says(self, phrase: str) -> bool:
        """Whether some words stand together in a text, a title or an ask."""
        holders: set[int] | None = None
        for word in phrase.split():
            terms = self._read.terms_with(word)
            if terms is not None:
                having = set().union(*map(self.postings.__getitem__, terms))
                holders = having if holders is None else holders & having
        # All that is said is looked through only where one candidate has all of the words.
        return holders != set() and f" {phrase} ".encode() in self._read.all_said

    def named(self, key: str) -> Candidate | None:
        """What has just these words as a name: of several briefs the last, else a statement."""
        named = None
        for candidate in self._read.names_met.find(key):
            if candidate.brief or named is None or not named.brief:
                named = candidate
        return named

    def intents_of(self, candidate: Candidate) -> frozenset[str]:
        """The intents that a candidate is about: by its kind, or by the names of a brief."""
        if candidate.statement:
            kind = KIND_INTENTS.get(self._library.snippets[candidate.id].kind)
            return frozenset({kind}) if kind else frozenset()
        brief = self._library.briefs.get(candidate.id)
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
        size, found = len(self.candidates), len(self.postings[number]) if number else 0
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

    def _remember_laid_out(self) -> Callable[[int], Sequence[int]]:
        postings, speaking, size = self.postings, self.speaking, len(self.candidates)

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
        negative = [
            candidate for candidate in self.candidates if candidate.kind is CandidateKind.NEGATIVE
        ]
        terms = {term for candidate in negative for term in candidate.own}
        return frozenset(filter(self.is_declined, terms))

    def _post(self) -> tuple[Sequence[Terms], Terms]:
        postings = [array("I") for _ in range(len(self.ids) + 1)]
        around = [array("I") for _ in range(len(self.ids) + 1)]
        speaks, stands_in = ([each.append for each in held] for held in (postings, around))
        for at, candidate in enumerate(self.candidates):
            for term in candidate.own:
                speaks[term](at)
            for term in set(candidate.around).difference(candidate.own):
                stands_in[term](at)
        speaking = array("I", map(len, postings))
        for own_candidates, others in zip(postings, around, strict=True):
            own_candidates.extend(others)
        return postings, speaking


def _without(
    postings: Sequence[Terms], lost: Iterable[int], at: int, around: Collection[int]
) -> Sequence[Terms]:
    """The postings where a candidate lacks some terms of its own; those around it stand last."""
    changed = list(postings)
    for term in lost:
        others = (candidate for candidate in postings[term] if candidate != at)
        changed[term] = array("I", (*others, *([at] if term in around else ())))
    return changed
