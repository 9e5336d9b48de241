"""Which statements a reader may choose from: all, or those that several rankers put first."""

from __future__ import annotations

from collections import defaultdict
from heapq import nsmallest
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from bot.answering.matching import MAX_COMPARED, rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import WeightedTerm

BUDGET: Final = 150
"""Statements that a reader sees; about 8,000 tokens."""
NEIGHBOURS_SHARE: Final = 0.3
"""The share of the budget kept for statements of the same briefs as the best ones."""
USUAL_TERMS: Final = 20
"""A longer statement shares more words by chance."""
MAX_LOOKED_AT: Final = 4_096
"""Of a longer posting only so many units are looked at: its term tells little."""


def find_candidates(
    terms: Sequence[WeightedTerm],
    catalog: Catalog,
    first: Iterable[str] = (),
    budget: int = BUDGET,
) -> tuple[str, ...]:
    """The ids of at most `budget` statements, in the order of the library.

    Args:
        terms: What the question names.
        catalog: The index.
        first: Statements that are among them in any case, as far as there is room.
        budget: How many; the whole library where it has no more.
    """
    library = catalog.library
    everything = [name for slug in library.briefs for name in written_in(slug, catalog)]
    if len(everything) <= budget:
        return tuple(everything)
    kept = dict.fromkeys(name for name in first if name in catalog.homes)
    ranked = list(_in_turn(_by_score(terms, catalog), _by_overlap(terms, catalog, budget)))
    room = budget - int(NEIGHBOURS_SHARE * budget)
    _fill(kept, ranked, room)
    briefs = dict.fromkeys(catalog.homes[name] for name in kept)
    around = chain.from_iterable(library.briefs[slug].snippets for slug in briefs)
    _fill(kept, (name for name in around if name in catalog.homes), budget)
    _fill(kept, ranked, budget)
    _fill(kept, everything, budget)
    chosen = frozenset(list(kept)[:budget])
    return tuple(name for name in everything if name in chosen)


def written_in(slug: str, catalog: Catalog) -> list[str]:
    """The statements that a brief does not only refer to, in its order."""
    return [name for name in catalog.library.briefs[slug].snippets if catalog.homes[name] == slug]


def _fill(kept: dict[str, None], names: Iterable[str], size: int) -> None:
    for name in names:
        if len(kept) >= size:
            return
        kept[name] = None


def _in_turn(*rankings: Iterable[str]) -> Iterator[str]:
    """The best of each ranking, then the second of each, and so on."""
    for names in zip_longest(*rankings):
        yield from (name for name in names if name is not None)


def _by_score(terms: Sequence[WeightedTerm], catalog: Catalog) -> Iterator[str]:
    """As the engine ranks; of a brief its statements."""
    for match in rank(terms, catalog, MAX_COMPARED):
        if match.unit.statement:
            yield match.unit.id
        elif match.unit.brief:
            yield from written_in(match.unit.id, catalog)


def _by_overlap(terms: Sequence[WeightedTerm], catalog: Catalog, most: int) -> list[str]:
    """By the weight of all terms shared, whatever else a statement lacks."""
    index = catalog.index
    scores: dict[int, float] = defaultdict(float)
    for term in terms:
        for at in index.postings[term.id][:MAX_LOOKED_AT] if term.id else ():
            scores[at] += term.weight / (1 + len(index.units[at].own) / USUAL_TERMS)
    best = nsmallest(
        most,
        (at for at in scores if index.units[at].statement),
        key=lambda at: (-scores[at], at),
    )
    return [index.units[at].id for at in best]
