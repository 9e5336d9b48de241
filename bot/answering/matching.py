"""Query + catalog -> ranked matches with a score from 0 to 100, and the briefs to offer."""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.answering.candidate import END, CandidateKind
from bot.answering.index import AROUND, FIRST, OWN, SHORT
from bot.language.frequencies import RAREST
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bot.answering.candidate import Candidate
    from bot.answering.catalog import Catalog
    from bot.answering.index import TermIndex
    from bot.answering.query import Query
    from bot.answering.weights import Weights

SPECIFIC_WEIGHT = 0.3
"""A term with this weight or more tells briefs apart."""
MAX_LOOKED_AT = 1024
"""Of a longer posting only so many candidates are looked at."""
MAX_CANDIDATES = 64
"""Units that are scored at all; those that share the rarest terms come first. Of 600 questions to
10,000 snippets, 583 got the same first statement as with 512 of them."""
MAX_COMPARED = 20
"""Best candidates whose example asks are compared one by one."""
HALF_SPOKEN_OF = 2
"""Texts of a candidate in which a term stands, at which its frequency counts half."""
SAME_ASK = 0.97
"""A brief is not put back where one of its own asks was asked."""


class WeightedTerm(NamedTuple):
    """A query's term as the index weighs it."""

    key: str
    id: int
    """Its number in the index, 0 where it has none."""
    known: bool
    """Whether a statement or a brief has it; a question to be declined alone does not count."""
    weight: float
    """What it adds to a candidate that has it."""
    missed: float
    """What it costs a candidate that lacks it."""
    clause: int
    concept: bool
    level: int = 0
    """For a word that the library lacks, how rare it is; see `query.Term`."""
    word: str = ""
    """As it was typed."""
    asked: bool = False
    """Its clause is a question of its own."""

    @property
    def is_content(self) -> bool:
        """Whether it says what is asked about, and not how it is asked."""
        return not self.key.startswith(("+", "@intent-"))


@dataclass(frozen=True, slots=True)
class Match:
    """One candidate and how well it answers, 0 to 100."""

    candidate: Candidate
    score: float
    coverage: float = 1.0
    """The share of what was asked that the candidate speaks of, 0 to 1."""


def weigh(query: Query, catalog: Catalog) -> tuple[WeightedTerm, ...]:
    """Give each term of the query its weight; terms that say nothing are left out."""
    index, w = catalog.index, catalog.w
    weighed = []
    for term in query.terms:
        number = index.ids.get(term.key, 0)
        literal = term.key.startswith("+")
        if literal and (not number or number in index.declined):
            continue
        concept = term.concept is not None
        known = number > 0 and number not in index.declined
        weight = index.weight(term.key) if known or concept else unknown_cost(term.level, w)
        if concept:
            weight *= w.common_form + (1 - w.common_form) * min(1.0, term.level / RAREST)
        if weight > 0:
            missed = weight
            if literal:
                missed = w.missed_literal * weight
            elif known and not concept:
                missed = w.missed_plain * weight
            weighed.append(
                WeightedTerm(
                    term.key,
                    number,
                    known,
                    weight,
                    missed,
                    term.clause,
                    concept,
                    term.level,
                    term.word,
                    term.asked,
                )
            )
    return tuple(weighed)


def unknown_cost(level: int, weights: Weights) -> float:
    """What it costs that the library does not have a word of this level at all."""
    if level > RAREST:
        return weights.unknown_name
    rare, common = weights.unknown_rare, weights.unknown_common
    curved: float = (level / RAREST) ** weights.unknown_curve
    return common + (rare - common) * curved


def is_specific(term: WeightedTerm, catalog: Catalog) -> bool:
    """Whether a term tells briefs apart: no intent, no whole side."""
    if not term.key.startswith("@"):
        return not term.key.startswith("+")
    group = catalog.vocabulary.concepts[term.key[1:]].group
    general = group is Group.ACTOR and term.weight < SPECIFIC_WEIGHT
    return group not in {Group.INTENT, Group.LIBRARY} and not general


def rank(terms: Sequence[WeightedTerm], catalog: Catalog, limit: int = 12) -> list[Match]:
    """The best candidates for a query's terms, best first; equal scores by id."""
    index, w = catalog.index, catalog.w
    asked = _Asked(terms, w)
    candidates = index.candidates
    places = list(_places(terms, index))
    rough = [
        (-covered, candidates[at].kind is not CandidateKind.BRIEF, at)
        for at, covered in zip(places, asked.coverages(places, index), strict=True)
    ]
    rough.sort()
    found: list[tuple[float, int, str, bool, float, Candidate]] = []
    scores: list[float] = []
    for uncovered, no_brief, at in rough[:MAX_COMPARED]:
        coverage = -uncovered
        # Candidates come by coverage: where even a perfect ask is too little, no later one enters.
        best_possible = 100 * (w.coverage * coverage + 1 - w.coverage)
        if len(scores) >= limit and best_possible < scores[-limit]:
            break
        candidate = candidates[at]
        likeness = asked.likeness(candidate, index.weights)
        share = (
            0.0 if candidate.kind is CandidateKind.NEGATIVE else w.coverage
        )  # it is a question, whole
        score = 100 * (share * coverage + (1 - share) * likeness)
        if not no_brief and likeness < SAME_ASK:
            score *= w.brief
        score = round(score, 1)
        # Of equal scores the shorter candidate: it says what was asked and less beside.
        found.append((-score, len(candidate.own), candidate.id, not no_brief, coverage, candidate))
        insort(scores, score)
    found.sort(key=itemgetter(0, 1, 2, 3))
    return [
        Match(candidate, -score, round(covered, 3))
        for score, *_, covered, candidate in found[:limit]
    ]


def closest(terms: Sequence[WeightedTerm], statements: Sequence[Match]) -> Match | None:
    """Of what does not answer, the statement whose texts speak most often of what is asked."""
    wanting = {term.word for term in terms if term.key.startswith("@intent-")}
    about = {t.id: t.weight for t in terms if t.id and not _says_how(t, wanting)}

    def frequency(candidate: Candidate) -> float:
        texts = {
            term: 1 + candidate.asks.count(term) for term in about.keys() & set(candidate.own)
        }
        return sum(about[term] * n / (n + HALF_SPOKEN_OF) for term, n in sorted(texts.items()))

    return max(statements, key=lambda m: (frequency(m.candidate), m.score), default=None)


def _says_how(term: WeightedTerm, wanting: Collection[str]) -> bool:
    """Whether a term is an intent, or the very words for one."""
    return not term.is_content and (term.key.startswith("@") or term.word in wanting)


def score_candidate(
    terms: Sequence[WeightedTerm], candidate: Candidate, catalog: Catalog
) -> Match:
    """How well one candidate answers, whether or not it is among the best."""
    asked, w = _Asked(terms, catalog.w), catalog.w
    coverage = asked.coverage(candidate)
    likeness = asked.likeness(candidate, catalog.index.weights)
    score = 100 * (w.coverage * coverage + (1 - w.coverage) * likeness)
    return Match(candidate, round(score, 1), round(coverage, 3))


def _places(terms: Sequence[WeightedTerm], index: TermIndex) -> Iterable[int]:
    """Units that share a term, rarest terms first; of common terms only where they meet."""
    postings = index.postings
    known = sorted((term.id for term in terms if term.id), key=lambda term: len(postings[term]))
    found: dict[int, None] = {}
    for number, term in enumerate(known):
        room = MAX_CANDIDATES - len(found)
        if room <= 0:
            break
        meeting: Sequence[int] = postings[term][:MAX_LOOKED_AT]
        for other in known[number + 1 :]:
            if len(meeting) <= room:
                break
            if len(postings[other]) <= SHORT:
                both = set(postings[other])
                meeting = [at for at in meeting if at in both] or meeting
            else:
                held = index.laid_out(other)
                meeting = [at for at in meeting if held[at] >= FIRST] or meeting
        found.update(dict.fromkeys(meeting[:room]))
    return found


def _holders(
    term: int, places: Mapping[int, int], index: TermIndex
) -> tuple[Sequence[int], Sequence[int]]:
    """Which of some candidates speak of a term, and which stand in it, by their numbers."""
    posting, speaking = index.postings[term], index.speaking[term]
    if len(posting) <= SHORT:
        own, around = places.keys() & posting[:speaking], places.keys() & posting[speaking:]
        return [places[at] for at in own], [places[at] for at in around]
    held = index.laid_out(term)
    having = [(number, held[at]) for at, number in places.items() if held[at]]
    return [n for n, has in having if has & OWN], [n for n, has in having if has & AROUND]


def _of_bits(ids: Sequence[int], bits: int) -> frozenset[int]:
    return frozenset([each for bit, each in enumerate(ids) if bits >> bit & 1])


class _Asked:
    """What a question names, ready to be compared with many candidates."""

    def __init__(self, terms: Sequence[WeightedTerm], weights: Weights) -> None:
        numbers = {c: n for n, c in enumerate(dict.fromkeys(t.clause for t in terms))}
        self._terms = {t.id: (t.weight, t.missed, numbers[t.clause]) for t in terms if t.id}
        self._ids = frozenset(self._terms)
        self._asked = frozenset(numbers[t.clause] for t in terms if t.asked)
        self._missed = [0.0] * len(numbers)
        for term in terms:
            self._missed[numbers[term.clause]] += term.missed
        self._w = weights

    def coverages(self, found: Sequence[int], index: TermIndex) -> Iterator[float]:
        """The coverage of each of some candidates, by their places."""
        places = {at: number for number, at in enumerate(found)}
        ids = sorted(self._terms)
        own, around = [0] * len(found), [0] * len(found)  # a bit for each term
        for bit, term in enumerate(ids):
            speaking, standing = _holders(term, places, index)
            for number in speaking:
                own[number] |= 1 << bit
            for number in standing:
                around[number] |= 1 << bit
        known: dict[tuple[int, int], float] = {}  # many candidates have the same terms
        for both in zip(own, around, strict=True):
            if both not in known:
                known[both] = self._share(*(_of_bits(ids, bits) for bits in both))
            yield known[both]

    def coverage(self, candidate: Candidate) -> float:
        """The share of the asked weight that the candidate covers, 0 to 1."""
        own = self._ids.intersection(candidate.own)
        return self._share(own, self._ids.intersection(candidate.around) - own)

    def _share(self, own: frozenset[int], around: frozenset[int]) -> float:
        mass = self._missed[:]
        covered = [0.0] * len(mass)
        for found, share in ((own, 1.0), (around, self._w.context)):
            for term in found:
                weight, missed, clause = self._terms[term]
                covered[clause] += share * weight
                mass[clause] += share * (weight - missed)
        if len(mass) == 1:
            return covered[0] / mass[0] if mass[0] else 0.0
        whole = told = 0.0
        for clause, (weight, got) in enumerate(zip(mass, covered, strict=True)):
            counts = max(self._w.faint_clause, got / weight) if weight else 0.0
            counts = 1.0 if clause in self._asked else counts
            whole += counts * weight
            told += counts * got
        return told / whole if whole else 0.0

    def likeness(self, candidate: Candidate, weights: Sequence[float]) -> float:
        """How like the likest ask of the candidate is, 0 to 1: twice what is shared over both."""
        best, begin, asks, terms = 0.0, 0, candidate.asks, self._terms
        while begin < len(asks):
            end = asks.index(END, begin)
            ask = asks[begin:end]
            begin = end + 1
            if shared := [terms[term] for term in ask if term in terms]:
                both, lacking = self._compared(shared)
                mass = 0.0
                for term in ask:
                    mass += weights[term]
                for missed in lacking:
                    mass += missed
                if both:
                    best = max(best, 2 * both / (both + mass))
        return best

    def _compared(self, shared: Sequence[tuple[float, float, int]]) -> tuple[float, list[float]]:
        """The weight of the terms that an ask shares, and what each clause lacks then."""
        both, lacking = 0.0, self._missed[:]
        for weight, missed, clause in shared:
            both += weight
            lacking[clause] -= missed
        if len(lacking) > 1:
            met = {clause for _, _, clause in shared} | self._asked
            for clause, missed in enumerate(lacking):
                if clause not in met:
                    lacking[clause] = missed * self._w.faint_clause
        return both, lacking


OFFERS: Final = 3
USUAL_TERMS: Final = 40
"""A longer candidate has more words by chance."""
MAX_HEAVIEST: Final = 48
"""Of a longer posting only the heaviest candidates are looked at."""


def neighbours(slug: str, catalog: Catalog) -> tuple[str, ...]:
    """Briefs that share most statements with this one."""
    members = (catalog.members[ref] for ref in catalog.library.briefs[slug].snippets)
    several = (slugs for slugs in members if len(slugs) > 1)
    shared = Counter(other for slugs in several for other in slugs if other != slug)
    return tuple(sorted(shared, key=lambda other: (-shared[other], other))[:OFFERS])


def near_briefs(
    terms: Sequence[WeightedTerm], catalog: Catalog, first: Iterable[str] = ()
) -> tuple[str, ...]:
    """The briefs that share most with a question, at most three.

    Args:
        terms: What the question names.
        catalog: The index.
        first: Briefs that are near for another reason; they come first.
    """
    candidates = catalog.index.candidates
    found = (catalog.brief_of(candidates[at]) for at in _ranked(terms, catalog))
    everything = (*first, *filter(None, found), *islice(catalog.library.briefs, OFFERS))
    return tuple(dict.fromkeys(everything))[:OFFERS]


def _ranked(terms: Sequence[WeightedTerm], catalog: Catalog) -> list[int]:
    candidates, postings = catalog.index.candidates, catalog.index.postings
    scores: dict[int, float] = defaultdict(float)
    for term in terms:
        weight = term.weight
        for at in postings[term.id][:MAX_HEAVIEST] if term.known else ():
            scores[at] += weight / (1 + len(candidates[at].own) / USUAL_TERMS)
    negative = CandidateKind.NEGATIVE
    usable = [(-score, at) for at, score in scores.items() if candidates[at].kind is not negative]
    return [at for _, at in nsmallest(4 * OFFERS, usable)]
