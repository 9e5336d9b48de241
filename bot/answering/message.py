"""A message + what was said before -> Plan: about the bot, word for word, or its sentences."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from bot.answering.about import OF_THE_LAST_ANSWER, about_plan, language_notes
from bot.answering.answer import Plan, Status
from bot.answering.compose import listed
from bot.answering.decide import (
    MAX_TOGETHER,
    ask_back,
    compare_actors,
    named_plan,
    not_covered,
    plan_question,
    whole_brief,
)
from bot.answering.followup import (
    inherit,
    left_out,
    may_follow,
    names_subject,
    ordinal,
    points_back,
)
from bot.answering.matching import OFFERS, is_specific, weigh
from bot.answering.query import Query, parse
from bot.answering.question import Question
from bot.answering.text import MAX_QUESTION_CHARS, clean
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from bot.answering.catalog import Catalog

    PlanOf: TypeAlias = Callable[[str], Plan | None]
    """The plan of a sentence, None where it asks nothing."""

MAX_SENTENCES, MAX_SENTENCES_OF_OTHERS = 4, 10
"""Sentences that are asked one by one: of a question, and of somebody else's message."""
_SENTENCE: Final = re.compile(
    r"(?:[^.?!。\n]|[.?!](?!\s|$|[\u3040-\u30ff\u3400-\u9fff]))+[.?!。]*"  # no blanks there
)

_JOINED: Final = re.compile(
    r",?\s+and\s+(?=(?:what|how|who|when|where|why|which|will|can|does|do|is|are)\b)",
    re.IGNORECASE,
)
"""Between two questions in one sentence: "who is affected and what does it cost"."""


def answer_plan(text: str, catalog: Catalog, before: Plan | None = None) -> Plan:
    """Decide on one message; `before` is the plan of the previous turn in its thread."""
    if len(text) > MAX_QUESTION_CHARS:
        return ask_back("too-long", (), catalog)
    query = parse(text, catalog.lexicon)
    about = about_plan(text, query, catalog, before)
    if about and about.intent in OF_THE_LAST_ANSWER:
        return about
    if plan := _word_for_word(query, catalog) or about:
        return plan
    if not query.words:
        return ask_back("empty", (), catalog)
    plan = decide(query, catalog, before)
    sentences = _sentences(text, MAX_SENTENCES)
    plan_of = cache(partial(_sentence_plan, catalog=catalog, bare=True))
    if plan.status is not Status.ANSWERED:
        plan = _sentence_by_sentence(sentences, plan_of) or plan
    if plan.status is Status.ANSWERED:
        plan = _with_the_rest(plan, list(_parted(sentences)), plan_of, catalog)
    return replace(plan, notes=(*language_notes(query.language), *plan.notes))


def decide(query: Query, catalog: Catalog, before: Plan | None) -> Plan:
    """The decision on a message that is a question; a follow-up takes what it lacks from before.

    A message that may stand alone is taken to, if that answers it.
    """
    if before is None or not may_follow(query):
        return plan_question(query, catalog)
    if plan := _about_the_list(query, catalog, before):
        return plan
    alone = plan_question(query, catalog)
    itself = alone.status is Status.ANSWERED and not points_back(query, catalog)
    if before.status is Status.NOT_COVERED or (itself and _has_content(query, catalog)):
        return alone  # what was not covered is not answered by asking on
    followed = plan_question(inherit(query, before, catalog), catalog, before)
    if followed.status is not Status.ANSWERED:
        return alone
    if before.status is not Status.NEAREST or names_subject(query, catalog):
        return followed
    return alone if itself else _as_near(followed, before) or alone


def _as_near(plan: Plan, before: Plan) -> Plan | None:
    """The closest statement again: "and China?" asks for what the library lacked before, too."""
    if plan.actors or not plan.snippets:
        return None
    return replace(
        plan,
        status=Status.NEAREST,
        snippets=plan.snippets[:1],
        missing=before.missing,
        notes=before.notes,
    )


def related_plan(text: str, catalog: Catalog) -> Plan:
    """The plan for somebody else's message: each of its sentences is asked; any length of text.

    What the best of them opens is the answer, and what the others open is offered.
    """
    text = text[: 4 * MAX_QUESTION_CHARS]
    plans = [
        plan
        for plan in _each_sentence(
            _sentences(text, MAX_SENTENCES_OF_OTHERS), partial(_sentence_plan, catalog=catalog)
        )
        if plan.status is Status.ANSWERED
    ]
    whole = answer_plan(text[:MAX_QUESTION_CHARS], catalog)
    if whole.status is Status.ANSWERED:
        plans.insert(0, whole)
    if not plans:
        return whole
    best = max(plans, key=lambda plan: plan.score)
    others = (plan.brief for plan in plans if plan.brief and plan.brief != best.brief)
    nearest = tuple(dict.fromkeys((*others, *best.nearest)))[:OFFERS]
    return replace(best, nearest=nearest)


def is_named_exactly(text: str, catalog: Catalog) -> bool:
    """Whether a message is an ask, a slug, a title, an alias or an id, word for word."""
    key = parse(text[:MAX_QUESTION_CHARS], catalog.lexicon).key
    return catalog.shortcut(key) is not None or catalog.asked(key) is not None


def _word_for_word(query: Query, catalog: Catalog) -> Plan | None:
    """What people name word for word: an ask, a slug, a title, an alias, a statement."""
    named = catalog.shortcut(query.key)
    if named is None:
        if name := catalog.asked(query.key):
            return named_plan(name, query, catalog)
        return _declined(query, catalog)
    if named.statement:
        return named_plan(named.id, query, catalog)
    question = Question(query, weigh(query, catalog), catalog)
    return compare_actors(question) or whole_brief(query, catalog, named.id)


def _declined(query: Query, catalog: Catalog) -> Plan | None:
    """That a question which must not be covered is not, word for word."""
    if query.key not in catalog.declined:
        return None
    return not_covered(Question(query, weigh(query, catalog), catalog), (), "not-covered")


def _about_the_list(query: Query, catalog: Catalog, before: Plan) -> Plan | None:
    """What "the second one" and "leave out the US" mean of what was told before."""
    number = ordinal(query, catalog)
    if number is not None:
        return _nth(number, query, catalog, before)
    brief = catalog.library.briefs.get(before.brief or "")
    told = before.snippets or (brief.snippets if brief else ())
    removed = frozenset(left_out(query))
    if not removed or before.status is not Status.ANSWERED:
        return None
    columns = tuple(actor for actor in before.actors if actor not in removed)
    if len(columns) > 1:
        return replace(before, actors=columns, page=1)
    kept = [name for name in told if removed.isdisjoint(catalog.sides.get(name, ()))]
    kept += [name for column in columns for name in catalog.about.get(column, ())]
    if not kept:
        return None
    shown = tuple(dict.fromkeys(kept))[:MAX_TOGETHER]
    return replace(before, actors=(), aspects=(), snippets=shown, page=1)


def _nth(number: int, query: Query, catalog: Catalog, before: Plan) -> Plan:
    """The statement or brief that stands at a place of what was told or offered before."""
    brief = catalog.library.briefs.get(before.brief or "")
    if before.status in {Status.CLARIFY, Status.NOT_COVERED}:
        told = before.nearest
    elif before.intent is Intent.LIST:
        told = listed(before, catalog)
    else:
        told = before.snippets or (brief.snippets if brief else ())
        if brief and not before.snippets:
            number -= number > 0  # the gist stands first
    if -len(told) <= number < len(told):
        return replace(named_plan(told[number], query, catalog), terms=before.terms)
    return ask_back("pronoun", (), catalog)


def _sentence_by_sentence(sentences: Sequence[str], plan_of: PlanOf) -> Plan | None:
    """The answers to each of a message's sentences together.

    Where one has none, to those of its questions that have one: the others are said to be open.
    """
    plans = list(_each_sentence(sentences, plan_of))
    if any(plan.status is not Status.ANSWERED for plan in plans):
        plans = list(_each_sentence(_questions(sentences), plan_of))
    answered = [plan for plan in plans if plan.status is Status.ANSWERED]
    if not answered:
        return None
    first = answered[0]
    snippets = tuple(dict.fromkeys(name for plan in answered for name in plan.snippets[:1]))
    if len(answered) == 1 or len(snippets) < 2 or first.actors:  # noqa: PLR2004
        return first
    return replace(first, snippets=snippets[:MAX_TOGETHER])


def _with_the_rest(
    plan: Plan, sentences: Sequence[str], plan_of: PlanOf, catalog: Catalog
) -> Plan:
    """The plan with what other questions of the message come to.

    What they open and the plan does not show is offered; that one has no answer is said.
    """
    others = list(_each_sentence(_questions(sentences), plan_of))
    brief = catalog.library.briefs.get(plan.brief or "")
    shown = {
        *plan.snippets,
        *plan.shared,
        *(brief.snippets if brief and not plan.snippets else ()),
    }
    rest = [
        other.brief
        for other in others
        if other.status is Status.ANSWERED and other.brief and other.brief != plan.brief
        if not other.snippets or other.snippets[0] not in shown
    ]
    notes = ["asked-more"] if rest else []
    if any(other.status in {Status.NEAREST, Status.NOT_COVERED} for other in others):
        notes.append("asked-else")
    nearest = tuple(dict.fromkeys((*rest, *plan.nearest)))[:OFFERS] if rest else plan.nearest
    return replace(plan, nearest=nearest, notes=(*plan.notes, *notes))


def _questions(sentences: Iterable[str]) -> list[str]:
    return [sentence for sentence in sentences if sentence.rstrip().endswith("?")]


def _sentences(text: str, most: int) -> list[str]:
    return [s for s in _SENTENCE.findall(clean(text)) if s.strip()][:most]


def _parted(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences, those of two questions as these."""
    for sentence in sentences:
        first, *more = _JOINED.split(sentence)
        yield from (f"{part.rstrip('?')}?" for part in (first, *more)) if more else [sentence]


def _each_sentence(sentences: Sequence[str], plan_of: PlanOf) -> Iterator[Plan]:
    """The plans of sentences, where there are several."""
    return filter(None, map(plan_of, sentences if len(sentences) > 1 else ()))


def _sentence_plan(sentence: str, catalog: Catalog, *, bare: bool = False) -> Plan | None:
    """The plan of a sentence that names something.

    With `bare` also of a question that only says what is wanted, if there is an answer.
    """
    query = parse(sentence[:MAX_QUESTION_CHARS], catalog.lexicon)
    if _has_content(query, catalog):
        return plan_question(query, catalog)
    if bare and query.intents and sentence.rstrip().endswith("?"):
        plan = plan_question(query, catalog)
        return plan if plan.status is Status.ANSWERED else None
    return None


def _has_content(query: Query, catalog: Catalog) -> bool:
    return any(is_specific(term, catalog) for term in weigh(query, catalog))
