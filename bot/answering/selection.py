"""Which matches are good enough to answer with, and which statements are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.comparison import EACH_DOCUMENT
from bot.answering.matching import SPECIFIC_WEIGHT, Match, Weighed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.query import Query

ANSWER_FROM = 46.0
"""A best match with this score or more is an answer."""
FAINT_EVIDENCE, SURE_FROM = 0.29, 64.0
"""With less weight of shared concepts than the first, a match needs the second as its score."""
BESIDE_BEST = 0.75
"""A statement within this share of the best score is shown beside it."""
BROAD_BESIDE = 0.9
"""The same for a statement that sums up several lines: it says more than was asked."""
MAX_STATEMENTS = 2
LACKING_SHARE = 0.5
FILLS, FILLER_SHARE = 0.7, 0.5
"""A second statement that tells the first share of what the best lacks needs the second share
of its score."""


def is_enough(match: Match) -> bool:
    """Whether a match is an answer: one on words alone, with hardly a concept, must be better."""
    return match.score >= (ANSWER_FROM if match.evidence >= FAINT_EVIDENCE else SURE_FROM)


def select(
    query: Query, terms: Sequence[Weighed], catalog: Catalog, matches: Sequence[Match]
) -> list[str]:
    """The best statement, and one beside it that is nearly as good or tells what it lacks.

    Where each article was asked for, the best statement of each.
    """
    snippets = [m for m in matches if not m.unit.brief]
    best = snippets[0]
    if EACH_DOCUMENT in query.concepts:
        return _one_of_each(snippets, catalog)
    lacking = [
        t
        for t in terms
        if t.known
        and best.unit.profile.get(t.key, 0.0) < LACKING_SHARE
        and t.weight >= SPECIFIC_WEIGHT
    ]
    wanted = sum(t.weight for t in lacking)

    def fills(match: Match) -> bool:
        told = sum(t.weight * match.unit.profile.get(t.key, 0.0) for t in lacking)
        return bool(lacking) and told >= FILLS * wanted

    beside = [m for m in snippets[1:] if m.score >= FILLER_SHARE * best.score and fills(m)]
    beside += [m for m in snippets[1:] if m.score >= BESIDE_BEST * best.score]
    beside = [
        m
        for m in beside
        if m.score >= BROAD_BESIDE * best.score or not _is_broad(m.unit.id, catalog)
    ]
    return [m.unit.id for m in (best, *beside)][:MAX_STATEMENTS]


def _is_broad(snippet: str, catalog: Catalog) -> bool:
    """Whether it sums up several lines of a document."""
    citations = catalog.library.snippets[snippet].citations
    return sum(c.last - c.first + 1 for c in citations) > 1


def _one_of_each(snippets: Sequence[Match], catalog: Catalog) -> list[str]:
    best: dict[str, Match] = {}
    for match in snippets:
        for citation in catalog.library.snippets[match.unit.id].citations:
            best.setdefault(citation.source, match)
    return list(dict.fromkeys(match.unit.id for match in best.values()))
