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
    shared = Counter(
        other
        for ref in catalog.library.briefs[slug].snippets
        for other in catalog.members[ref]
        if other != slug
    )
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
    index = catalog.index
    scores: dict[int, float] = defaultdict(float)
    for term in terms:
        for at in index.postings[term.id][:MAX_LOOKED_AT] if term.known else ():
            scores[at] += term.weight / (1 + len(index.units[at].own) / USUAL_TERMS)
    usable = [at for at in scores if index.units[at].kind is not UnitKind.NEGATIVE]
    return nsmallest(4 * OFFERS, usable, key=lambda at: (-scores[at], at))
