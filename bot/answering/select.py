"""Which statement stands beside the best one, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match
    from bot.answering.question import Question

BESIDE_BEST: Final = 0.95
"""A statement within this share of the best score is as likely meant."""
FILLER_SHARE: Final = 0.8
"""A statement that says something asked which the best lacks, down to this share."""
MAX_STATEMENTS: Final = 2


def select(question: Question, best: Match, others: Sequence[Match]) -> list[str]:
    """The best statement, and one beside it that fits as well or says what the best lacks.

    What the best lacks counts only where it is said together with something that the best says.
    Where each document was asked for, the best statement of each.
    """
    catalog = question.catalog
    if question.query.each_document:
        return _one_of_each((best, *others), catalog)
    content = {t.id for t in question.terms if t.known and t.is_content}
    told = content.intersection(best.unit.own)
    lacking = content - told

    def fills(match: Match) -> bool:
        own = match.unit.own
        return not lacking.isdisjoint(own) and (not told or not told.isdisjoint(own))

    beside = [m for m in others if m.score >= FILLER_SHARE * best.score and fills(m)]
    beside += [m for m in others if m.score >= BESIDE_BEST * best.score]
    return [m.unit.id for m in (best, *beside)][:MAX_STATEMENTS]


def _one_of_each(snippets: Sequence[Match], catalog: Catalog) -> list[str]:
    best: dict[str, Match] = {}
    for match in snippets:
        for citation in catalog.library.snippets[match.unit.id].citations:
            best.setdefault(citation.source, match)
    return list(dict.fromkeys(match.unit.id for match in best.values()))
