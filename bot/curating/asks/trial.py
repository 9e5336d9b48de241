"""Proposed questions tried against the library: which are taken, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.decide import answer_plan
from bot.answering.text import read_texts
from bot.curating.asks.reply import find_fault
from bot.curating.explaining import other_name, stand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.answering.plan import Plan
    from bot.curating.asks.reply import Proposed
    from bot.library.model import Library


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
