"""Query + what was said before -> Plan: answer, "did you mean" or not covered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from bot.core.answer import Intent, Status
from bot.core.catalog import FAMILIES, FORM_INTENTS
from bot.core.compose import MAX_CLAIMS, claims
from bot.core.matching import Match, Weighed, rank, weigh
from bot.core.normalize import MAX_QUESTION_CHARS
from bot.core.plan import Plan
from bot.core.query import Query, Term, parse
from bot.core.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.core.catalog import Catalog

ANSWER_FROM = 46.0
"""A best match with this score or more is an answer."""
BESIDE_BEST = 0.9
"""A statement within this share of the best score is shown beside it."""
MAX_STATEMENTS = 2
SPECIFIC_WEIGHT = 0.3
"""A term with this weight or more tells briefs apart."""
MAX_COLUMNS = 3
FOCUS_SHARE, FOCUS_BESIDE = 0.55, 0.75
"""A compared side shows what tells this share of the most telling statement on any side, and a
second statement from this share of its own best on."""
GENERAL_ASPECTS = frozenset({"overview", "players"})
"""Aspects that sum up others: no row of their own where there are others."""
OFFERS = 3
SUMMARY_SHARE = 0.85
"""A summary was asked for: a brief with this share of the best score is preferred."""
FILLS, FILLER_FROM = 0.6, 44.0
"""A second statement that tells this share of what the best lacks, from this score on."""
LIBRARY_CONCEPT = "articles"
"""The domain concept that names the library itself."""
RELATED_EVIDENCE = 0.9
"""The summed weight of shared terms from which on a message is about a brief."""


_QUESTION_WORDS = frozenset({"what", "how", "which"})


def answer_plan(text: str, catalog: Catalog, before: Plan | None = None) -> Plan:
    """Decide on one message; `before` is the plan of the previous turn in its thread."""
    if len(text) > MAX_QUESTION_CHARS:
        return _clarify(catalog, "too-long", ())
    query = parse(text, catalog.lexicon)
    if not query.words:
        return _clarify(catalog, "empty", ())
    plan = decide(query, catalog, before)
    if plan.status is Status.ANSWERED and query.language != "en":
        plan = replace(plan, notes=(f"language-{query.language}", *plan.notes))
    return plan


def decide(query: Query, catalog: Catalog, before: Plan | None) -> Plan:
    """The decision, rule by rule; the first that applies wins."""
    if plan := _shortcut(query, catalog, before):
        return plan
    if query.commands:
        return _declined(query, catalog, "command", ())
    query = _inherit(query, before, catalog) if before else query
    matches = rank(query, catalog)
    for rule in (_outside, _unspecific, _details, _compare):
        if plan := rule(query, catalog, matches):
            return plan
    if not matches or matches[0].score < ANSWER_FROM:
        return _declined(query, catalog, "not-covered", matches)
    return _answer(query, catalog, matches)


def _outside(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan | None:
    """A subject that no snippet names."""
    if any(f"@{concept}" not in catalog.postings for concept in query.outside):
        return _declined(query, catalog, "outside", matches)
    return None


def _details(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan | None:
    """A kind of information (a figure, a date, names) that only some snippets give."""
    for detail in sorted(query.details):
        able = [m for m in matches if _gives(m, detail, catalog)]
        if not able or able[0].score < ANSWER_FROM:
            return _declined(query, catalog, detail, matches)
        return _answer(query, catalog, able)
    return None


def _shortcut(query: Query, catalog: Catalog, before: Plan | None) -> Plan | None:
    """What people name word for word: a slug, a title, an alias, a snippet, list, help, more."""
    if before and query.key in {"more", "tell me more", "more please", "go on", "continue"}:
        return replace(before, page=before.page + 1, notes=())
    named = catalog.shortcuts.get(query.key)
    if named and named[0] and (plan := _compare(query, catalog)):
        return plan
    if named:
        is_brief, name = named
        brief = name if is_brief else catalog.homes[name]
        return Plan(
            Status.ANSWERED,
            _intent(query, Intent.SUMMARY),
            brief=brief,
            snippets=() if is_brief else (name,),
            page=query.page,
            nearest=_neighbours(brief, catalog),
            terms=tuple(t.concept for t in query.terms if t.concept),
            score=100.0,
        )
    for intent in (Intent.LIST, Intent.HELP):
        rest = {t.key for t in query.terms} - FORM_INTENTS
        if query.wants(intent) and all(catalog.weight(key) < SPECIFIC_WEIGHT for key in rest):
            nearest = _offers((), catalog)
            return Plan(Status.ANSWERED, intent, page=query.page, nearest=nearest, score=100.0)
    return None


def _unspecific(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan | None:
    """A message that names nothing, or only what every brief is about."""
    weighed = weigh(query, catalog)
    if any(_specific(t, catalog) for t in weighed):
        return None
    topical = any(t.key in catalog.postings for t in weighed)
    about_library = f"@{LIBRARY_CONCEPT}" in {t.key for t in weighed}
    pointing = query.pronoun and not about_library
    if query.intents in {(), (Intent.SUMMARY,)} and pointing:
        return _clarify(catalog, "pronoun", matches)
    if query.intents == (Intent.SUMMARY,) and not query.actors and "summary" in catalog.shortcuts:
        return _whole_brief(query, catalog, catalog.shortcuts["summary"][1])
    if query.intents or query.actors:
        return None
    if topical:
        return _clarify(catalog, "clarify", matches)
    return _declined(query, catalog, "chat", ())


def _specific(term: Weighed, catalog: Catalog) -> bool:
    """Whether a term tells briefs apart: no command, no domain word, no whole side."""
    if not term.key.startswith("@"):
        return not term.key.startswith("+")
    group = catalog.vocabulary.concepts[term.key[1:]].group
    return group not in {Group.DOMAIN, Group.INTENT} and not (
        group is Group.ACTOR and term.weight < SPECIFIC_WEIGHT
    )


def _whole_brief(query: Query, catalog: Catalog, slug: str, score: float = 100.0) -> Plan:
    return Plan(
        Status.ANSWERED,
        _intent(query, Intent.SUMMARY),
        slug,
        page=query.page,
        nearest=_neighbours(slug, catalog),
        terms=tuple(t.concept for t in query.terms if t.concept),
        score=score,
    )


def _gives(match: Match, detail: str, catalog: Catalog) -> bool:
    """Whether a unit can tell this kind of detail."""
    library = catalog.library
    if match.unit.brief:
        return False
    return detail in library.snippets[match.unit.id].details


def _answer(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan:
    best = matches[0]
    briefs = [m for m in matches if m.unit.brief]
    if query.wants(Intent.SUMMARY) and briefs and briefs[0].score >= SUMMARY_SHARE * best.score:
        best = briefs[0]
    if best.unit.brief:
        return _whole_brief(query, catalog, best.unit.id, best.score)
    home = catalog.homes[best.unit.id]
    return Plan(
        Status.ANSWERED,
        _intent(query),
        home,
        tuple(_shown(query, catalog, matches)),
        nearest=_neighbours(home, catalog),
        terms=tuple(t.concept for t in query.terms if t.concept),
        score=best.score,
        page=query.page,
    )


def _intent(query: Query, otherwise: Intent = Intent.FACT) -> Intent:
    """What the question wants first, apart from lists and help, which are questions of their own."""
    wanted = (i for i in query.intents if i not in {Intent.LIST, Intent.HELP})
    return next(wanted, otherwise)


def _shown(query: Query, catalog: Catalog, matches: Sequence[Match]) -> list[str]:
    """The best statement, and one beside it that is nearly as good or tells what it lacks."""
    snippets = [m for m in matches if not m.unit.brief]
    best = snippets[0]
    terms = [t for t in weigh(query, catalog) if t.known]
    lacking = [t for t in terms if best.unit.profile.get(t.key, 0.0) < 0.5 and t.weight >= 0.3]
    shown = [best.unit.id]
    for match in snippets[1:]:
        told = sum(t.weight * match.unit.profile.get(t.key, 0.0) for t in lacking)
        fills = lacking and told >= FILLS * sum(t.weight for t in lacking)
        if match.score >= BESIDE_BEST * best.score or (fills and match.score >= FILLER_FROM):
            shown.append(match.unit.id)
    return shown[:MAX_STATEMENTS]


def _compare(query: Query, catalog: Catalog, matches: Sequence[Match] = ()) -> Plan | None:
    """Two or three sides, where the question sets them against each other."""
    columns = _columns(query, catalog)
    parallel = sum(word in _QUESTION_WORDS for word in query.words) > 1
    if len(columns) < 2 or not (query.wants(Intent.COMPARE) or parallel):  # noqa: PLR2004
        return None
    chosen = _focus(query, catalog, columns)
    aspects = _aspect_rows(query, catalog, columns, chosen)
    if not aspects:
        return None
    score = 100.0 if chosen or not query.aspects else 60.0
    return Plan(
        Status.ANSWERED,
        Intent.COMPARE,
        brief=_compared_brief(columns, catalog),
        snippets=tuple(chosen),
        actors=columns,
        aspects=aspects,
        page=query.page,
        terms=tuple(t.concept for t in query.terms if t.concept),
        score=score,
    )


def _columns(query: Query, catalog: Catalog) -> tuple[str, ...]:
    """The sides compared: two or three actors of one family, the wider of two nested ones."""
    lineage = catalog.lineage
    families: dict[str, list[str]] = {}
    for actor in query.actors:
        roots = [each for each in lineage(actor) if each in FAMILIES]
        if roots:
            families.setdefault(roots[0], []).append(actor)
    if not families:
        return ()
    family = max(families.values(), key=len)
    kept = [a for a in family if not any(b != a and b in lineage(a) for b in family)]
    return tuple(_merged(kept, catalog))[:MAX_COLUMNS]


def _merged(actors: Sequence[str], catalog: Catalog) -> list[str]:
    """Two parts of one side against another side become that side: OpenAI, Google, China."""
    lineage = catalog.lineage
    merged: list[str] = []
    for actor in actors:
        wider = [
            p
            for p in lineage(actor)[1:]
            if any(p in lineage(b) for b in actors if b != actor)
            and not all(p in lineage(b) for b in actors)
        ]
        merged.append(wider[0] if wider else actor)
    return list(dict.fromkeys(merged))


def _focus(query: Query, catalog: Catalog, columns: Sequence[str]) -> list[str]:
    """The statements that speak of what the question names beside the sides; none for all."""
    keep = {Group.ASPECT, Group.TOPIC, Group.INTENT, Group.ACTOR}
    concepts = catalog.vocabulary.concepts
    lineages = {each for column in columns for each in catalog.lineage(column)}
    rest = [
        t
        for t in query.terms
        if (t.concept is None or concepts[t.concept].group in keep)
        and t.concept not in lineages
        and not (set(columns) & set(catalog.lineage(t.concept or "")))
        and catalog.weight(t.key) >= SPECIFIC_WEIGHT
        and t.key in catalog.postings
    ]
    if not rest:
        return []
    sides = []
    for column in columns:
        profiles = [
            (s.id, catalog.profiles[s.id])
            for s in claims(catalog, column, (c for c in columns if c != column))
        ]
        told = [
            (-sum(catalog.weight(t.key) * profile.get(t.key, 0.0) for t in rest), name)
            for name, profile in profiles
        ]
        sides.append(sorted(told))
    most = max((-side[0][0] for side in sides if side), default=0.0)
    floor = max(FOCUS_SHARE * most, SPECIFIC_WEIGHT)
    return [
        name
        for side in sides
        for told, name in side[:2]
        if -told >= floor and told <= FOCUS_BESIDE * side[0][0]
    ]


def _aspect_rows(
    query: Query, catalog: Catalog, columns: Sequence[str], chosen: Sequence[str]
) -> tuple[str, ...]:
    order = catalog.aspects
    sides = [claims(catalog, c, (o for o in columns if o != c)) for c in columns]
    allowed = set(chosen)

    def filled(aspect: str) -> int:
        return sum(
            any(aspect in s.aspects and (not allowed or s.id in allowed) for s in side)
            for side in sides
        )

    named = [a for a in query.aspects if filled(a)]
    if named and not chosen:
        return tuple(named)
    rows = [a for a in order if filled(a)]
    if chosen:
        return tuple(sorted(rows, key=lambda a: (a not in named, -filled(a), order.index(a))))
    home = _brief_aspects(_compared_brief(columns, catalog), catalog)
    rows = [a for a in rows if a not in GENERAL_ASPECTS] or rows
    return tuple(sorted(rows, key=lambda a: (home.get(a, len(home)), -filled(a), order.index(a))))


def _brief_aspects(slug: str | None, catalog: Catalog) -> dict[str, int]:
    """The aspects that a brief takes up, each with its place."""
    brief = catalog.library.briefs.get(slug or "")
    members = [catalog.library.snippets[s] for s in brief.snippets] if brief else []
    return {a: n for n, a in enumerate(dict.fromkeys(a for m in members for a in m.aspects))}


def _compared_brief(columns: Sequence[str], catalog: Catalog) -> str | None:
    """The brief that has most statements on each of the sides compared."""
    counts = [
        Counter(
            slug
            for name in catalog.claims.get(column, ())[:MAX_CLAIMS]
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


def _inherit(query: Query, before: Plan, catalog: Catalog) -> Query:
    """Complete a follow-up with what the turn before it spoke of."""
    concepts = catalog.vocabulary.concepts
    own = {t.concept for t in query.terms if t.concept}
    specific = [
        t
        for t in weigh(query, catalog)
        if _specific(t, catalog) and t.key.removeprefix("@") not in query.actors
    ]
    follows = query.elliptical or query.pronoun or len(query.words) <= 4  # noqa: PLR2004
    if not follows or (specific and not query.wants(Intent.COMPARE) and query.actors):
        return query
    inherited = []
    for name in before.terms:
        group = concepts[name].group if name in concepts else None
        if group is Group.ACTOR and (query.actors and not query.wants(Intent.COMPARE)):
            continue
        if group in {Group.ASPECT, Group.TOPIC} and specific:
            continue
        if group is Group.INTENT and query.intents:
            continue
        if group in {Group.DETAIL, None}:
            continue
        if name not in own:
            inherited.append(name)
    last = query.terms[-1].clause if query.terms else 0
    actors = (*query.actors, *(n for n in inherited if concepts[n].group is Group.ACTOR))
    intents = (
        *query.intents,
        *(
            Intent(n.removeprefix("intent-"))
            for n in inherited
            if concepts[n].group is Group.INTENT
        ),
    )
    return replace(
        query,
        terms=(*query.terms, *(Term(f"@{n}", last) for n in inherited)),
        actors=actors,
        aspects=(*query.aspects, *(n for n in inherited if concepts[n].group is Group.ASPECT)),
        intents=intents,
        pronoun=query.pronoun and not inherited,
    )


def _neighbours(slug: str, catalog: Catalog) -> tuple[str, ...]:
    """Briefs that share most snippets with this one."""
    shared = Counter(
        other
        for ref in catalog.library.briefs[slug].snippets
        for other in catalog.members[ref]
        if other != slug
    )
    return tuple(sorted(shared, key=lambda other: (-shared[other], other))[:OFFERS])


def _offers(matches: Sequence[Match], catalog: Catalog) -> tuple[str, ...]:
    """The briefs of the best matches, filled up with the library's first."""
    slugs = [m.unit.id if m.unit.brief else catalog.homes[m.unit.id] for m in matches]
    first = islice(catalog.library.briefs, OFFERS)
    return tuple(dict.fromkeys((*slugs, *first)))[:OFFERS]


def _clarify(catalog: Catalog, note: str, matches: Sequence[Match]) -> Plan:
    return Plan(
        Status.CLARIFY,
        Intent.SUMMARY,
        nearest=_offers(matches, catalog),
        notes=(note,),
        score=matches[0].score if matches else 0.0,
    )


def _declined(query: Query, catalog: Catalog, note: str, matches: Sequence[Match]) -> Plan:
    return Plan(
        Status.NOT_COVERED,
        _intent(query),
        nearest=_offers(matches, catalog),
        notes=(note,),
        terms=tuple(t.concept for t in query.terms if t.concept),
        score=matches[0].score if matches else 0.0,
    )


def related_plan(text: str, catalog: Catalog) -> Plan:
    """The briefs that somebody else's message is about, as a choice; any length of text."""
    query = parse(text[:MAX_QUESTION_CHARS], catalog.lexicon)
    matches = [m for m in rank(query, catalog) if m.evidence >= RELATED_EVIDENCE]
    if not matches:
        return _declined(query, catalog, "not-covered", ())
    slugs = [m.unit.id if m.unit.brief else catalog.homes[m.unit.id] for m in matches]
    return Plan(
        Status.ANSWERED,
        Intent.FACT,
        brief=slugs[0],
        snippets=tuple(m.unit.id for m in matches if not m.unit.brief)[:MAX_STATEMENTS],
        nearest=tuple(dict.fromkeys(slugs[1:]))[:OFFERS],
        score=matches[0].score,
    )
