"""What a channel has subscribed to, as values."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.schedules.recurrence import Recurrence


class ContentKind(StrEnum):
    """What a briefing is made of."""

    ASKS = "asks"
    """Answers to `Content.asks`, one post each: slugs of briefs or a question."""
    ROTATION = "rotation"
    """One brief after the other through the library."""
    CHANGES = "changes"
    """The snippets that are new or changed since this subscription's last briefing."""


class MisfirePolicy(StrEnum):
    """What becomes of runs that were missed while the bot was down."""

    SKIP = "skip"
    LATE = "late"
    """Each is sent late, within the grace time."""
    MERGE = "merge"
    """One is sent for all of them, within the grace time."""


class SubscriptionStatus(StrEnum):
    """Whether a subscription runs."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a post goes: a channel, or `user`'s direct messages."""

    platform: str
    workspace: str
    channel: str
    user: str | None = None
    role: str | None = None
    """A role that a post mentions, where the platform has such and a manager chose it."""
    publish: bool = False
    """Whether posts of an announcement channel are published to its followers."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent."""

    kind: ContentKind
    asks: tuple[str, ...] = ()
    say_nothing_new: bool = False
    """For `CHANGES`: post that there is nothing new, instead of nothing."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When it is sent, and what happens to what was missed."""

    recurrence: Recurrence
    zone: str
    """An IANA zone, on whose clock the recurrence is."""
    catch_up: MisfirePolicy = MisfirePolicy.MERGE
    grace_s: int = 7200
    """A run later than this is given up."""
    jitter_s: int = 0
    """Spread the runs over so many seconds; always the same for one subscription."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One schedule of one channel."""

    id: str
    target: Target
    content: Content
    rhythm: Rhythm
    owner: str
    """Who made it, by the platform's id."""
    created_at: datetime
    standing: SubscriptionStatus = SubscriptionStatus.ACTIVE
    paused_for: str | None = None
    """The platform's word for why the bot paused it; None where a person did."""
    next_at: datetime | None = None
    """The first run that is not planned yet, None where there is none."""
    last_brief: str | None = None
    """For `ROTATION`: the brief sent last."""
    last_library: str | None = None
    """For `CHANGES`: the library that the last briefing told of."""
    language: str = "en"
    """The owner's, one of `language.pack.LANGUAGES`: notices are told in it."""
    left_at: datetime | None = None
    """When the bot was removed from the server or workspace; such a schedule is paused, and
    deleted after `KEEP_LEFT`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a subscription's history."""

    subscription: str
    at: datetime
    who: str
    what: str
    detail: str = ""


KEEP_LEFT = timedelta(days=30)
LEFT = "left"
"""The reason of a pause because the bot was removed."""


def fingerprint(subscription: Subscription) -> str:
    """The same for schedules of a channel that send the same at the same times.

    When it was made counts only where something is counted from there.
    """
    where, when = subscription.target, subscription.rhythm.recurrence
    counted = any("INTERVAL" in rule or "COUNT" in rule for rule in when.rules)
    parts = (
        (where.platform, where.workspace, where.channel),
        (subscription.content, subscription.rhythm.zone),
        (when.rules, when.dates, when.start if counted else None),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def delivery_key(subscription: str, occurrence: datetime) -> str:
    """The one key of a run: `abc:20261124T080000Z`."""
    return f"{subscription}:{occurrence:%Y%m%dT%H%M%SZ}"


def short_key(key: str) -> str:
    """24 letters and digits that stand for a key of any length (Discord's nonce takes 25)."""
    digest = hashlib.sha256(key.encode()).digest()[:15]
    return base64.b32encode(digest).decode().lower()
