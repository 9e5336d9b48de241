"""Plans that do not answer, and the briefs that are offered beside or instead of an answer."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from bot.answering.answer import Status
from bot.answering.plan import Plan
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match
    from bot.answering.query import Query

OFFERS = 3


def neighbours(slug: str, catalog: Catalog) -> tuple[str, ...]:
    """Briefs that share most snippets with this one."""
    shared = Counter(
        other
        for ref in catalog.library.briefs[slug].snippets
        for other in catalog.members[ref]
        if other != slug
    )
    return tuple(sorted(shared, key=lambda other: (-shared[other], other))[:OFFERS])


def offers(matches: Sequence[Match], catalog: Catalog) -> tuple[str, ...]:
    """The briefs of the best matches, filled up with the library's first."""
    slugs = [m.unit.id if m.unit.brief else catalog.homes[m.unit.id] for m in matches]
    first = islice(catalog.library.briefs, OFFERS)
    return tuple(dict.fromkeys((*slugs, *first)))[:OFFERS]


def clarify(catalog: Catalog, note: str, matches: Sequence[Match]) -> Plan:
    """Ask back: the note names the fixed phrase, the best briefs are the choice."""
    return Plan(
        Status.CLARIFY,
        Intent.SUMMARY,
        nearest=offers(matches, catalog),
        notes=(note,),
        score=matches[0].score if matches else 0.0,
    )


def declined(query: Query, catalog: Catalog, note: str, matches: Sequence[Match]) -> Plan:
    """Say that it is not covered: the note tells why, the nearest briefs are offered."""
    return Plan(
        Status.NOT_COVERED,
        query.wanted(),
        nearest=offers(matches, catalog),
        notes=(note,),
        terms=query.concepts,
        score=matches[0].score if matches else 0.0,
    )
