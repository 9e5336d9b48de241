"""Example asks from outside: a request to hand over, and the reply tried before it is taken."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from msgspec import structs

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.answering.text import read_texts
from bot.curating.golden import other_name, stand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.answering.answer import Plan
    from bot.library.model import Brief, Library, Snippet


_HEAD: Final = """\
# Questions wanted: {title}

A chat bot answers people's questions with the statements below, word for word, and with nothing
else. It finds them by example questions. Please write some, from these statements alone: add no
fact, name or figure of your own.
"""
_GOOD: Final = """\
## What makes a good example
- Somebody who has not read the statement would ask just this, and the statement answers all of it.
- It is not answered as well by another statement of this list.
- All differ: a plain question, a few keywords, a colleague in a hurry, everyday words in place of
  the statement's own, a question about one detail of it.
- 3 to 15 words, no greeting, in English, at most 200 characters.
- Never one that is listed under "there is".
"""
_DECLINED: Final = """\
## Questions that must be declined
Write {count} that sound as if they belonged here and that no statement answers: a figure, a name,
a reason or a place that none of them gives, or a neighbouring subject. Their id is null.
"""
_FORM: Final = """\
## The form of the reply
One JSON object a line and nothing else:

{{"id": {example}, "ask": "the question"}}
{{"id": null, "ask": "a question that must be declined"}}
"""


def write_request(
    brief: Brief,
    catalog: Catalog,
    *,
    statement: str | None = None,
    count: int = 25,
    not_covered: bool = False,
) -> str:
    """The text of the request, in Markdown.

    Args:
        brief: What questions are wanted for.
        catalog: The library.
        statement: The id of the one statement that they are for; None for each of the brief.
        count: How many for each statement, or in all where they are to be declined.
        not_covered: Whether only questions that must be declined are wanted.
    """
    snippets = catalog.library.snippets
    own = [snippets[name] for name in brief.snippets if name in brief.own]
    wanted = [s for s in own if statement in {None, s.id}]
    parts = [_HEAD.format(title=brief.title)]
    if not not_covered:
        parts += [f"Write {count} questions for each statement.\n\n", _GOOD]
    parts += ["\n## The statements\n", *_statements(wanted)]
    parts += _neighbours(brief, [s for s in own if s not in wanted], catalog)
    # One question to be declined for so many that are to be answered.
    declined = count if not_covered else max(1, count * len(wanted) // 5)
    parts += [_DECLINED.format(count=declined)]
    if catalog.library.must_not_cover:
        parts += ["\nThere is:\n", *(f"- {ask}\n" for ask in catalog.library.must_not_cover)]
    example = "null" if not_covered else f'"{wanted[0].id}"'
    parts += ["\n", _FORM.format(example=example)]
    return "".join(parts)


def _statements(wanted: Sequence[Snippet]) -> Iterator[str]:
    for snippet in wanted:
        yield f"\n### id: {snippet.id}\n{snippet.text}\n"
        if snippet.attribution:
            yield f"Held by: {snippet.attribution}\n"
        if snippet.asks:
            yield "\nThere is:\n"
            yield from (f"- {ask}\n" for ask in snippet.asks)


def _neighbours(brief: Brief, beside: Sequence[Snippet], catalog: Catalog) -> Iterator[str]:
    """Statements not to be confused with these: those beside, then those of near briefs."""
    snippets = catalog.library.snippets
    others = (s for s in snippets.values() if s.id not in brief.own)
    near = [*beside, *sorted(others, key=lambda s: not _related(s, brief, catalog))]
    if near:
        yield "\n## Other statements, for which no question is wanted\n"
        yield from (f"- {s.text}\n" for s in near[:12])
    yield "\n"


def _related(snippet: Snippet, brief: Brief, catalog: Catalog) -> bool:
    """Whether a statement takes up what the brief does."""
    taken = {each for name in brief.snippets for each in catalog.takes_up[name]}
    return snippet.id in brief.snippets or not taken.isdisjoint(catalog.takes_up[snippet.id])


MAX_CHARS: Final = 200
"""The longest ask that a brief may have."""
MIN_WORDS: Final = 2
MAX_WORDS: Final = 30
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question of a reply; `statement` is None where it must be declined."""

    ask: str
    statement: str | None


def read_reply(text: str) -> list[Proposed]:
    """Every object with an `ask`, whatever stands around: a fence, commas, a list, chatter."""
    return [found for value in _objects(text) if (found := _proposed(value))]


def unread(text: str, proposed: Sequence[Proposed]) -> int:
    """How many questions of a reply are in objects that are no valid JSON."""
    return max(0, text.count('"ask"') - len(proposed))


def _objects(text: str) -> Iterator[object]:
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _proposed(value: object) -> Proposed | None:
    if not isinstance(value, dict) or not isinstance(value.get("ask"), str):
        return None
    name = value.get("id")
    ask = " ".join(value["ask"].split())
    return Proposed(ask, name.strip() if isinstance(name, str) and name.strip() else None)


def find_fault(ask: str) -> str | None:
    """Why a text cannot be an example ask; None where it can."""
    words = read_texts(ask)
    if len(ask) > MAX_CHARS or len(words) > MAX_WORDS:
        return "too long"
    several = sum(ask.count(mark) for mark in ("? ", ". ", "! ")) > 0
    told = ask.endswith((".", "!", ":")) or several or "http" in ask
    return "no question" if told or len(words) < MIN_WORDS else None


@dataclass(frozen=True, slots=True)
class Tried:
    """One proposed question, and what becomes of it."""

    proposed: Proposed
    now: str
    """What it is answered with today."""
    dropped: str = ""
    """Why it is not taken; empty where it is."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How the briefs' own asks fare, each asked of the library without itself, of `asks`."""

    asks: int
    right: int
    wrong: int
    """Answered with something else."""
    declined: int
    """Proposed questions that must be declined."""
    answered: int
    """How many of those are answered as a fact all the same."""


def try_asks(proposed: Iterable[Proposed], catalog: Catalog) -> list[Tried]:
    """Try each by itself, in order; a question that came before is double."""
    seen = {_key(ask) for ask in _all_asks(catalog.library)}
    tried = []
    for each in proposed:
        tried.append(_try(each, seen, catalog))
        seen.add(_key(each.ask))
    return tried


def _try(each: Proposed, seen: set[str], catalog: Catalog) -> Tried:
    fault = find_fault(each.ask)
    if fault:
        return Tried(each, "", fault)
    plan = answer_plan(each.ask, catalog)
    now = _told(plan)
    if _key(each.ask) in seen:
        return Tried(each, now, "there already")
    if each.statement is None:
        needless = plan.status is Status.NOT_COVERED
        return Tried(each, now, "is declined anyway" if needless else "")
    if each.statement not in catalog.library.snippets:
        return Tried(each, now, f"there is no statement {each.statement}")
    standing = stand(each.ask, each.statement, catalog, written=False)
    if standing.misplaced:
        return Tried(each, now, f"answered better by {other_name(standing)}")
    return Tried(each, now)


def _told(plan: Plan) -> str:
    named = ", ".join(plan.snippets) or plan.brief or plan.intent.value
    return named if plan.status is Status.ANSWERED else plan.status.value


def _all_asks(library: Library) -> Iterator[str]:
    yield from library.must_not_cover
    for snippet in library.snippets.values():
        yield from snippet.asks
    for brief in library.briefs.values():
        yield from brief.asks


def _key(text: str) -> str:
    return " ".join(read_texts(text))


def taken_asks(tried: Iterable[Tried]) -> tuple[Mapping[str, list[str]], list[str]]:
    """The asks of each statement, and those that must be declined."""
    asks: dict[str, list[str]] = {}
    declined: list[str] = []
    for each in tried:
        if not each.dropped:
            home = declined
            if each.proposed.statement is not None:
                home = asks.setdefault(each.proposed.statement, [])
            home.append(each.proposed.ask)
    return asks, declined


def with_asks(
    catalog: Catalog, asks: Mapping[str, Sequence[str]], declined: Sequence[str] = ()
) -> Catalog:
    """The catalog as it would be with more asks."""
    library = catalog.library
    snippets = {
        name: structs.replace(s, asks=(*s.asks, *asks.get(name, ())))
        for name, s in library.snippets.items()
    }
    refused = (*library.must_not_cover, *declined)
    changed = replace(library, snippets=snippets, must_not_cover=refused)
    return Catalog(changed, catalog.vocabulary, catalog.w)


def measure(
    catalog: Catalog, slugs: Iterable[str], before: Library, declined: Sequence[str]
) -> Effect:
    """Ask what `before` had as asks of some briefs, each left out in turn.

    Args:
        catalog: The library, with or without what was proposed.
        slugs: The briefs whose asks are asked.
        before: The library as it is: only its asks are asked.
        declined: Proposed questions that must be declined.
    """
    names = [name for slug in slugs for name in sorted(before.briefs[slug].own)]
    asked = right = wrong = 0
    for name in names:
        for ask in before.snippets[name].asks:
            plan = answer_plan(ask, catalog.without_ask(name, ask))
            asked += 1
            if plan.status is Status.ANSWERED:
                own = name in (plan.snippets or (name,))
                right, wrong = right + own, wrong + (not own)
    plans = [answer_plan(ask, catalog) for ask in declined]
    answered = sum(plan.status is Status.ANSWERED for plan in plans)
    return Effect(asked, right, wrong, len(plans), answered)
