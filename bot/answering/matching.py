"""Query + catalog -> ranked matches with a score from 0 to 100."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.language.frequencies import RAREST
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.answering.catalog import Catalog, Unit
    from bot.answering.query import Query
    from bot.answering.weights import Weights

SPECIFIC_WEIGHT = 0.3
"""A term with this weight or more tells briefs apart."""
MAX_LOOKED_AT = 512
"""Of a longer posting only the heaviest units are looked at."""
MAX_CANDIDATES = 72
"""Units that are scored at all; those that share the rarest terms come first. Of 600 questions to
10,000 snippets, 583 got the same first statement as with 512 of them."""
MAX_COMPARED = 20
"""Best candidates whose example asks are compared one by one."""
SAME_ASK = 0.97
"""A brief is not put back where one of its own asks was asked."""

Asked: TypeAlias = "tuple[list[tuple[str, float, float, int, bool]], list[float]]"
"""For each term its key, weight, what it costs to lack it, clause and whether it is a concept;
and what each clause costs a unit that has none of its terms."""


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
    coverage: float
    """The share of what was asked that the unit speaks of, 0 to 1."""
    evidence: float
    """The summed weight of the concepts that both name."""


def weigh(query: Query, catalog: Catalog) -> tuple[WeightedTerm, ...]:
    """Give each term of the query its weight; terms that say nothing are left out."""
    weighed = []
    for term in query.terms:
        known = term.key in catalog.postings
        literal = term.key.startswith("+")
        if literal and not known:
            continue
        concept = term.concept is not None
        weight = (
            catalog.weight(term.key) if known or concept else unknown_cost(term.level, catalog.w)
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
    asked = _asked(terms)
    units, contents, faint = catalog.units, catalog.contents, catalog.w.faint_clause
    rough = [
        (_coverage(asked, contents[index], faint), index) for index in _candidates(terms, catalog)
    ]
    rough.sort(key=lambda entry: (-entry[0][0], not units[entry[1]].brief, entry[1]))
    matches: list[Match] = []
    scores: list[float] = []
    for coverage, index in rough[:MAX_COMPARED]:
        # Candidates come by coverage: where even a perfect ask is too little, no later one enters.
        best_possible = 100 * (catalog.w.coverage * coverage[0] + 1 - catalog.w.coverage)
        if len(scores) >= limit and best_possible < scores[-limit]:
            break
        matches.append(_match(asked, catalog, index, coverage))
        insort(scores, matches[-1].score)
    matches.sort(key=lambda m: (-m.score, m.unit.id, m.unit.brief))
    return matches[:limit]


def _candidates(terms: Sequence[WeightedTerm], catalog: Catalog) -> Iterable[int]:
    """Units that share a term, rarest terms first; of common terms only where they meet."""
    known = [(catalog.postings[term.key], term.key) for term in terms if term.known]
    known.sort(key=lambda pair: len(pair[0]))
    contents = catalog.contents
    found: dict[int, None] = {}
    for number, (posting, _) in enumerate(known):
        room = MAX_CANDIDATES - len(found)
        if room <= 0:
            break
        meeting: Sequence[int] = posting[:MAX_LOOKED_AT]
        if len(posting) > room:
            for _, key in known[number + 1 :]:
                meeting = [i for i in meeting if key in contents[i]] or meeting
        found.update(dict.fromkeys(meeting[:room]))
    return found


def _asked(terms: Sequence[WeightedTerm]) -> Asked:
    """The terms with their clauses counted from 0, and what each clause lacks without them."""
    clauses = {
        clause: number for number, clause in enumerate(dict.fromkeys(t.clause for t in terms))
    }
    missed = [0.0] * len(clauses)
    for term in terms:
        missed[clauses[term.clause]] += term.missed
    return [(t.key, t.weight, t.missed, clauses[t.clause], bool(t.concept)) for t in terms], missed


def _coverage(asked: Asked, profile: Mapping[str, float], faint: float) -> tuple[float, float]:
    """The share of the asked weight that the unit covers, and the weight of shared concepts."""
    terms, missed = asked
    if len(missed) == 1:
        return _coverage_of_one(terms, missed[0], profile)
    mass = missed[:]
    covered = [0.0] * len(mass)
    evidence = 0.0
    for key, weight, lost, clause, concept in terms:
        if key in profile:
            share = profile[key]
            got = share * weight
            covered[clause] += got
            mass[clause] += got - share * lost
            if concept:
                evidence += got
    whole = told = 0.0
    for weight, got in zip(mass, covered, strict=True):
        counts = max(faint, got / weight) if weight else 0.0
        whole += counts * weight
        told += counts * got
    return (told / whole if whole else 0.0), evidence


def _coverage_of_one(
    terms: Sequence[tuple[str, float, float, int, bool]],
    mass: float,
    profile: Mapping[str, float],
) -> tuple[float, float]:
    """The same for a single clause, which most questions are: its weight against others is all."""
    covered = evidence = 0.0
    for key, weight, lost, _, concept in terms:
        if key in profile:
            share = profile[key]
            got = share * weight
            covered += got
            mass += got - share * lost
            if concept:
                evidence += got
    return (covered / mass if mass else 0.0), evidence


def _match(asked: Asked, catalog: Catalog, index: int, coverage: tuple[float, float]) -> Match:
    share, evidence = coverage
    unit = catalog.units[index]
    likeness = 0.0
    for ask, mass in zip(unit.asks, catalog.norms[index], strict=True):
        likeness = max(likeness, _likeness(asked, ask, mass, catalog.w.faint_clause))
    score = 100 * (catalog.w.coverage * share + (1 - catalog.w.coverage) * likeness)
    if unit.brief and likeness < SAME_ASK:
        score *= catalog.w.brief
    return Match(unit, round(score, 1), round(share, 3), round(evidence, 3))


def _likeness(asked: Asked, ask: frozenset[str], mass: float, faint: float) -> float:
    """Twice the shared weight over the weight of both, 0 to 1."""
    terms, missed = asked
    lacking = missed[:]
    counts = [faint] * len(missed)
    both = 0.0
    for key, weight, lost, clause, _ in terms:
        if key in ask:
            both += weight
            lacking[clause] -= lost
            counts[clause] = 1.0
    if not both:
        return 0.0
    for lost, count in zip(lacking, counts, strict=True):
        mass += lost * count
    return 2 * both / (both + mass)
