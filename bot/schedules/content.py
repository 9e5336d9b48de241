"""What a schedule sends: words -> content, and the answers that are composed of it.

A channel that was sent a text that is now known to be wrong is told what it should read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Final

from bot.answering.answer import (
    MAX_TEXT_CHARS,
    Answer,
    Block,
    Note,
    Plan,
    Status,
    Suggestion,
    length_chars,
    statement,
)
from bot.answering.catalog import Catalog
from bot.answering.changes import differences, digests
from bot.answering.compose import build_answer, compose
from bot.answering.message import answer_plan
from bot.library.model import Library, Snippet
from bot.library.vocabulary import Intent
from bot.schedules import texts as words
from bot.schedules.lexer import CJK, words_of
from bot.schedules.subscription import Content, ContentKind, Correction, Subscription, short_key
from bot.schedules.texts import Mistake, mistake, say
from bot.service.assistant import Reply

MAX_POSTS: Final = 10
"""Posts of one run: briefs named, or pages of changes."""
_ROTATION = re.compile(
    r"(?i:(?:a )?rotat(?:e|ion|ing)\b.*"
    r"|(?:one|a) (?:different |new |other )?brief (?:each|every|after).*)"
)
_POLITE = re.compile(
    r"(?i:(?:please\s+)?(?:send|post|show|give|share)\s+(?:(?:me|us)\s+)?(?:the\s+(?=\S*-))?)"
)
_HERE = re.compile(r"(?i:\s+(?:(?:to|in|into) (?:this|the|our) channel|(?<!from )here)$)")
_CHANGES = re.compile(
    r"(?i:(?:only |the )?(?:changes|updates|news|what(?:'?s| is| has)? (?:new|changed)|all new)"
    r"(?: since .*| only)?)"
)
_FILLERS = frozenset("a about and brief briefing briefs of on please the with".split())
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SMALL = frozenset(
    "a an the of on in at to by for with and or vs versus from about between as its their our "
    "der die das und oder von mit für im el la los las y o de del con en".split()
)


def parse_content(text: str, catalog: Catalog, doubt: str = "") -> Content | Mistake:
    """`china-vs-us, key-players`, a question, `changes` or `rotation` -> what is sent.

    `doubt` is a word of time beside the time itself: then only names of briefs are content.
    """
    text = _HERE.sub("", _POLITE.sub("", text.strip().strip('"').strip()))
    if not text:
        return mistake("content")
    if _ROTATION.fullmatch(text):
        return Content(ContentKind.ROTATION)
    if _CHANGES.fullmatch(text):
        return Content(ContentKind.CHANGES)
    slugs = [_slug(part, catalog) for part in re.split(r"\s*[,+;]\s*|\s+and\s+", text) if part]
    named = tuple(dict.fromkeys(slug for slug in slugs if slug))
    if named and all(slugs) and len(named) <= MAX_POSTS:
        return Content(ContentKind.ASKS, named)
    if doubt:
        return mistake("leftover", given=doubt)
    return _beside(text, catalog) or _question(text, catalog)


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
    return Content(ContentKind.ASKS, tuple(dict.fromkeys(named)))


def _question(text: str, catalog: Catalog) -> Content | Mistake:
    """A question or a subject, as long as the briefs answer it.

    What does not begin like a question has to be in the library's own words: words that no rule
    of time has read are asked about instead of becoming part of a question.
    """
    plan = answer_plan(text, catalog)
    if plan.status is not Status.ANSWERED or plan.intent in {Intent.HELP, Intent.LIST}:
        near = ", ".join(plan.nearest)
        return mistake("near-content" if near else "unknown-content", given=text, near=near)
    if odd := _odd_word(text, catalog):
        return mistake("leftover", given=odd)
    whole = plan.brief and not plan.snippets and not plan.actors
    summary = whole and plan.intent is Intent.SUMMARY
    return Content(ContentKind.ASKS, (plan.brief if summary and plan.brief else text,))


def _odd_word(text: str, catalog: Catalog) -> str | None:
    """The first word that neither begins a question nor is one of the library's."""
    if re.search(f"[{CJK}]", text):
        return None
    for word in _WORDS.findall(text):
        if word.casefold() in words_of("questions"):
            return None
        if word.casefold() not in _library_words(catalog):
            return str(word)
    return None


@lru_cache(maxsize=2)
def _library_words(catalog: Catalog) -> frozenset[str]:
    texts: list[str] = []
    for brief in catalog.library.briefs.values():
        texts += (brief.slug, brief.title, *brief.aliases, *brief.asks)
    for snippet in catalog.library.snippets.values():
        texts += (snippet.text, *snippet.asks)
    return _SMALL | {word.casefold() for text in texts for word in _WORDS.findall(text)}


def describe_content(content: Content, catalog: Catalog, language: str = "en") -> str:
    """What is sent, in words: titles of briefs, or the question."""
    if content.kind is ContentKind.ROTATION:
        return say("rotation", language)
    if content.kind is ContentKind.CHANGES:
        also = f", {say('say-nothing-new', language)}" if content.say_nothing_new else ""
        return say("changes", language) + also
    briefs = catalog.library.briefs
    return ", ".join(briefs[ask].title if ask in briefs else f"“{ask}”" for ask in content.asks)


def _slug(text: str, catalog: Catalog) -> str | None:
    """The brief that the text names by slug, title or alias."""
    if text.casefold() in catalog.library.briefs:
        return text.casefold()
    plan = answer_plan(text, catalog)
    whole = plan.brief and not plan.snippets and not plan.actors and plan.score >= 100.0  # noqa: PLR2004
    return plan.brief if whole and plan.status is Status.ANSWERED else None


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a run and the plan that it was composed from."""

    plan: Plan
    answer: Answer


def reply_of(key: str, index: int, post: Post) -> Reply:
    """What is posted as part `index` of a delivery, the preview as well."""
    return Reply(short_key(f"{key}/{index}"), post.answer, post.plan)


@dataclass(frozen=True, slots=True)
class Briefing:
    """What one run sends; no posts where there is nothing new and that is not to be said."""

    posts: tuple[Post, ...]
    last_brief: str | None = None
    """For `ROTATION`: the brief it shows."""


def compose_briefing(
    subscription: Subscription, catalog: Catalog, before: Mapping[str, str] | None, today: date
) -> Briefing:
    """The posts of a run on the day `today`; `before` is `digests` of the library told of last.

    What the briefs do not cover any more is left out.
    """
    match subscription.content.kind:
        case ContentKind.ASKS:
            return Briefing(_answers(subscription.content.asks, catalog, today))
        case ContentKind.ROTATION:
            slugs, last = sorted(catalog.library.briefs), subscription.last_brief
            slug = next((slug for slug in slugs if last is not None and slug > last), slugs[0])
            plan = Plan(Status.ANSWERED, Intent.SUMMARY, brief=slug, score=100.0)
            return Briefing((_post(plan, catalog, today),), slug)
    return Briefing(tuple(_changes(subscription.content, catalog, before, today)))


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
        nothing = note_post(words.CHANGES_TITLE, words.NOTHING_NEW, catalog.version)
        return [nothing] if content.say_nothing_new else []
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


def note_post(title: str, text: str, library: str) -> Post:
    """A post of one fixed phrase."""
    kind = (Status.ANSWERED, Intent.SUMMARY)
    return Post(Plan(*kind), Answer(*kind, title, (Note(text),), (), (), 0.0, library))


def _post(plan: Plan, catalog: Catalog, today: date) -> Post:
    return Post(plan, compose(plan, catalog, today))


def text_digest(text: str) -> str:
    """A short hash: two texts differ where it does."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def correcting_texts(library: Library, today: date) -> Mapping[str, str]:
    """The snippets that correct what they said before, each with the digest of its text."""
    return {
        snippet.id: text_digest(snippet.text)
        for snippet in library.snippets.values()
        if snippet.corrects and not snippet.is_expired(today)
    }


def told_texts(answer: Answer) -> Mapping[str, str]:
    """What is remembered of a post: each snippet with the digest of its text."""
    return {s.snippet: text_digest(s.text) for s in answer.statements()}


def are_current(corrections: Sequence[Correction], library: Library) -> bool:
    """Whether this library has each text that corrects, be it expired or not."""
    return all(_is_current(each, library) for each in corrections)


def _is_current(correction: Correction, library: Library) -> bool:
    snippet = library.snippets.get(correction.snippet)
    return snippet is not None and text_digest(snippet.text) == correction.digest


def compose_corrections(
    corrections: Sequence[Correction], catalog: Catalog, today: date
) -> tuple[Post, ...]:
    """One post, more where it gets too long; none where this library has other texts."""
    found = [
        (c.told_on, catalog.library.snippets[c.snippet])
        for c in sorted(corrections, key=lambda c: (c.told_on, c.snippet))
        if _is_current(c, catalog.library)
    ]
    left = [(day, snippet) for day, snippet in found if not snippet.is_expired(today)]
    return tuple(_correcting(page, catalog, today) for page in _pages(left, today))


def _pages(
    found: Sequence[tuple[date, Snippet]], today: date
) -> Iterator[list[tuple[date, Snippet]]]:
    page: list[tuple[date, Snippet]] = []
    room = MAX_TEXT_CHARS
    for day, snippet in found:
        cost = length_chars(statement(snippet, today)) + len(words.CORRECTS)
        if page and cost > room:
            yield page
            page, room = [], MAX_TEXT_CHARS
        page.append((day, snippet))
        room -= cost
    if page:
        yield page


def _correcting(page: Sequence[tuple[date, Snippet]], catalog: Catalog, today: date) -> Post:
    blocks: list[Block] = []
    for day, group in groupby(page, key=lambda each: each[0]):
        blocks.append(Note(words.CORRECTS.format(day=day.isoformat())))
        blocks += [statement(snippet, today) for _, snippet in group]
    plan = Plan(Status.ANSWERED, Intent.SUMMARY, snippets=tuple(s.id for _, s in page))
    return Post(plan, build_answer(plan, catalog, words.CORRECTION_TITLE, blocks, ()))
