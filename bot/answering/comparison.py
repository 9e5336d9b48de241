"""Which sides a question compares, on what, and with which statements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import nsmallest
from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Final

from bot.answering.catalog import MAX_CLAIMS
from bot.answering.judge import explained_share
from bot.answering.matching import MAX_COMPARED, score_candidate
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import WeightedTerm
    from bot.answering.query import Query
    from bot.library.model import Snippet

MAX_COLUMNS: Final = 3
MAX_IN_CELL: Final = 2
MAX_SHARED: Final = 4
"""Statements about several sides that stand before a table of everything."""
MAX_SCANNED: Final = 512
"""Statements about a side that are looked at for another side."""
TELLING: Final = 0.15
"""From this weight on a term says on what the sides are compared."""
FOCUS_SHARE, FOCUS_BESIDE = 0.55, 0.75
"""A side shows what tells the first share of the most telling statement on any side, and a second
statement that tells the second share of the side's own best."""
_OPPOSING: Final = frozenset({"and", "or", "vs", "versus", "than", "between", "against", "leads"})
"""Words that name the other side as well: if one of two is unknown, no third takes its place."""
_QUESTION_WORDS: Final = frozenset({"what", "how", "which"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table to show."""

    columns: tuple[str, ...]
    aspects: tuple[str, ...]
    snippets: tuple[str, ...]
    """The statements of one side that the question asked for; empty for all."""
    shared: tuple[str, ...]
    """Statements that speak of several sides."""
    brief: str | None
    said: frozenset[int]
    """The terms of all that can be shown: do they say what was asked?"""
    score: float
    """How much of the question they explain, 0 to 100; what they lack counts double."""


def find_comparison(
    query: Query, terms: Sequence[WeightedTerm], catalog: Catalog
) -> Comparison | None:
    """The comparison of actors that a question asks for, None where it asks for none."""
    columns = compared_columns(query, catalog) if sets_against(query) else ()
    if len(columns) < 2:  # noqa: PLR2004
        return None
    sides = [catalog.statements_about(column, columns) for column in columns]
    beside = [t for t in terms if t.weight >= TELLING and _beside(t, catalog, columns)]
    chosen = _focus(beside, terms, catalog, sides)
    shared = _about_several(beside, catalog, columns)
    brief = _shared_brief(columns, catalog)
    # What was asked beside the sides stands in these statements, or not in the library.
    asked_elsewhere = bool(beside) and not chosen
    aspects = () if asked_elsewhere else _rows(query, catalog, columns, sides, chosen)
    if not aspects and not shared:
        return None
    if not beside:
        # What stands in a row anyway need not stand before the table.
        taken = frozenset(aspects)
        shared = [name for name in shared if taken.isdisjoint(catalog.takes_up[name])]
    told = chosen if chosen or not aspects else [s.id for side in sides for s in side]
    everything = [*told, *shared]
    ids, statements = catalog.index.ids, catalog.index.statements
    said = {ids[f"@{a}"] for c in columns for a in catalog.lineage(c) if f"@{a}" in ids}
    said.update(*(statements[name].own for name in everything))
    doubled = [t if t.id in said else t._replace(weight=2 * t.weight) for t in terms]
    content = [term for term in doubled if term.is_content]
    share = explained_share(content, said, catalog.w.faint_clause)
    return Comparison(
        columns,
        aspects,
        tuple(dict.fromkeys(chosen)),
        tuple(dict.fromkeys(shared)),
        brief,
        frozenset(said),
        100 * share,
    )


def sets_against(query: Query) -> bool:
    """Whether a question that names several sides sets them against each other."""
    words = query.words
    parallel = sum(word in _QUESTION_WORDS for word in words) > 1
    than = any(word == "than" and before != "other" for before, word in pairwise(words))
    each = any(word == "each" and after != "other" for word, after in pairwise((*words, "")))
    return query.wants(Intent.COMPARE) or parallel or than or each


def compared_columns(query: Query, catalog: Catalog) -> tuple[str, ...]:
    """The sides compared: two or three actors of one family.

    "European allies" names the allies and a part of them: the part is meant. Where several parts
    are named beside the whole, the whole is.
    """
    lineage = catalog.lineage
    families: dict[str, list[str]] = {}
    for actor in query.actors or _documents(query, catalog):
        root = catalog.families.get(actor)
        if root is not None:
            families.setdefault(root, []).append(actor)
    family = max(families.values(), key=len, default=[])
    parts = {a: [b for b in family if b != a and a in lineage(b)] for a in family}
    kept = [
        a
        for a in family
        if len(parts[a]) != 1 and not any(a in parts[b] and len(parts[b]) > 1 for b in family)
    ]
    alone = len(kept) < 2 and _OPPOSING.isdisjoint(query.words)  # noqa: PLR2004
    if alone and query.wants(Intent.COMPARE) and not _names_more(query, kept, catalog):
        kept = [*kept, *rivals(kept, query, catalog)][:2]
    return tuple(kept)[:MAX_COLUMNS]


def _names_more(query: Query, kept: Sequence[str], catalog: Catalog) -> bool:
    """Whether it asks about more than actors and aspects: "what is different for startups"."""
    named = (term for term in query.terms if not term.key.startswith(("+", "@intent-")))
    return any(
        term.concept is None or not (term.concept in kept or term.concept in catalog.aspects)
        for term in named
    )


def rivals(kept: Sequence[str], query: Query, catalog: Catalog) -> list[str]:
    """The other sides of a family, the most tagged first: "what does the other side say".

    Where no side is named, those of the family that has most to say of its second side, on the
    aspects asked for first.
    """
    asked = frozenset(query.aspects)
    looked_at = catalog.library.snippets.values() if asked else ()
    on_these = Counter(
        actor
        for snippet in looked_at
        if not asked.isdisjoint(catalog.takes_up[snippet.id])
        for actor in snippet.actors
    )
    roots = (catalog.families.get(actor) for actor in kept or catalog.tagged)
    by_root: dict[str | None, list[str]] = {root: [] for root in roots if root is not None}
    for actor in catalog.tagged:
        found = by_root.get(catalog.families.get(actor))
        sides = [*kept, *(found or ())]
        related = any(a in catalog.lineage(actor) or actor in catalog.lineage(a) for a in sides)
        if found is not None and len(found) < MAX_COLUMNS and not related:
            found.append(actor)

    def told_of_the_second(found: Sequence[str]) -> list[tuple[int, int]]:
        return [(on_these[a], catalog.tagged[a]) for a in found[1:2]]

    return max(by_root.values(), key=told_of_the_second, default=[])


def _documents(query: Query, catalog: Catalog) -> list[str]:
    """What the vocabulary calls the documents, where the question names them all."""
    if not (query.each_document or query.names_library):
        return []
    return [s.actor for s in catalog.library.sources.values() if s.actor]


def _about_several(
    beside: Sequence[WeightedTerm], catalog: Catalog, columns: Sequence[str]
) -> list[str]:
    """The statements that speak of more than one side, and of what else was asked."""
    statements = catalog.index.statements
    weights = {term.id: term.weight for term in beside}
    wanted = frozenset(weights)
    found = []
    for name in islice(_tagged_with_several(catalog, columns), MAX_CLAIMS):
        told = sum(weights[term] for term in wanted.intersection(statements[name].own))
        if told or not beside:
            found.append((told, name))
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    most = MAX_IN_CELL if beside else MAX_SHARED
    return [name for told, name in found[:most] if told >= FOCUS_BESIDE * found[0][0]]


def _tagged_with_several(catalog: Catalog, columns: Sequence[str]) -> Iterator[str]:
    for first, second in combinations(columns, 2):
        related = first in catalog.lineage(second) or second in catalog.lineage(first)
        about = catalog.about.get(second, {})
        own = islice(catalog.about.get(first, {}), MAX_SCANNED)
        yield from (name for name in own if name in about and not related)


def _focus(
    beside: Sequence[WeightedTerm],
    terms: Sequence[WeightedTerm],
    catalog: Catalog,
    sides: Sequence[Sequence[Snippet]],
) -> list[str]:
    """The statements that speak of what the question names beside the sides; none for all.

    Of several aspects each is looked at alone: what tells two must not hide what tells one.
    """
    if not beside:
        return []
    aspects = [t for t in beside if t.key[1:] in catalog.aspects]
    others = [t for t in beside if t not in aspects]
    looks: list[WeightedTerm | None] = [*aspects] or [None]
    return list(
        dict.fromkeys(n for a in looks for n in _telling(a, others, terms, catalog, sides))
    )


def _telling(
    aspect: WeightedTerm | None,
    others: Sequence[WeightedTerm],
    terms: Sequence[WeightedTerm],
    catalog: Catalog,
    sides: Sequence[Sequence[Snippet]],
) -> list[str]:
    """The statements of each side that tell most of an aspect, if any, and these other terms."""
    weights = {term.id: term.weight for term in others}
    wanted = frozenset(weights)

    def told(name: str) -> float:
        """Of an aspect, a statement tells only where it is tagged with it."""
        tagged = aspect is not None and aspect.key[1:] in catalog.takes_up[name]
        whole = aspect.weight if aspect and tagged else 0.0
        shared = wanted.intersection(catalog.index.statements[name].own) if wanted else ()
        return whole + sum(weights[term] for term in shared)

    best = []
    for side in sides:
        own = [(told(s.id), s.id) for s in side]
        first = nsmallest(MAX_COMPARED, own, key=lambda pair: (-pair[0], pair[1]))
        best.append([pair for pair in first if pair[0] >= FOCUS_BESIDE * first[0][0]])
    most = max((side[0][0] for side in best if side), default=0.0)
    floor = max(FOCUS_SHARE * most, TELLING)

    def fit(pair: tuple[float, str]) -> tuple[float, float, str]:
        """Of those that tell as much, the one that answers the whole question best is first."""
        statement = catalog.index.statements[pair[1]]
        return -pair[0], -score_candidate(terms, statement, catalog).score, pair[1]

    chosen = ([pair for pair in side if pair[0] >= floor] for side in best)
    return [name for side in chosen for _, name in nsmallest(MAX_IN_CELL, side, key=fit)]


def _beside(term: WeightedTerm, catalog: Catalog, columns: Sequence[str]) -> bool:
    """Whether a term is something else than one of the sides, a wider one or a part of one."""
    if not term.known or not term.is_content:
        return False
    if not term.key.startswith("@"):
        return True
    lineage = catalog.lineage(term.key[1:])
    wider = {each for column in columns for each in catalog.lineage(column)}
    return lineage[0] not in wider and not set(columns) & set(lineage)


def _rows(
    query: Query,
    catalog: Catalog,
    columns: Sequence[str],
    sides: Sequence[Sequence[Snippet]],
    chosen: Sequence[str],
) -> tuple[str, ...]:
    """The rows: what was asked, what every side has, then what some have."""
    order = catalog.aspects
    allowed = set(chosen)
    present = [
        {aspect for s in side if not allowed or s.id in allowed for aspect in s.aspects}
        for side in sides
    ]
    filled = {aspect: sum(aspect in own for own in present) for aspect in order}
    named = [a for a in query.aspects if filled.get(a)]
    if named and (not chosen or _hold_all(named, chosen, catalog)):
        return tuple(named)
    rows = [a for a in order if filled[a]]
    if chosen:
        return tuple(sorted(rows, key=lambda a: (a not in named, -filled[a], order.index(a))))
    general = {a for a in rows if catalog.vocabulary.concepts[a].general}
    rows = [a for a in rows if a not in general] or rows
    home = _brief_aspects(_shared_brief(columns, catalog), catalog)
    told = _told_of(columns, catalog)
    return tuple(sorted(rows, key=lambda a: (-told[a], home.get(a, len(home)), order.index(a))))


def _told_of(columns: Sequence[str], catalog: Catalog) -> Counter[str]:
    """For each aspect on how many sides something is said, alone or together with others."""
    about = (islice(catalog.about.get(column, ()), MAX_SCANNED) for column in columns)
    return Counter(
        aspect
        for names in about
        for aspect in {each for name in names for each in catalog.takes_up[name]}
    )


def _hold_all(aspects: Sequence[str], chosen: Sequence[str], catalog: Catalog) -> bool:
    """Whether rows of these aspects show every statement chosen."""
    return all(not catalog.takes_up[name].isdisjoint(aspects) for name in chosen)


def _brief_aspects(slug: str | None, catalog: Catalog) -> dict[str, int]:
    """The aspects that a brief takes up, each with its place."""
    brief = catalog.library.briefs.get(slug or "")
    members = [catalog.library.snippets[s] for s in brief.snippets] if brief else []
    return {a: n for n, a in enumerate(dict.fromkeys(a for m in members for a in m.aspects))}


def _shared_brief(columns: Sequence[str], catalog: Catalog) -> str | None:
    """The brief that has most statements on each of the sides compared."""
    counts = [
        Counter(
            slug
            for name in islice(catalog.about.get(column, ()), MAX_CLAIMS)
            for slug in catalog.members[name]
        )
        for column in columns
    ]
    both = set(counts[0]).intersection(*counts[1:])
    return max(
        both,
        key=lambda slug: (min(c[slug] for c in counts), sum(c[slug] for c in counts), slug),
        default=None,
    )
