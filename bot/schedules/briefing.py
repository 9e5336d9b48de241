"""A subscription's content -> the answers it sends, each composed from the library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.answer import Answer, Note, Status, Suggestion
from bot.answering.changes import differences, digests
from bot.answering.compose import compose
from bot.answering.decide import answer_plan
from bot.answering.plan import Plan
from bot.library.vocabulary import Intent
from bot.schedules import schedule_phrases as words
from bot.schedules.content import MAX_POSTS
from bot.schedules.subscription import ContentKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.schedules.subscription import Content, Subscription


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a run and the plan that it was composed from."""

    plan: Plan
    answer: Answer


@dataclass(frozen=True, slots=True)
class Briefing:
    """What one run sends; no posts where there is nothing new and that is not to be said."""

    posts: tuple[Post, ...]
    last_brief: str | None
    """For `ROTATION`: the brief it shows."""


def compose_briefing(
    subscription: Subscription, catalog: Catalog, before: Mapping[str, str] | None, today: date
) -> Briefing:
    """The posts of a run on the day `today`; `before` is `digests` of the library told of last.

    What the briefs do not cover any more is left out.
    """
    match subscription.content.kind:
        case ContentKind.ASKS:
            return Briefing(_answers(subscription.content.asks, catalog, today), None)
        case ContentKind.ROTATION:
            slug = _next_brief(subscription.last_brief, catalog)
            plan = Plan(Status.ANSWERED, Intent.SUMMARY, brief=slug, score=100.0)
            return Briefing((_post(plan, catalog, today),), slug)
    return Briefing(tuple(_changes(subscription.content, catalog, before, today)), None)


@lru_cache(maxsize=512)
def _answers(asks: tuple[str, ...], catalog: Catalog, today: date) -> tuple[Post, ...]:
    """Many channels get the same: it is composed once for each library and day."""
    posts = (_post(answer_plan(ask, catalog), catalog, today) for ask in asks)
    return tuple(post for post in posts if post.answer.status is Status.ANSWERED)


def _changes(
    content: Content, catalog: Catalog, before: Mapping[str, str] | None, today: date
) -> list[Post]:
    """New and changed snippets in the library's order, as many to a post as fit.

    The first briefing of a subscription has nothing to compare with and tells of nothing.
    """
    known = catalog.library.snippets
    new = differences(before, digests(catalog)).new if before is not None else ()
    changed = [name for name in new if not known[name].is_expired(today)]
    if not changed:
        return [_nothing_new(catalog)] if content.say_nothing_new else []
    posts = []
    for page in range(1, MAX_POSTS + 1):
        plan = Plan(Status.ANSWERED, Intent.SUMMARY, snippets=tuple(changed), page=page)
        answer = compose(plan, catalog, today)
        if not answer.snippets:
            break
        homes = dict.fromkeys(catalog.home(snippet) for snippet in answer.snippets)
        offers = [Suggestion(brief.title[:75], brief.slug) for brief in homes][:4]
        posts.append(
            Post(plan, replace(answer, title=words.CHANGES_TITLE, suggestions=tuple(offers)))
        )
    return posts


def _nothing_new(catalog: Catalog) -> Post:
    plan = Plan(Status.ANSWERED, Intent.SUMMARY)
    return Post(plan, note_answer(words.CHANGES_TITLE, words.NOTHING_NEW, catalog.version))


def note_answer(title: str, text: str, library: str) -> Answer:
    """An answer of one fixed phrase."""
    return Answer(Status.ANSWERED, Intent.SUMMARY, title, (Note(text),), (), (), 0.0, library)


def _next_brief(last: str | None, catalog: Catalog) -> str:
    slugs = list(catalog.library.briefs)
    later = [slug for slug in slugs if last is not None and slug > last]
    return min(later, default=min(slugs))


def _post(plan: Plan, catalog: Catalog, today: date) -> Post:
    return Post(plan, compose(plan, catalog, today))
