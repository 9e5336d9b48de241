"""Which briefs to offer beside an answer, or where there is none."""

from __future__ import annotations

from collections import Counter, defaultdict
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.answering.index import UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import WeightedTerm

OFFERS: Final = 3
USUAL_TERMS: Final = 40
"""A longer unit has more words by chance."""
MAX_LOOKED_AT: Final = 48
"""Of a longer posting only the heaviest units are looked at."""


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
    units = catalog.index.units
    found = (catalog.brief_of(units[at]) for at in _ranked(terms, catalog))
    everything = (*first, *filter(None, found), *islice(catalog.library.briefs, OFFERS))
    return tuple(dict.fromkeys(everything))[:OFFERS]


def _ranked(terms: Sequence[WeightedTerm], catalog: Catalog) -> list[int]:
    units, postings = catalog.index.units, catalog.index.postings
    scores: dict[int, float] = defaultdict(float)
    for term in terms:
        weight = term.weight
        for at in postings[term.id][:MAX_LOOKED_AT] if term.known else ():
            scores[at] += weight / (1 + len(units[at].own) / USUAL_TERMS)
    negative = UnitKind.NEGATIVE
    usable = [(-score, at) for at, score in scores.items() if units[at].kind is not negative]
    return [at for _, at in nsmallest(4 * OFFERS, usable)]
