"""Corrections: a channel was sent a text that is now known to be wrong -> what it is told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING

from bot.answering.answer import MAX_TEXT_CHARS, Note, Plan, Status, length_chars, statement
from bot.answering.compose import build_answer
from bot.library.vocabulary import Intent
from bot.schedules import texts as words
from bot.schedules.content import Post
from bot.schedules.recurrence import Recurrence
from bot.schedules.subscription import Content, ContentKind, Subscription, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from bot.answering.answer import Answer, Block
    from bot.answering.catalog import Catalog
    from bot.library.model import Library, Snippet
from bot.schedules.subscription import Target

GRACE_S = 30 * 86400
"""A correction later than this is given up."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One statement to correct in one channel."""

    snippet: str
    digest: str
    """`text_digest` of the text that corrects."""
    told_on: date
    """The day, in the channel's time, of the latest briefing that had another text."""


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


def as_subscription(key: str, target: Target, now: datetime) -> Subscription:
    """What a correction is delivered as: it belongs to no schedule, which may be gone."""
    never = Recurrence(now.astimezone(UTC).replace(tzinfo=None))
    trigger = Trigger(never, "UTC", grace_s=GRACE_S)
    return Subscription(key, target, Content(ContentKind.ASKS), trigger, owner="", created_at=now)


def are_current(corrections: Sequence[Correction], library: Library) -> bool:
    """Whether this library has each text that corrects, be it expired or not."""
    known = library.snippets
    return all(
        c.snippet in known and text_digest(known[c.snippet].text) == c.digest for c in corrections
    )


def compose_corrections(
    corrections: Sequence[Correction], catalog: Catalog, today: date
) -> tuple[Post, ...]:
    """One post, more where it gets too long; none where this library has other texts."""
    known = catalog.library.snippets
    found = [
        (c.told_on, known[c.snippet])
        for c in sorted(corrections, key=lambda c: (c.told_on, c.snippet))
        if c.snippet in known
        and text_digest(known[c.snippet].text) == c.digest
        and not known[c.snippet].is_expired(today)
    ]
    return tuple(_post(page, catalog, today) for page in _pages(found, today))


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


def _post(page: Sequence[tuple[date, Snippet]], catalog: Catalog, today: date) -> Post:
    blocks: list[Block] = []
    for day, group in groupby(page, key=lambda each: each[0]):
        blocks.append(Note(words.CORRECTS.format(day=day.isoformat())))
        blocks += [statement(snippet, today) for _, snippet in group]
    plan = Plan(Status.ANSWERED, Intent.SUMMARY, snippets=tuple(s.id for _, s in page))
    return Post(plan, build_answer(plan, catalog, words.CORRECTION_TITLE, blocks, ()))
