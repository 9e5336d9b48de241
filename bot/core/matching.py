"""Query + catalog -> ranked matches with a score from 0 to 100."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.catalog import DOCUMENTS
from bot.core.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.core.catalog import Catalog, Unit
    from bot.core.query import Query

SPECIFIC_WEIGHT = 0.3
"""A term with this weight or more tells briefs apart."""
MAX_CANDIDATES = 160
"""Units that are scored at all; those that share the rarest terms come first."""
MAX_COMPARED = 24
"""Best candidates whose example asks are compared one by one."""
UNKNOWN_WORD, UNKNOWN_TERM, UNKNOWN_NAME = 0.32, 0.6, 1.1
"""What counts against a match: an ordinary word that the library does not have, one that is in no
dictionary, and a name."""
MISSED_LITERAL = 0.2
"""What other words for a concept that is there count, beside the very words."""
COVERAGE_SHARE = 0.6
"""Share of the score that is coverage; the rest is likeness to the best example ask."""
FAINT_CLAUSE = 0.2
"""What a clause that a unit does not speak of counts, beside one that it does."""


_UNKNOWN = (UNKNOWN_WORD, UNKNOWN_TERM, UNKNOWN_NAME)
BRIEF_SHARE = 0.84
"""A brief answers more than was asked: a snippet that fits as well comes first."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A query's term as the catalog weighs it; `known` where some unit has it."""

    key: str
    weight: float
    """What it adds to a unit that has it."""
    missed: float
    """What it costs a unit that lacks it."""
    clause: int
    known: bool
    concept: bool


@dataclass(frozen=True, slots=True)
class Match:
    """One unit and how well it answers, 0 to 100."""

    unit: Unit
    score: float
    coverage: float
    """The share of what was asked that the unit speaks of, 0 to 1."""
    evidence: float
    """The summed weight of the concepts that both name."""


def weigh(query: Query, catalog: Catalog) -> tuple[Weighed, ...]:
    """Give each term of the query its weight; terms that say nothing are left out."""
    weighed = []
    for term in query.terms:
        known = term.key in catalog.postings
        if term.key.startswith("+") and not known:
            continue
        found = known or term.concept
        weight = catalog.weight(term.key) if found else _UNKNOWN[term.strangeness]
        if weight > 0:
            missed = weight
            if term.key.startswith("+"):
                missed = MISSED_LITERAL * weight
            elif known and not term.concept:
                missed = min(weight, UNKNOWN_WORD)
            concept = term.concept is not None
            weighed.append(Weighed(term.key, weight, missed, term.clause, known, concept))
    return tuple(weighed)


def is_specific(term: Weighed, catalog: Catalog) -> bool:
    """Whether a term tells briefs apart: no command, no domain word, no whole side."""
    if not term.key.startswith("@"):
        return not term.key.startswith("+")
    concept = catalog.vocabulary.concepts[term.key[1:]]
    side = concept.group is Group.ACTOR and DOCUMENTS not in concept.parents
    general = side and term.weight < SPECIFIC_WEIGHT
    return concept.group not in {Group.DOMAIN, Group.INTENT} and not general


def rank(query: Query, catalog: Catalog, limit: int = 12) -> list[Match]:
    """The best units for a query, best first; equal scores by id."""
    terms = weigh(query, catalog)
    rough = [
        (_coverage(terms, catalog.units[index]), index) for index in _candidates(terms, catalog)
    ]
    units = catalog.units
    rough.sort(key=lambda entry: (-entry[0][0], not units[entry[1]].brief, entry[1]))
    matches = [_match(terms, catalog, index, coverage) for coverage, index in rough[:MAX_COMPARED]]
    matches.sort(key=lambda m: (-m.score, m.unit.id, m.unit.brief))
    return matches[:limit]


def _candidates(terms: Sequence[Weighed], catalog: Catalog) -> Iterable[int]:
    """Units that share a term, rarest terms first; of common terms only where they meet."""
    lists = sorted((catalog.postings[term.key] for term in terms if term.known), key=len)
    found: dict[int, None] = {}
    for number, posting in enumerate(lists):
        room = MAX_CANDIDATES - len(found)
        if room <= 0:
            break
        if len(posting) <= room:
            found.update(dict.fromkeys(posting))
            continue
        meeting = set(posting)
        for other in lists[number + 1 :]:
            narrowed = meeting.intersection(other)
            meeting = narrowed or meeting
        found.update(dict.fromkeys([i for i in posting if i in meeting][:room]))
    return found


def _coverage(terms: Sequence[Weighed], unit: Unit) -> tuple[float, float]:
    """The share of the asked weight that the unit covers, and the weight of shared concepts."""
    asked: dict[int, float] = {}
    covered: dict[int, float] = {}
    evidence = 0.0
    profile = unit.profile
    for term in terms:
        clause = term.clause
        if term.key in profile:
            share = profile[term.key]
            got = share * term.weight
            asked[clause] = asked.get(clause, 0.0) + got + (1 - share) * term.missed
            covered[clause] = covered.get(clause, 0.0) + got
            if term.concept:
                evidence += got
        else:
            asked[clause] = asked.get(clause, 0.0) + term.missed
    whole = got = 0.0
    for clause, told in covered.items():
        share = told / asked[clause] if asked[clause] else 0.0
        counts = max(FAINT_CLAUSE, share)
        whole += counts * asked[clause]
        got += counts * told
    whole += FAINT_CLAUSE * sum(mass for clause, mass in asked.items() if clause not in covered)
    return (got / whole if whole else 0.0), evidence


def _match(
    terms: Sequence[Weighed], catalog: Catalog, index: int, coverage: tuple[float, float]
) -> Match:
    share, evidence = coverage
    unit = catalog.units[index]
    likeness = max(
        (
            _likeness(terms, ask, mass)
            for ask, mass in zip(unit.asks, catalog.masses[index], strict=True)
        ),
        default=0.0,
    )
    score = 100 * (COVERAGE_SHARE * share + (1 - COVERAGE_SHARE) * likeness)
    score *= BRIEF_SHARE if unit.brief else 1.0
    return Match(unit, round(score, 1), round(share, 3), round(evidence, 3))


def _likeness(terms: Sequence[Weighed], ask: frozenset[str], mass: float) -> float:
    """Twice the shared weight over the weight of both, 0 to 1."""
    shared = [term for term in terms if term.key in ask]
    if not shared:
        return 0.0
    clauses = {term.clause for term in shared}
    both = sum(term.weight for term in shared)
    lacking = sum(
        term.missed if term.clause in clauses else FAINT_CLAUSE * term.missed
        for term in terms
        if term.key not in ask
    )
    return 2 * both / (both + lacking + mass)
