"""Query + what was said before -> Plan: answer, "did you mean" or not covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.answer import Status
from bot.answering.comparison import EACH_DOCUMENT, find_comparison
from bot.answering.decline import OFFERS, clarify, declined, neighbours, offers
from bot.answering.followup import SMALL_TALK, follow_up, is_courtesy
from bot.answering.matching import SPECIFIC_WEIGHT, Match, rank, weigh
from bot.answering.normalize import MAX_QUESTION_CHARS
from bot.answering.plan import Plan
from bot.answering.query import Query, parse
from bot.answering.question import Question
from bot.answering.selection import ANSWER_FROM, MAX_STATEMENTS, is_enough, select
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog

SUMMARY_SHARE, GENERAL_SHARE = 0.85, 0.6
"""Where a summary, or nothing specific, was asked for, a brief with this share of the best score
is preferred."""
BESIDE_COMPARISON = 2
"""Briefs offered beside a comparison: there must be room for what comes next."""
LIBRARY_CONCEPT = "articles"
"""The domain concept that names the library itself."""
BARE_WORDS = 3
"""A word alone, or with "what about" before it."""
WHOLE_ASK = 90.0
"""From this score on an example ask is hardly more than what was asked."""
EXACTLY_ASKED = 99.0
"""From this score on the question is one that a curator wrote to a statement: it is preferred to a
brief, however general the question, and whatever else the question names."""
RELATED_EVIDENCE = 0.7
"""The summed weight of shared concepts from which on a message is about a brief."""


def answer_plan(text: str, catalog: Catalog, before: Plan | None = None) -> Plan:
    """Decide on one message; `before` is the plan of the previous turn in its thread."""
    if len(text) > MAX_QUESTION_CHARS:
        return clarify(catalog, "too-long", ())
    query = parse(text, catalog.lexicon)
    if not query.words:
        return clarify(catalog, "empty", ())
    plan = decide(query, catalog, before)
    if plan.status is Status.ANSWERED and query.language != "en":
        plan = replace(plan, notes=(f"language-{query.language}", *plan.notes))
    return plan


def decide(query: Query, catalog: Catalog, before: Plan | None) -> Plan:
    """The decision, rule by rule; the first that applies wins."""
    if plan := _shortcut(query, catalog, before):
        return plan
    if query.commands:
        return declined(query, catalog, "command", ())
    if before:
        if is_courtesy(query, catalog):
            return replace(declined(query, catalog, "chat", ()), terms=before.terms)
        query = follow_up(query, before, catalog)
    question = Question(query, weigh(query, catalog), catalog, before)
    for rule in (_listing, _outside, _unknown_side, _unspecific, _details, _compare):
        if plan := rule(question):
            return plan
    matches = question.matches
    if not matches or not is_enough(matches[0]) or _by_chance(question, matches[0]):
        return declined(query, catalog, "not-covered", matches)
    return _answer(question, matches)


def _outside(question: Question) -> Plan | None:
    """A subject that no snippet names, unless a curator wrote just this question to one."""
    query, catalog = question.query, question.catalog
    if all(f"@{concept}" in catalog.told for concept in query.outside):
        return None
    matches = question.matches
    if matches and matches[0].score >= EXACTLY_ASKED and not query.follows:
        return None
    return declined(query, catalog, "outside", matches)


def _unknown_side(question: Question) -> Plan | None:
    """Somebody known against somebody whom the library does not know."""
    query, catalog = question.query, question.catalog
    at = next((n for n, word in enumerate(query.words) if word in {"vs", "versus"}), None)
    if at is None:
        return None
    for side in (query.words[:at], query.words[at + 1 :]):
        terms = weigh(parse(" ".join(side), catalog.lexicon), catalog)
        if terms and not any(term.known for term in terms):
            return declined(query, catalog, "not-covered", question.matches)
    return None


def _by_chance(question: Question, match: Match) -> bool:
    """Whether a bare word was asked, which is but a figure of speech within an example ask."""
    if len(question.query.words) > BARE_WORDS:
        return False
    told = any(term.concept or term.key in question.catalog.told for term in question.terms)
    return len(question.terms) == 1 and not told and match.score < WHOLE_ASK


def _details(question: Question) -> Plan | None:
    """A kind of information (a figure, a date, names) that only some snippets give."""
    query, catalog = question.query, question.catalog
    for detail in sorted(query.details):
        able = [m for m in question.matches if _gives(m, detail, catalog)]
        if not able or not is_enough(able[0]):
            return declined(query, catalog, detail, question.matches)
        return _answer(question, able)
    return None


def _shortcut(query: Query, catalog: Catalog, before: Plan | None) -> Plan | None:
    """What people name word for word: a slug, a title, an alias, a snippet, list, help, more."""
    if before and query.key in {"more", "tell me more", "more please", "go on", "continue"}:
        return replace(before, page=before.page + 1, notes=())
    named = catalog.shortcuts.get(query.key)
    if named:
        if named[0] and (plan := _compare(Question(query, weigh(query, catalog), catalog))):
            return plan
        is_brief, name = named
        brief = name if is_brief else catalog.homes[name]
        return Plan(
            Status.ANSWERED,
            query.wanted(Intent.SUMMARY),
            brief=brief,
            snippets=() if is_brief else (name,),
            page=query.page,
            nearest=neighbours(brief, catalog),
            terms=query.concepts,
            score=100.0,
        )
    return None


def _listing(question: Question) -> Plan | None:
    """The list of briefs, or how to ask: said in one word, or in a message about nothing else."""
    query, catalog = question.query, question.catalog
    for intent in (Intent.LIST, Intent.HELP):
        alone = query.intents == (intent,) and not question.specific
        if alone or query.key == intent.value:
            nearest = offers(question.matches, catalog)
            return Plan(Status.ANSWERED, intent, page=query.page, nearest=nearest, score=100.0)
    return None


def _unspecific(question: Question) -> Plan | None:
    """A message that names nothing, or only what every brief is about."""
    query, catalog = question.query, question.catalog
    about_library = not {LIBRARY_CONCEPT, EACH_DOCUMENT}.isdisjoint(query.concepts)
    specific = question.specific
    if query.intents == (Intent.SUMMARY,) and about_library:
        specific = [t for t in specific if t.key.startswith("@")]
    if specific:
        return None
    topical = any(t.known and t.key != SMALL_TALK for t in question.terms)
    pointing = query.pronoun and not about_library
    if query.intents in {(), (Intent.SUMMARY,)} and pointing and not query.details:
        return clarify(catalog, "pronoun", question.matches)
    if query.intents == (Intent.SUMMARY,) and not query.actors and "summary" in catalog.shortcuts:
        return _whole_brief(query, catalog, catalog.shortcuts["summary"][1])
    if query.intents or query.actors:
        return None
    if topical:
        return clarify(catalog, "clarify", question.matches)
    return declined(query, catalog, "chat", ())


def _whole_brief(query: Query, catalog: Catalog, slug: str, score: float = 100.0) -> Plan:
    return Plan(
        Status.ANSWERED,
        query.wanted(Intent.SUMMARY),
        slug,
        page=query.page,
        nearest=neighbours(slug, catalog),
        terms=query.concepts,
        score=score,
    )


def _gives(match: Match, detail: str, catalog: Catalog) -> bool:
    """Whether a unit can tell this kind of detail."""
    library = catalog.library
    if match.unit.brief:
        return False
    return detail in library.snippets[match.unit.id].details


def _answer(question: Question, matches: Sequence[Match]) -> Plan:
    """Answer with some of the question's matches."""
    query, catalog = question.query, question.catalog
    best = matches[0]
    briefs = [m for m in matches if m.unit.brief]
    telling = question.specific
    if query.wants(Intent.PLAYERS):
        # "Who takes part in this competition" asks for the parties, whatever it calls the contest.
        telling = [t for t in telling if t.known and t.weight >= SPECIFIC_WEIGHT]
    general = question.names_a_document or not (query.actors or telling)
    if general and query.intents:
        # Of nearly equal briefs the one whose subject the intent is.
        key = f"@intent-{query.intents[0].value}"
        briefs.sort(key=lambda m: -m.unit.profile.get(key, 0.0))
    share = GENERAL_SHARE if general else SUMMARY_SHARE if query.wants(Intent.SUMMARY) else 1.0
    if briefs and best.score < EXACTLY_ASKED and briefs[0].score >= share * best.score:
        best = briefs[0]
    if best.unit.brief:
        return _whole_brief(query, catalog, best.unit.id, best.score)
    home = catalog.homes[best.unit.id]
    snippets = tuple(select(query, question.terms, catalog, matches))
    return Plan(
        Status.ANSWERED,
        query.wanted(),
        home,
        snippets,
        nearest=neighbours(home, catalog),
        notes=("elsewhere",) if question.is_elsewhere(snippets) else (),
        terms=query.concepts,
        score=best.score,
        page=query.page,
    )


def _compare(question: Question) -> Plan | None:
    """Two or three sides, where the question sets them against each other."""
    query, catalog = question.query, question.catalog
    found = find_comparison(query, question.terms, catalog)
    if found is None:
        return None
    if found.score < ANSWER_FROM:
        return declined(query, catalog, "not-covered", question.matches)
    return Plan(
        Status.ANSWERED,
        Intent.COMPARE,
        brief=found.brief,
        snippets=found.snippets,
        actors=found.columns,
        aspects=found.aspects,
        page=query.page,
        nearest=neighbours(found.brief, catalog)[:BESIDE_COMPARISON] if found.brief else (),
        terms=query.concepts,
        score=found.score,
    )


def related_plan(text: str, catalog: Catalog) -> Plan:
    """The briefs that somebody else's message is about, as a choice; any length of text."""
    query = parse(text[:MAX_QUESTION_CHARS], catalog.lexicon)
    matches = [m for m in rank(weigh(query, catalog), catalog) if m.evidence >= RELATED_EVIDENCE]
    if not matches:
        return declined(query, catalog, "not-covered", ())
    slugs = [m.unit.id if m.unit.brief else catalog.homes[m.unit.id] for m in matches]
    return Plan(
        Status.ANSWERED,
        Intent.FACT,
        brief=slugs[0],
        snippets=tuple(m.unit.id for m in matches if not m.unit.brief)[:MAX_STATEMENTS],
        nearest=tuple(dict.fromkeys(slugs[1:]))[:OFFERS],
        score=matches[0].score,
    )
