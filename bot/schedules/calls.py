"""An act on schedules, as a platform hands it over, and what the person is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.language.pack import language_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.schedules.subscription import Subscription, Target
    from bot.schedules.texts import Line
    from bot.service.assistant import Reply


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, as far as the platform knows."""

    id: str
    zone: str | None = None
    """The time zone of the person's profile."""
    may_manage: bool = False
    """Whether the platform lets them manage the channel."""
    groups: frozenset[str] = frozenset()
    """Ids of the roles they have."""
    stranger: bool = False
    """A guest, or of another organisation: they never manage schedules."""
    unseen: bool = False
    """Whether the platform tells nothing of the channel, because the bot is not in it."""
    locale: str | None = None
    """The platform's word for their language."""

    @property
    def language(self) -> str:
        """The language to answer in."""
        return language_of(self.locale)


@dataclass(frozen=True, slots=True)
class Call:
    """An act, as a platform hands it over."""

    target: Target
    person: Requester
    now: datetime
    trouble: str = ""
    """Why the bot could not post there: `room.*` of the texts without "room."; empty where it
    could, as far as the platform tells."""


@dataclass(frozen=True, slots=True)
class SubscriptionReply:
    """What the person is told."""

    lines: tuple[Line, ...]
    ok: bool = True
    wrong: str = ""
    """Which of the texts' `mistakes.*` it is, where it is not ok."""
    subscription: Subscription | None = None
    preview: tuple[Reply, ...] = field(default=())
    """What the next run posts, to be shown to the person only."""
    buttons: tuple[str, ...] = ()
    """What is offered to do with the subscription: `button.*` of the texts."""
