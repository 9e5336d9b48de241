"""Query + what was said before -> Plan: answer, "did you mean" or not covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.core.answer import Intent, Status
from bot.core.catalog import FORM_INTENTS
from bot.core.compose import claims
from bot.core.lexicon import Group
from bot.core.matching import Match, rank, weigh
from bot.core.normalize import MAX_QUESTION_CHARS
from bot.core.plan import Plan
from bot.core.query import Query, Term, parse

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
OFFERS = 3
RELATED_EVIDENCE = 0.9
"""The summed weight of shared terms from which on a message is about a brief."""


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
            query.intents[0] if query.intents else Intent.SUMMARY,
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
            nearest = tuple(catalog.library.briefs)[:OFFERS]
            return Plan(Status.ANSWERED, intent, page=query.page, nearest=nearest, score=100.0)
    return None


def _unspecific(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan | None:
    """A message that names nothing, or only what every brief is about."""
    if any(_specific(t.key, catalog) for t in weigh(query, catalog)):
        return None
    if query.pronoun and (not query.intents or query.intents == (Intent.SUMMARY,)):
        return _clarify(catalog, "pronoun", matches)
    if query.intents or query.actors:
        return None
    if query.terms:
        return _clarify(catalog, "clarify", matches)
    return _declined(query, catalog, "chat", ())


def _specific(key: str, catalog: Catalog) -> bool:
    """Whether a term tells briefs apart: no command, no domain word, no whole side."""
    if not key.startswith("@"):
        return not key.startswith("+")
    concept = catalog.vocabulary.concepts[key[1:]]
    return concept.group not in {Group.DOMAIN, Group.INTENT} and "side" not in concept.parents


def _gives(match: Match, detail: str, catalog: Catalog) -> bool:
    """Whether a unit can tell this kind of detail."""
    library = catalog.library
    if match.unit.brief:
        return False
    return detail in library.snippets[match.unit.id].details


def _answer(query: Query, catalog: Catalog, matches: Sequence[Match]) -> Plan:
    best = matches[0]
    intent = query.intents[0] if query.intents else Intent.FACT
    terms = tuple(t.concept for t in query.terms if t.concept)
    briefs = [m for m in matches if m.unit.brief]
    if query.wants(Intent.SUMMARY) and briefs and briefs[0].score >= 0.75 * best.score:
        best = briefs[0]
    if best.unit.brief:
        nearest = _neighbours(best.unit.id, catalog)
        return Plan(
            Status.ANSWERED,
            intent,
            best.unit.id,
            nearest=nearest,
            terms=terms,
            score=best.score,
            page=query.page,
        )
    shown = [
        m.unit.id for m in matches if not m.unit.brief and m.score >= BESIDE_BEST * best.score
    ][:MAX_STATEMENTS]
    home = catalog.homes[best.unit.id]
    return Plan(
        Status.ANSWERED,
        intent,
        home,
        tuple(shown),
        nearest=_neighbours(home, catalog),
        terms=terms,
        score=best.score,
        page=query.page,
    )


def _compare(query: Query, catalog: Catalog, matches: Sequence[Match] = ()) -> Plan | None:
    """Two or three sides, where the question sets them against each other."""
    columns = _columns(query, catalog)
    if not query.wants(Intent.COMPARE) or len(columns) < 2:  # noqa: PLR2004
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
    lineage = catalog.vocabulary.lineage
    families: dict[str, list[str]] = {}
    for actor in query.actors:
        roots = [each for each in lineage(actor) if each in {"side", "model-type", "document"}]
        if roots:
            families.setdefault(roots[0], []).append(actor)
    if not families:
        return ()
    family = max(families.values(), key=len)
    kept = [a for a in family if not any(b != a and b in lineage(a) for b in family)]
    return tuple(_merged(kept, catalog))[:MAX_COLUMNS]


def _merged(actors: Sequence[str], catalog: Catalog) -> list[str]:
    """Two parts of one side against another side become that side: OpenAI, Google, China."""
    lineage = catalog.vocabulary.lineage
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
    lineages = {each for column in columns for each in catalog.vocabulary.lineage(column)}
    rest = [
        t
        for t in query.terms
        if (t.concept is None or concepts[t.concept].group in keep)
        and t.concept not in lineages
        and not (set(columns) & set(catalog.vocabulary.lineage(t.concept or "")))
        and catalog.weight(t.key) >= SPECIFIC_WEIGHT
        and t.key in catalog.postings
    ]
    if not rest:
        return []
    chosen: list[str] = []
    for column in columns:
        others = [c for c in columns if c != column]
        scored = []
        for snippet in claims(catalog, column, others):
            profile = catalog.profile(snippet.id)
            got = sum(catalog.weight(t.key) * profile.get(t.key, 0.0) for t in rest)
            if got >= SPECIFIC_WEIGHT:
                scored.append((got, snippet.id))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        chosen += [name for got, name in scored if got >= 0.7 * scored[0][0]][:2]
    return chosen


def _aspect_rows(
    query: Query, catalog: Catalog, columns: Sequence[str], chosen: Sequence[str]
) -> tuple[str, ...]:
    order = [c.id for c in catalog.vocabulary.concepts.values() if c.group is Group.ASPECT]
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
    rows = [a for a in rows if a != "overview"] or rows
    return tuple(sorted(rows, key=lambda a: (-filled(a), order.index(a))))


def _compared_brief(columns: Sequence[str], catalog: Catalog) -> str | None:
    """The brief that has most statements on the sides compared."""

    def share(slug: str) -> float:
        members = [catalog.library.snippets[s] for s in catalog.library.briefs[slug].snippets]
        sides = [
            sum(any(c in catalog.vocabulary.lineage(a) for a in m.actors) for m in members)
            for c in columns
        ]
        return min(sides) + sum(sides) / 1000

    best = max(catalog.library.briefs, key=lambda slug: (share(slug), slug), default=None)
    return best if best and share(best) >= 1 else None


def _inherit(query: Query, before: Plan, catalog: Catalog) -> Query:
    """Complete a follow-up with what the turn before it spoke of."""
    concepts = catalog.vocabulary.concepts
    own = {t.concept for t in query.terms if t.concept}
    specific = [
        t
        for t in weigh(query, catalog)
        if t.weight >= SPECIFIC_WEIGHT and t.key.removeprefix("@") not in query.actors
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
    briefs = catalog.library.briefs
    mine = set(briefs[slug].snippets)
    shared = {
        other.slug: len(mine & set(other.snippets))
        for other in briefs.values()
        if other.slug != slug
    }
    best = sorted((s for s in shared if shared[s]), key=lambda s: (-shared[s], s))
    return tuple(best[:OFFERS])


def _offers(matches: Sequence[Match], catalog: Catalog) -> tuple[str, ...]:
    slugs = [m.unit.id if m.unit.brief else catalog.homes[m.unit.id] for m in matches]
    return tuple(dict.fromkeys((*slugs, *catalog.library.briefs)))[:OFFERS]


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
        query.intents[0] if query.intents else Intent.FACT,
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
