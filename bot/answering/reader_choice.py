"""What a reader's reply may do: choose among the statements it was shown, and nothing else.

A reply is text from elsewhere. Nothing of it goes on but ids that are among the options and one of
four words; `chosen_plan` makes the plan of them, and the composer the answer, as always.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, assert_never

from bot.answering import phrases
from bot.answering.answer import Plan, Status
from bot.answering.comparison import compared_columns, sets_against
from bot.answering.compose import compose
from bot.answering.followup import remembered
from bot.answering.matching import near_briefs, neighbours
from bot.answering.reader_request import MAX_CHOSEN, ChoiceKind, read_question
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.question import Question
    from bot.answering.reader_request import Reading

MAX_REPLY_CHARS: Final = 20_000
"""What of a reply is looked at."""
MAX_OBJECTS: Final = 50
"""Braces of a reply from which on a JSON object is tried to be read."""
MAX_PAGES: Final = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """A reply that was checked: every id is one of the options, none stands twice."""

    kind: ChoiceKind
    ids: tuple[str, ...] = ()


def parse_reply(text: str, reading: Reading) -> Choice | None:
    """The first choice in a reply; None where the reply is no choice among the options."""
    known = frozenset(option.id for option in reading.options)
    text = text[:MAX_REPLY_CHARS].rpartition("</think>")[2]
    choices = (_checked(each, known) for each in _objects(text))
    return next((choice for choice in choices if choice), None)


def chosen_plan(
    choice: Choice, text: str, plan: Plan, before: Plan | None, catalog: Catalog
) -> Plan:
    """The plan of a reader's choice, laid out as the question asks.

    Args:
        choice: What the reader chose.
        text: The message.
        plan: The engine's own decision on it.
        before: The plan of the turn before.
        catalog: The index.
    """
    question = read_question(text, catalog, before)
    query = question.query
    notes = (f"{phrases.ASKED_IN}{query.language}",) if query.language != "en" else ()
    near = plan.nearest or near_briefs(question.terms, catalog)
    bare = Plan(
        plan.status,
        query.wanted(),
        nearest=near,
        terms=plan.terms or remembered(query, catalog),
        judged=plan.judged,
    )
    ids = tuple(name for name in choice.ids if name in catalog.homes)
    match choice.kind:
        case ChoiceKind.ASK:
            return replace(bare, status=Status.CLARIFY, notes=("clarify",))
        case ChoiceKind.ANSWER | ChoiceKind.CLOSEST if ids:
            if choice.kind is ChoiceKind.ANSWER:
                return _laid_out(replace(bare, notes=notes), ids, question, plan)
            return _closest(bare, ids[0], plan, catalog)
        case ChoiceKind.NONE | ChoiceKind.ANSWER | ChoiceKind.CLOSEST:
            return replace(bare, status=Status.NOT_COVERED, notes=("not-covered",))
        case _:
            assert_never(choice.kind)


def differs(plan: Plan, other: Plan) -> bool:
    """Whether people see something else: another outcome, or other statements."""
    return (plan.status, plan.brief, plan.snippets, plan.actors) != (
        other.status,
        other.brief,
        other.snippets,
        other.actors,
    )


def _objects(text: str) -> Iterator[Any]:
    """The JSON objects that begin at each of a text's first braces."""
    decoder = json.JSONDecoder()
    at = -1
    for _ in range(MAX_OBJECTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            yield decoder.raw_decode(text, at)[0]
        except (ValueError, RecursionError):
            continue


def _checked(data: Any, known: frozenset[str]) -> Choice | None:
    if not isinstance(data, dict):
        return None
    word, named = data.get("choice"), data.get("ids", [])
    if not isinstance(word, str) or word not in set(ChoiceKind) or not isinstance(named, list):
        return None
    kind = ChoiceKind(word)
    ids = tuple(dict.fromkeys(n for n in named if isinstance(n, str) and n in known))
    match kind:
        case ChoiceKind.ASK | ChoiceKind.NONE:
            return Choice(kind)
        case ChoiceKind.ANSWER | ChoiceKind.CLOSEST:
            most = MAX_CHOSEN if kind is ChoiceKind.ANSWER else 1
            return Choice(kind, ids[:most]) if ids else None
        case _:
            assert_never(kind)


def _closest(bare: Plan, name: str, plan: Plan, catalog: Catalog) -> Plan:
    """That it is not said, and the closest statement; why, only where the engine meant it too."""
    same = plan.status is Status.NEAREST and plan.snippets == (name,)
    home = catalog.homes[name]
    return replace(
        bare,
        status=Status.NEAREST,
        brief=home,
        snippets=(name,),
        nearest=tuple(dict.fromkeys((home, *bare.nearest)))[: len(bare.nearest)],
        notes=plan.notes if same else ("not-covered",),
        missing=plan.missing if same else (),
        score=_score_of(name, plan),
    )


def _score_of(name: str, plan: Plan) -> float:
    return plan.score if name in plan.snippets else 0.0


def _laid_out(bare: Plan, ids: tuple[str, ...], question: Question, plan: Plan) -> Plan:
    """The chosen statements as a table, as their brief, or one after another."""
    catalog, query = question.catalog, question.query
    listed = replace(
        bare,
        status=Status.ANSWERED,
        brief=catalog.homes[ids[0]],
        snippets=ids,
        nearest=neighbours(catalog.homes[ids[0]], catalog),
        notes=(*bare.notes, *(("elsewhere",) if question.is_elsewhere(ids) else ())),
        score=_score_of(ids[0], plan),
    )
    columns = compared_columns(query, catalog) if sets_against(query) else ()
    if len(columns) > 1:
        return _as_table(listed, columns, catalog) or listed
    whole = {Intent.SUMMARY, Intent.OUTLOOK} & set(query.intents)
    brief = _brief_of_all(ids, catalog) if whole and len(ids) > 1 else None
    if brief:
        return replace(listed, brief=brief, snippets=(), nearest=neighbours(brief, catalog))
    return listed


def _as_table(listed: Plan, columns: tuple[str, ...], catalog: Catalog) -> Plan | None:
    """The same as a comparison, if that shows two sides, all that was chosen and nothing else."""
    names = listed.snippets
    sides = {c for c in columns for name in names if c in catalog.sides[name]}
    shared = tuple(n for n in names if sum(c in catalog.sides[n] for c in columns) > 1)
    table = replace(
        listed,
        intent=Intent.COMPARE,
        actors=columns,
        aspects=_rows([name for name in names if name not in shared], columns, catalog),
        shared=shared,
    )
    pages = (
        compose(replace(table, page=page), catalog, date.min).snippets
        for page in range(1, MAX_PAGES)
    )
    shown = {name for page in takewhile(bool, pages) for name in page}
    return table if len(sides) > 1 and shown == set(names) else None


def _rows(names: Sequence[str], columns: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
    """The fewest rows that show these statements, those that most sides have first."""

    def sides(aspect: str) -> int:
        fitting = [name for name in names if aspect in catalog.takes_up[name]]
        return sum(any(c in catalog.sides[name] for name in fitting) for c in columns)

    rows: list[str] = []
    left = set(names)
    for aspect in sorted(catalog.aspects, key=lambda aspect: -sides(aspect)):
        new = {name for name in left if aspect in catalog.takes_up[name]}
        if new:
            rows.append(aspect)
            left -= new
    return tuple(rows)


def _brief_of_all(ids: Sequence[str], catalog: Catalog) -> str | None:
    """The brief that shows all of them, at least half of what it shows; None for none."""
    shared = [catalog.members[name] for name in ids]
    found = [slug for slug in shared[0] if all(slug in each for each in shared)]
    briefs = catalog.library.briefs
    found = [slug for slug in found if 2 * len(ids) >= len(briefs[slug].snippets)]
    return min(found, key=lambda slug: (len(briefs[slug].snippets), slug), default=None)
