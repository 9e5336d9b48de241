"""A subscription's content -> the answers it sends, each composed from the library."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.answer import Answer, Note, Status, Suggestion
from bot.answering.compose import compose
from bot.answering.decide import answer_plan
from bot.answering.plan import Plan
from bot.library.vocabulary import Intent
from bot.schedules import schedule_phrases as words
from bot.schedules.schedule_options import Mistake, mistake
from bot.schedules.subscription import Content, Kind
from bot.schedules.zones import MOST_WORDS, find_zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.schedules.schedule_words import Parsed
    from bot.schedules.subscription import Subscription

MAX_POSTS = 10
"""Posts of one run: briefs named, or pages of changes."""
_ROTATION = re.compile(
    r"(?:a )?rotat(?:e|ion|ing)\b.*"
    r"|(?:one|a) (?:different |new |other )?brief (?:each|every|after).*",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"(?:please\s+)?(?:send|post|show|give|share)\s+(?:(?:me|us)\s+)?(?:the\s+(?=\S*-))?",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\s+(?:(?:to|in|into) (?:this|the|our) channel|(?<!from )here)$", re.IGNORECASE
)
_FILLERS = {
    "a",
    "about",
    "and",
    "brief",
    "briefing",
    "briefs",
    "of",
    "on",
    "please",
    "the",
    "with",
}
_CHANGES = re.compile(
    r"(?:only |the )?(?:changes|updates|news|what(?:'?s| is| has)? (?:new|changed)|all new)"
    r"(?: since .*| only)?",
    re.IGNORECASE,
)


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


def parse_content(
    text: str, catalog: Catalog, *, say_nothing_new: bool = False
) -> Content | Mistake:
    """`china-vs-us, key-players`, a question, `changes` or `rotation` -> what is sent."""
    text = _HERE.sub("", _POLITE.sub("", text.strip().strip('"').strip()))
    if not text:
        return mistake("content")
    if _ROTATION.fullmatch(text):
        return Content(Kind.ROTATION)
    if _CHANGES.fullmatch(text):
        return Content(Kind.CHANGES, say_nothing_new=say_nothing_new)
    slugs = [_slug(part, catalog) for part in re.split(r"\s*[,+;]\s*|\s+and\s+", text) if part]
    named = tuple(dict.fromkeys(slug for slug in slugs if slug))
    if all(slugs) and len(named) <= MAX_POSTS:
        return Content(Kind.ASKS, named)
    return _beside(text, catalog) or _question(text, catalog)


def parse_what(parsed: Parsed, catalog: Catalog) -> tuple[Parsed, Content | None] | Mistake:
    """What the words beside the time mean; None where there are none.

    Words that the briefs do not answer may end in a city: `what comes next in Berlin`.
    """
    if not parsed.rest:
        return parsed, None
    content = parse_content(parsed.rest, catalog, say_nothing_new=parsed.say_nothing_new)
    if isinstance(content, Content):
        return parsed, content
    words_given = parsed.rest.split()
    for count in range(0 if "zone" in parsed.named else MOST_WORDS, 0, -1):
        found = find_zone(" ".join(words_given[-count:]))
        if found is None or found.rest:
            continue
        there = replace(parsed.rhythm, zone=found.zone)
        named = parsed.named | {"zone"}
        placed = replace(
            parsed, rhythm=there, rest=" ".join(words_given[:-count]).rstrip(" ,;"), named=named
        )
        again = parse_what(placed, catalog)
        if not isinstance(again, Mistake):
            return again
    return content


def _beside(text: str, catalog: Catalog) -> Content | Mistake | None:
    """Where a slug is named among other words, these are a mistake, but for fillers.

    Slugs of one word are words like any other.
    """
    parts = [part.strip(",;+.\"'") for part in text.split()]
    named = [p.casefold() for p in parts if "-" in p and p.casefold() in catalog.library.briefs]
    if not named:
        return None
    others = [p for p in parts if p and p.casefold() not in {*named, *_FILLERS}]
    if others:
        return mistake("beside", given=" ".join(others), known=named[0])
    return Content(Kind.ASKS, tuple(dict.fromkeys(named)))


def _question(text: str, catalog: Catalog) -> Content | Mistake:
    """What a question is about, as long as the briefs answer it."""
    plan = answer_plan(text, catalog)
    if plan.status is not Status.ANSWERED or plan.intent in {Intent.HELP, Intent.LIST}:
        near = ", ".join(plan.nearest)
        offer = words.DID_YOU_MEAN.format(given=near) if near else ""
        return mistake("unknown-content", given=text, offer=offer)
    whole = plan.brief and not plan.snippets and not plan.actors
    summary = whole and plan.intent is Intent.SUMMARY
    return Content(Kind.ASKS, (plan.brief if summary and plan.brief else text,))


def compose_briefing(
    subscription: Subscription, catalog: Catalog, before: Mapping[str, str] | None, today: date
) -> Briefing:
    """The posts of a run on the day `today`; `before` is `digests` of the library told of last.

    What the briefs do not cover any more is left out.
    """
    match subscription.content.kind:
        case Kind.ASKS:
            return Briefing(_answers(subscription.content.asks, catalog, today), None)
        case Kind.ROTATION:
            slug = _next_brief(subscription.last_brief, catalog)
            plan = Plan(Status.ANSWERED, Intent.SUMMARY, brief=slug, score=100.0)
            return Briefing((_post(plan, catalog, today),), slug)
    return Briefing(tuple(_changes(subscription.content, catalog, before, today)), None)


@lru_cache(maxsize=2)
def digests(catalog: Catalog) -> Mapping[str, str]:
    """Each snippet's id with a short hash of what it says; two libraries differ where these do."""
    return {
        snippet.id: hashlib.sha256(
            repr(
                (
                    snippet.text,
                    snippet.attribution,
                    snippet.as_of,
                    snippet.citations,
                    snippet.outcome,
                )
            ).encode()
        ).hexdigest()[:12]
        for snippet in catalog.library.snippets.values()
    }


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
    now = digests(catalog)
    known = catalog.library.snippets
    changed = [
        name
        for name, digest in now.items()
        if before is not None and before.get(name) != digest and not known[name].is_expired(today)
    ]
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


def describe_content(content: Content, catalog: Catalog) -> str:
    """What is sent, in words: titles of briefs, or the question."""
    if content.kind is Kind.ROTATION:
        return words.ROTATION
    if content.kind is Kind.CHANGES:
        also = f", {words.SAY_NOTHING_NEW}" if content.say_nothing_new else ""
        return words.CHANGES + also
    briefs = catalog.library.briefs
    return ", ".join(briefs[ask].title if ask in briefs else f"“{ask}”" for ask in content.asks)


def _slug(text: str, catalog: Catalog) -> str | None:
    """The brief that the text names by slug, title or alias."""
    if text.casefold() in catalog.library.briefs:
        return text.casefold()
    plan = answer_plan(text, catalog)
    whole = plan.brief and not plan.snippets and not plan.actors and plan.score >= 100.0  # noqa: PLR2004
    return plan.brief if whole and plan.status is Status.ANSWERED else None


def _next_brief(last: str | None, catalog: Catalog) -> str:
    slugs = list(catalog.library.briefs)
    later = [slug for slug in slugs if last is not None and slug > last]
    return min(later, default=min(slugs))


def _post(plan: Plan, catalog: Catalog, today: date) -> Post:
    return Post(plan, compose(plan, catalog, today))
