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
_SATURATION, _LENGTH_SHARE = 1.2, 0.75
"""BM25's usual k1 and b."""
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
    """The briefs whose statements and asks are nearest to a question by BM25, at most three.

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
        for at in index.postings.get(term.key, ())[:MAX_LOOKED_AT]:
            length = len(index.units[at].profile) / index.mean_terms
            norm = 1 - _LENGTH_SHARE + _LENGTH_SHARE * length
            scores[at] += term.weight * (_SATURATION + 1) / (1 + _SATURATION * norm)
    usable = [at for at in scores if index.units[at].kind is not UnitKind.NEGATIVE]
    return nsmallest(4 * OFFERS, usable, key=lambda at: (-scores[at], at))
