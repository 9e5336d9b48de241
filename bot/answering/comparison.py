"""Which sides a question compares, on what, and with which statements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from bot.answering.compose import MAX_CLAIMS, claims
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Weighed
    from bot.answering.query import Query

EACH_DOCUMENT = "each-article"
"""The domain concept that asks for what every document says."""
MAX_COLUMNS = 3
MAX_IN_CELL = 2
TELLING = 0.3
"""From this weight on a term says on what the sides are compared."""
FOCUS_SHARE, FOCUS_BESIDE = 0.55, 0.75
"""A side shows what tells the first share of the most telling statement on any side, and a second
statement that tells the second share of the side's own best."""
GENERAL_ASPECTS = frozenset({"overview", "players"})
"""Aspects that sum up others: no row of their own where there are others."""
_QUESTION_WORDS = frozenset({"what", "how", "which"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table to show; `score` is the share of the question that it takes up, 0 to 100."""

    columns: tuple[str, ...]
    aspects: tuple[str, ...]
    snippets: tuple[str, ...]
    """The statements that the question asked for; empty for all."""
    brief: str | None
    score: float


def find_comparison(query: Query, terms: Sequence[Weighed], catalog: Catalog) -> Comparison | None:
    """The comparison that a question asks for, None where it asks for none."""
    columns = _columns(query, catalog)
    if len(columns) < 2 or not _sets_against(query):  # noqa: PLR2004
        return None
    chosen = _focus(terms, catalog, columns)
    aspects = _rows(query, catalog, columns, chosen)
    if not aspects:
        return None
    known = sum(term.weight for term in terms if term.known)
    unknown = sum(term.weight for term in terms if not term.known)
    score = round(100 * known / (known + unknown), 1) if known else 0.0
    brief = _shared_brief(columns, catalog)
    return Comparison(columns, aspects, tuple(chosen), brief, score)


def _sets_against(query: Query) -> bool:
    """Whether a question that names several sides sets them against each other."""
    words = query.words
    parallel = sum(word in _QUESTION_WORDS for word in words) > 1
    than = any(word == "than" and before != "other" for before, word in pairwise(words))
    each = any(word == "each" and after != "other" for word, after in pairwise((*words, "")))
    return query.wants(Intent.COMPARE) or parallel or than or each


def _columns(query: Query, catalog: Catalog) -> tuple[str, ...]:
    """The sides compared: two or three actors of one family.

    "European allies" names the allies and a part of them: the part is meant. Where several parts
    are named beside the whole, the whole is.
    """
    lineage = catalog.lineage
    families: dict[str, list[str]] = {}
    for actor in query.actors or _documents(query, catalog):
        if root := catalog.families.get(actor):
            families.setdefault(root, []).append(actor)
    if not families:
        return ()
    family = max(families.values(), key=len)
    parts = {a: [b for b in family if b != a and a in lineage(b)] for a in family}
    kept = [
        a
        for a in family
        if len(parts[a]) != 1 and not any(a in parts[b] and len(parts[b]) > 1 for b in family)
    ]
    return tuple(_merged(kept, catalog))[:MAX_COLUMNS]


def _documents(query: Query, catalog: Catalog) -> list[str]:
    """What the vocabulary calls the documents, where the question names them all."""
    if EACH_DOCUMENT not in query.concepts:
        return []
    return [s.actor for s in catalog.library.sources.values() if s.actor]


def _merged(actors: Sequence[str], catalog: Catalog) -> list[str]:
    """Two parts of one side against another side become that side: OpenAI, Google, China."""
    lineage = catalog.lineage
    merged: list[str] = []
    for actor in actors:
        wider = [
            p
            for p in lineage(actor)[1:]
            if catalog.is_actor(p)
            and any(p in lineage(b) for b in actors if b != actor)
            and not all(p in lineage(b) for b in actors)
        ]
        merged.append(wider[0] if wider else actor)
    return list(dict.fromkeys(merged))


def _focus(terms: Sequence[Weighed], catalog: Catalog, columns: Sequence[str]) -> list[str]:
    """The statements that speak of what the question names beside the sides; none for all.

    Of several aspects each is looked at alone: what tells two must not hide what tells one.
    """
    rest = [t for t in terms if t.weight >= TELLING and _beside(t, catalog, columns)]
    aspects = [t for t in rest if _is_aspect(t, catalog)]
    others = [t for t in rest if not _is_aspect(t, catalog)]
    if not rest:
        return []
    looks: list[Weighed | None] = [*aspects] or [None]
    return list(dict.fromkeys(n for a in looks for n in _telling(a, others, catalog, columns)))


def _telling(
    aspect: Weighed | None, others: Sequence[Weighed], catalog: Catalog, columns: Sequence[str]
) -> list[str]:
    """The statements of each side that tell most of an aspect, if any, and these other terms."""

    def told(name: str) -> float:
        """Of an aspect, a statement tells only where it is tagged with it."""
        tagged = aspect is not None and aspect.key[1:] in catalog.takes_up[name]
        profile = catalog.profiles[name]
        whole = aspect.weight if aspect and tagged else 0.0
        return whole + sum(t.weight * profile.get(t.key, 0.0) for t in others)

    sides = []
    for column in columns:
        own = [(told(s.id), s.id) for s in claims(catalog, column)]
        sides.append(sorted(own, key=lambda pair: (-pair[0], pair[1]))[:MAX_IN_CELL])
    most = max((side[0][0] for side in sides if side), default=0.0)
    floor = max(FOCUS_SHARE * most, TELLING)
    chosen = [
        [n for score, n in side if score >= floor and score >= FOCUS_BESIDE * side[0][0]]
        for side in sides
    ]
    if any(chosen) and aspect is None:
        return _filled(chosen, catalog, columns)
    return [name for side in chosen for name in side]


def _is_aspect(term: Weighed, catalog: Catalog) -> bool:
    return term.key[1:] in catalog.aspects


def _filled(chosen: Sequence[list[str]], catalog: Catalog, columns: Sequence[str]) -> list[str]:
    """For a side that has nothing to show, what it says on the aspects that the others show."""
    snippets = catalog.library.snippets
    shown = {aspect for side in chosen for name in side for aspect in snippets[name].aspects}
    kinds = {snippets[name].kind for side in chosen for name in side}
    filled: list[str] = []
    for column, side in zip(columns, chosen, strict=True):
        if not side:
            own = claims(catalog, column)
            fit = {s.id: (len(shown & set(s.aspects)), s.kind in kinds) for s in own}
            best = max((s for s in own if fit[s.id][0]), key=lambda s: fit[s.id], default=None)
            filled += [best.id] if best else []
        filled += side
    return filled


def _beside(term: Weighed, catalog: Catalog, columns: Sequence[str]) -> bool:
    """Whether a concept is something else than one of the sides, a wider one or a part of one."""
    if not term.key.startswith("@") or not term.known:
        return False
    lineage = catalog.lineage(term.key[1:])
    wider = {each for column in columns for each in catalog.lineage(column)}
    return lineage[0] not in wider and not set(columns) & set(lineage)


def _rows(
    query: Query, catalog: Catalog, columns: Sequence[str], chosen: Sequence[str]
) -> tuple[str, ...]:
    order = catalog.aspects
    sides = [claims(catalog, c) for c in columns]
    allowed = set(chosen)

    present = [
        {aspect for s in side if not allowed or s.id in allowed for aspect in s.aspects}
        for side in sides
    ]
    filled = {aspect: sum(aspect in own for own in present) for aspect in order}
    named = [a for a in query.aspects if filled.get(a)]
    if named and not chosen:
        return tuple(named)
    rows = [a for a in order if filled[a]]
    if chosen:
        rows = named if _hold_all(named, chosen, catalog) else rows
        return tuple(sorted(rows, key=lambda a: (a not in named, -filled[a], order.index(a))))
    home = _brief_aspects(_shared_brief(columns, catalog), catalog)
    rows = [a for a in rows if a not in GENERAL_ASPECTS] or rows
    return tuple(sorted(rows, key=lambda a: (home.get(a, len(home)), -filled[a], order.index(a))))


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
            for name in islice(catalog.claims.get(column, ()), MAX_CLAIMS)
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
