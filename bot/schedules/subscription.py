"""What a channel has subscribed to, as values."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class Kind(StrEnum):
    """What a briefing is made of."""

    ASKS = "asks"
    """Answers to `Content.asks`, one post each: slugs of briefs or a question."""
    ROTATION = "rotation"
    """One brief after the other through the library."""
    CHANGES = "changes"
    """The snippets that are new or changed since this subscription's last briefing."""


class CatchUp(StrEnum):
    """What becomes of runs that were missed while the bot was down."""

    SKIP = "skip"
    LATE = "late"
    """Each is sent late, within the grace time."""
    MERGE = "merge"
    """One is sent for all of them, within the grace time."""


class Standing(StrEnum):
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


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent."""

    kind: Kind
    asks: tuple[str, ...] = ()
    say_nothing_new: bool = False
    """For `CHANGES`: post that there is nothing new, instead of nothing."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When it is sent, and what happens to what was missed."""

    cron: str
    zone: str
    skip_dates: tuple[date, ...] = ()
    """Local dates without a briefing."""
    catch_up: CatchUp = CatchUp.MERGE
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
    standing: Standing = Standing.ACTIVE
    paused_for: str | None = None
    """The platform's word for why the bot paused it; None where a person did."""
    next_at: datetime | None = None
    """The first run that is not planned yet, None where there is none."""
    last_brief: str | None = None
    """For `ROTATION`: the brief sent last."""
    last_library: str | None = None
    """For `CHANGES`: the library that the last briefing told of."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a subscription's history."""

    subscription: str
    at: datetime
    who: str
    what: str
    detail: str = ""


def delivery_key(subscription: str, occurrence: datetime) -> str:
    """The one key of a run: `abc:20261124T080000Z`."""
    return f"{subscription}:{occurrence:%Y%m%dT%H%M%SZ}"


def short_key(key: str) -> str:
    """24 letters and digits that stand for a key of any length (Discord's nonce takes 25)."""
    digest = hashlib.sha256(key.encode()).digest()[:15]
    return base64.b32encode(digest).decode().lower()
