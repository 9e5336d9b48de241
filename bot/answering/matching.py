"""Query + catalog -> ranked matches with a score from 0 to 100."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.language.frequencies import RAREST
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.index import TermIndex, Unit
    from bot.answering.query import Query
    from bot.answering.weights import Weights

SPECIFIC_WEIGHT = 0.3
"""A term with this weight or more tells briefs apart."""
MAX_LOOKED_AT, MAX_MET = 1024, 4096
"""Of a longer posting only the heaviest units are looked at, and where others meet them."""
MAX_CANDIDATES = 64
"""Units that are scored at all; those that share the rarest terms come first. Of 600 questions to
10,000 snippets, 583 got the same first statement as with 512 of them."""
MAX_COMPARED = 20
"""Best candidates whose example asks are compared one by one."""
SAME_ASK = 0.97
"""A brief is not put back where one of its own asks was asked."""

Asked: TypeAlias = "tuple[dict[str, tuple[float, float, int]], list[float]]"
"""For each term its weight, what it costs to lack it and its clause; and what each clause costs a
unit that has none of its terms."""


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A query's term as the catalog weighs it; `known` where some unit has it."""

    key: str
    weight: float
    """What it adds to a unit that has it."""
    missed: float
    """What it costs a unit that lacks it."""
    clause: int
    known: bool
    concept: bool
    level: int = 0
    """For a word that the library lacks, how rare it is; see `query.Term`."""
    word: str = ""
    """As it was typed."""

    @property
    def is_content(self) -> bool:
        """Whether it says what is asked about, and not how it is asked."""
        return not self.key.startswith(("+", "@intent-"))


@dataclass(frozen=True, slots=True)
class Match:
    """One unit and how well it answers, 0 to 100."""

    unit: Unit
    score: float
    coverage: float = 1.0
    """The share of what was asked that the unit speaks of, 0 to 1."""


def weigh(query: Query, catalog: Catalog) -> tuple[WeightedTerm, ...]:
    """Give each term of the query its weight; terms that say nothing are left out."""
    index = catalog.index
    weighed = []
    for term in query.terms:
        known = term.key in index.postings
        literal = term.key.startswith("+")
        if literal and not known:
            continue
        concept = term.concept is not None
        weight = (
            catalog.index.weight(term.key)
            if known or concept
            else unknown_cost(term.level, catalog.w)
        )
        if weight > 0:
            missed = weight
            if literal:
                missed = catalog.w.missed_literal * weight
            elif known and not concept:
                missed = min(weight, catalog.w.missed_plain)
            weighed.append(
                WeightedTerm(
                    term.key, weight, missed, term.clause, known, concept, term.level, term.word
                )
            )
    return tuple(weighed)


def unknown_cost(level: int, weights: Weights) -> float:
    """What it costs that the library does not have a word of this level at all."""
    if level > RAREST:
        return weights.unknown_name
    rarity: float = (level / RAREST) ** weights.unknown_curve
    return weights.unknown_common + (weights.unknown_rare - weights.unknown_common) * rarity


def is_specific(term: WeightedTerm, catalog: Catalog) -> bool:
    """Whether a term tells briefs apart: no intent, no whole side."""
    if not term.key.startswith("@"):
        return not term.key.startswith("+")
    group = catalog.vocabulary.concepts[term.key[1:]].group
    general = group is Group.ACTOR and term.weight < SPECIFIC_WEIGHT
    return group not in {Group.INTENT, Group.LIBRARY} and not general


def rank(terms: Sequence[WeightedTerm], catalog: Catalog, limit: int = 12) -> list[Match]:
    """The best units for a query's terms, best first; equal scores by id."""
    index, w = catalog.index, catalog.w
    asked = _asked(terms)
    units = index.units
    rough = [
        (_coverage(asked, units[at].profile, w.faint_clause), at)
        for at in _candidates(terms, index)
    ]
    rough.sort(key=lambda entry: (-entry[0], not units[entry[1]].brief, entry[1]))
    matches: list[Match] = []
    scores: list[float] = []
    for coverage, at in rough[:MAX_COMPARED]:
        # Candidates come by coverage: where even a perfect ask is too little, no later one enters.
        best_possible = 100 * (w.coverage * coverage + 1 - w.coverage)
        if len(scores) >= limit and best_possible < scores[-limit]:
            break
        matches.append(_match(asked, index, units[at], coverage))
        insort(scores, matches[-1].score)
    matches.sort(key=lambda m: (-m.score, m.unit.id, m.unit.brief))
    return matches[:limit]


def _candidates(terms: Sequence[WeightedTerm], index: TermIndex) -> Iterable[int]:
    """Units that share a term, rarest terms first; of common terms only where they meet."""
    known = sorted((index.postings[term.key] for term in terms if term.known), key=len)
    found: dict[int, None] = {}
    for number, posting in enumerate(known):
        room = MAX_CANDIDATES - len(found)
        if room <= 0:
            break
        meeting: Sequence[int] = posting[:MAX_LOOKED_AT]
        for other in known[number + 1 :]:
            if len(meeting) <= room:
                break
            both = set(meeting).intersection(other[:MAX_MET])
            meeting = [at for at in meeting if at in both] or meeting
        found.update(dict.fromkeys(meeting[:room]))
    return found


def _asked(terms: Sequence[WeightedTerm]) -> Asked:
    """The terms by key with their clauses counted from 0, and what each clause lacks without."""
    clauses = {
        clause: number for number, clause in enumerate(dict.fromkeys(t.clause for t in terms))
    }
    missed = [0.0] * len(clauses)
    for term in terms:
        missed[clauses[term.clause]] += term.missed
    return {t.key: (t.weight, t.missed, clauses[t.clause]) for t in terms}, missed


def _coverage(asked: Asked, profile: Mapping[str, float], faint: float) -> float:
    """The share of the asked weight that the unit covers, 0 to 1."""
    terms, missed = asked
    mass = missed[:]
    covered = [0.0] * len(mass)
    for key, (weight, lost, clause) in terms.items():
        if key in profile:
            share = profile[key]
            got = share * weight
            covered[clause] += got
            mass[clause] += got - share * lost
    whole = told = 0.0
    for weight, got in zip(mass, covered, strict=True):
        counts = max(faint, got / weight) if weight else 0.0
        whole += counts * weight
        told += counts * got
    return told / whole if whole else 0.0


def _match(asked: Asked, index: TermIndex, unit: Unit, coverage: float) -> Match:
    w = index.w
    likeness = max((_likeness(asked, ask, index) for ask in unit.asks), default=0.0)
    score = 100 * (w.coverage * coverage + (1 - w.coverage) * likeness)
    if unit.brief and likeness < SAME_ASK:
        score *= w.brief
    return Match(unit, round(score, 1), round(coverage, 3))


def _likeness(asked: Asked, ask: Sequence[str], index: TermIndex) -> float:
    """Twice the shared weight over the weight of both, 0 to 1."""
    terms, missed = asked
    weights = index.weights
    both = mass = 0.0
    lacking: list[float] | None = None
    met: set[int] = set()
    for key in ask:
        mass += weights[key]
        if key in terms:
            weight, lost, clause = terms[key]
            both += weight
            lacking = lacking or missed[:]
            lacking[clause] -= lost
            met.add(clause)
    if lacking is None or not both:
        return 0.0
    for clause, lost in enumerate(lacking):
        mass += lost if clause in met else lost * index.w.faint_clause
    return 2 * both / (both + mass)
