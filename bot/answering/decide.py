"""A question -> Plan: answered, nearest, "did you mean" or not covered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.answering.answer import Plan, Status
from bot.answering.candidate import CandidateKind
from bot.answering.comparison import find_comparison, sets_against
from bot.answering.followup import remembered
from bot.answering.judge import (
    WORTH_NAMING,
    Judgement,
    MatchLevel,
    gives,
    is_far,
    judge,
    judge_said,
    lacks_a_known_name,
    said_by,
)
from bot.answering.matching import (
    MAX_COMPARED,
    OFFERS,
    Match,
    closest,
    near_briefs,
    neighbours,
    rank,
    score_candidate,
    weigh,
)
from bot.answering.query import Query, parse
from bot.answering.question import Question, select
from bot.library.model import FORWARD_LOOKING
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.matching import WeightedTerm

SUMMARY_SHARE, GENERAL_SHARE = 0.85, 0.6
"""Where a summary, or nothing specific, was asked for, a brief with this share of the best score
is preferred."""
BESIDE_COMPARISON: Final = 2
"""Briefs offered beside a comparison: there must be room for what comes next."""
DETAIL_SHARE: Final = 0.7
"""A statement that gives the figure, date or name asked for is preferred down to this share of
the best score."""
MAX_COMPARED_WORDS, MAX_SPLITS = 24, 3
"""A longer message, or one with more "and"s, does not compare two subjects."""
MAIN_SIDE: Final = 0.2
"""The share of all statements from which on a side alone asks for none of them."""
MAX_TOGETHER: Final = 3
"""Statements that answer a message of several questions."""
_BETWEEN_SIDES: Final = frozenset({"vs", "versus", "and", "or", "than", "compared"})


def plan_question(query: Query, catalog: Catalog, before: Plan | None = None) -> Plan:
    """The decision, rule by rule; the first that applies wins."""
    question = Question(query, weigh(query, catalog), catalog, before)
    rules: tuple[Callable[[Question], Plan | None], ...] = (
        _listing,
        compare_actors,
        _compare_subjects,
        _name_alone,
        _general,
    )
    for rule in rules:
        if plan := rule(question):
            return plan
    plan = _best(question)
    asks_only = query.intents and not any(term.is_content for term in question.terms)
    if asks_only and not query.details and plan.status is not Status.ANSWERED:
        return ask_back("clarify", question.terms, catalog)  # "why?": of what?
    return plan


def named_plan(name: str, query: Query, catalog: Catalog) -> Plan:
    """One candidate that was named: a statement, or a brief."""
    if name in catalog.library.briefs:
        return whole_brief(query, catalog, name)
    home = catalog.homes[name]
    return Plan(
        Status.ANSWERED,
        query.wanted(),
        brief=home,
        snippets=(name,),
        page=query.page,
        nearest=neighbours(home, catalog),
        terms=remembered(query, catalog),
        score=100.0,
    )


def _listing(question: Question) -> Plan | None:
    """The list of briefs: said in one word, or in a message about nothing else."""
    query, catalog = question.query, question.catalog
    for intent in (Intent.LIST, Intent.HELP):
        alone = query.intents == (intent,) and not question.specific
        if alone or query.key == intent.value:
            nearest = near_briefs(question.terms, catalog)
            return Plan(Status.ANSWERED, intent, page=query.page, nearest=nearest, score=100.0)
    return None


def compare_actors(question: Question) -> Plan | None:
    """Two or three sides of the vocabulary, where the question sets them against each other."""
    query, catalog = question.query, question.catalog
    found = find_comparison(query, question.terms, catalog)
    if found is None:
        return None
    judgement = judge_said(question.terms, found.said, found.score, catalog, compares=True)
    if judgement.outcome is not MatchLevel.ANSWERED:
        return _not_answered(question, question.matches, judgement)
    return Plan(
        Status.ANSWERED,
        Intent.COMPARE,
        brief=found.brief,
        snippets=found.snippets,
        shared=found.shared,
        actors=found.columns,
        aspects=found.aspects,
        page=query.page,
        nearest=neighbours(found.brief, catalog)[:BESIDE_COMPARISON] if found.brief else (),
        terms=remembered(query, catalog),
        score=100.0,
        judged=judgement.parts,
    )


def _compare_subjects(question: Question) -> Plan | None:
    """Two subjects that are no actors: the best statement on each, if each has one."""
    query, catalog = question.query, question.catalog
    if not sets_against(query) or not query.wants(Intent.COMPARE):
        return None
    for left, right in _sides(query):
        found = [_best_of(side, catalog) for side in (left, right)]
        first, second = found
        if first and second and first.candidate.id != second.candidate.id:
            snippets = (first.candidate.id, second.candidate.id)
            return Plan(
                Status.ANSWERED,
                Intent.COMPARE,
                catalog.homes[snippets[0]],
                snippets,
                page=query.page,
                nearest=neighbours(catalog.homes[snippets[0]], catalog),
                terms=remembered(query, catalog),
                score=min(first.score, second.score),
            )
    return None


def _sides(query: Query) -> Iterator[tuple[str, str]]:
    """The words on each side of "vs", "and", "or" or "than"."""
    words = query.meant
    between = (at for at, word in enumerate(words) if word in _BETWEEN_SIDES)
    places = [at for at in between if 0 < at < len(words) - 1]
    for at in places[:MAX_SPLITS] if len(words) <= MAX_COMPARED_WORDS else ():
        yield " ".join(words[:at]), " ".join(words[at + 1 :])


def _best_of(side: str, catalog: Catalog) -> Match | None:
    """The statement that says what one side of a comparison names."""
    query = parse(side, catalog.lexicon)
    terms = weigh(query, catalog)
    if not any(
        term.is_content and term.known and (term.concept or term.level >= WORTH_NAMING)
        for term in terms
    ):
        return None
    found = [m for m in rank(terms, catalog, MAX_COMPARED) if m.candidate.statement]
    if (
        not found
        or judge(terms, found[0], catalog, compares=True).outcome is not MatchLevel.ANSWERED
    ):
        return None
    return found[0]


def _name_alone(question: Question) -> Plan | None:
    """A side and nothing else: the one brief on it, or a choice where most speaks of it.

    Of others the best statement, with what else speaks of them on offer.
    """
    query, catalog = question.query, question.catalog
    content = [term for term in query.terms if not term.key.startswith("+")]
    if len(content) != 1 or query.actors != (content[0].concept,) or query.follows:
        return None
    if len(query.meant) > len(content[0].word.split()) + 1:  # more than an article beside it
        return None
    (actor,) = query.actors
    told = catalog.about.get(actor, {})
    if len(told) <= MAX_TOGETHER:
        return None
    if slug := catalog.brief_on(actor):
        return whole_brief(query, catalog, slug)
    counts = Counter(slug for name in told for slug in catalog.members[name])
    most = tuple(sorted(counts, key=lambda slug: (-counts[slug], slug))[:OFFERS])
    if len(told) < MAIN_SIDE * len(catalog.library.snippets):
        return replace(_best(question), nearest=most)
    plan = ask_back("clarify", question.terms, catalog)
    return replace(plan, nearest=most, terms=remembered(query, catalog))


def _general(question: Question) -> Plan | None:
    """A message that names nothing of its own, or only what every brief is about."""
    query, catalog = question.query, question.catalog
    about_library = query.names_library or query.each_document
    specific = question.specific
    if specific:
        return None
    pointing = query.pronoun and not about_library
    if query.intents in {(), (Intent.SUMMARY,)} and pointing and not query.details:
        return ask_back("pronoun", question.terms, catalog)
    opening = {Intent.SUMMARY: "summary", Intent.OUTLOOK: "outlook"}
    if len(query.intents) == 1 and not query.actors and query.intents[0] in opening:
        slug = catalog.opening(opening[query.intents[0]])
        if slug and not any(t.is_content and t.known for t in question.terms):
            return whole_brief(query, catalog, slug)
    if query.intents or query.actors:
        return None
    if any(term.known for term in question.terms):
        return ask_back("clarify", question.terms, catalog)
    return not_covered(question, (), "chat")


def _best(question: Question) -> Plan:
    """Answer with the best of the question's matches, if that says what was asked."""
    query, catalog = question.query, question.catalog
    matches = question.matches
    if not matches:
        return not_covered(question, (), "not-covered")
    best = _preferred(question, matches)
    note = "not-covered"
    for detail in (
        sorted(query.details) if best.candidate.kind is not CandidateKind.NEGATIVE else ()
    ):
        able = [m for m in matches if _can_tell(m, detail, catalog)]
        if able and able[0].score >= DETAIL_SHARE * best.score:
            best = able[0]
        else:
            note = detail
    judgement = judge(question.terms, best, catalog, follows=query.follows)
    if note != "not-covered" and judgement.outcome is MatchLevel.ANSWERED:
        judgement = replace(judgement, outcome=MatchLevel.NEAREST)
    if judgement.outcome is not MatchLevel.ANSWERED:
        return _not_answered(question, [best], judgement, note)
    if best.candidate.brief:
        plan = whole_brief(query, catalog, best.candidate.id, best.score)
        return replace(plan, judged=judgement.parts)
    home = catalog.homes[best.candidate.id]
    others = [m for m in matches if m.candidate.statement and m is not best]
    snippets = tuple(select(question, best, others))
    shown = (said_by(catalog.index.statements[name], catalog) for name in snippets)
    if lacks_a_known_name(question.terms, frozenset().union(*shown), catalog):
        return _not_answered(question, [best], replace(judgement, outcome=MatchLevel.NEAREST))
    return Plan(
        Status.ANSWERED,
        query.wanted(),
        home,
        snippets,
        nearest=neighbours(home, catalog),
        notes=("elsewhere",) if question.is_elsewhere(snippets) else (),
        terms=remembered(query, catalog),
        score=best.score,
        page=query.page,
        judged=judgement.parts,
    )


def _preferred(question: Question, matches: Sequence[Match]) -> Match:
    """The best match; of nearly equal ones a brief where a summary is asked for."""
    query, catalog = question.query, question.catalog
    best = _what_is_so(question, matches)
    briefs = [m for m in matches if m.candidate.brief]
    if not briefs or not (best.candidate.brief or best.candidate.statement):
        return best
    general = not (query.actors or any(t.is_content for t in question.specific))
    if general and query.intents:
        # Of nearly equal briefs the one whose subject the intent is.
        wanted = f"@intent-{query.intents[0].value}"
        briefs.sort(key=lambda m: wanted not in catalog.index.intents_of(m.candidate))
    share = GENERAL_SHARE if general else SUMMARY_SHARE if query.wants(Intent.SUMMARY) else 1.0
    return briefs[0] if briefs[0].score >= share * best.score else best


def _what_is_so(question: Question, matches: Sequence[Match]) -> Match:
    """The best match; of equal ones what is so before what is expected, unless that was asked."""
    snippets = question.catalog.library.snippets
    if question.query.wants(Intent.OUTLOOK):
        return matches[0]
    equal = (m for m in matches if m.score == matches[0].score)
    so = (
        m
        for m in equal
        if not m.candidate.statement or snippets[m.candidate.id].kind not in FORWARD_LOOKING
    )
    return next(so, matches[0])


def _can_tell(match: Match, detail: str, catalog: Catalog) -> bool:
    return match.candidate.statement and gives(
        catalog.library.snippets[match.candidate.id], detail
    )


def whole_brief(query: Query, catalog: Catalog, slug: str, score: float = 100.0) -> Plan:
    """A brief with all its statements."""
    return Plan(
        Status.ANSWERED,
        query.wanted(Intent.SUMMARY),
        slug,
        page=query.page,
        nearest=neighbours(slug, catalog),
        terms=remembered(query, catalog),
        score=score,
    )


def _not_answered(
    question: Question,
    matches: Sequence[Match],
    judgement: Judgement,
    note: str = "not-covered",
) -> Plan:
    """The closest statement where it is near enough, else that it is not covered."""
    catalog = question.catalog
    best = closest(question.terms, _statements(question, matches))
    if (
        judgement.outcome is not MatchLevel.NEAREST
        or best is None
        or is_far(question.terms, said_by(best.candidate, catalog), catalog)
    ):
        return replace(
            not_covered(question, matches, note),
            missing=judgement.missing,
            judged=judgement.parts,
        )
    home = catalog.homes[best.candidate.id]
    if best.candidate is not matches[0].candidate:  # "Why this?" explains what is shown
        judgement = replace(judgement, parts=judge(question.terms, best, catalog).parts)
    return Plan(
        Status.NEAREST,
        question.query.wanted(),
        home,
        (best.candidate.id,),
        nearest=near_briefs(question.terms, catalog, (home,)),
        notes=(note,),
        terms=remembered(question.query, catalog),
        missing=judgement.missing,
        score=best.score,
        judged=judgement.parts,
    )


def _statements(question: Question, matches: Sequence[Match]) -> list[Match]:
    """What may be closest: the statements that match, those of a brief that matches best."""
    catalog = question.catalog
    if not matches or not matches[0].candidate.brief:
        return [m for m in question.matches if m.candidate.statement]
    members = catalog.library.briefs[matches[0].candidate.id].snippets
    known = catalog.index.statements
    return [score_candidate(question.terms, known[name], catalog) for name in members]


def not_covered(question: Question, matches: Sequence[Match], note: str) -> Plan:
    """Say that it is not covered: the note tells why, the nearest briefs are offered."""
    return Plan(
        Status.NOT_COVERED,
        question.query.wanted(),
        nearest=near_briefs(question.terms, question.catalog),
        notes=(note,),
        terms=remembered(question.query, question.catalog),
        score=matches[0].score if matches else 0.0,
    )


def ask_back(note: str, terms: Sequence[WeightedTerm], catalog: Catalog) -> Plan:
    """Ask back: the note names the fixed phrase, the best briefs are the choice."""
    return Plan(Status.CLARIFY, Intent.SUMMARY, nearest=near_briefs(terms, catalog), notes=(note,))
