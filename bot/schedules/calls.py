"""An act on schedules, as a platform hands it over; what people are told and may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.language.pack import language_of
from bot.schedules.content import compose_briefing
from bot.schedules.describe import (
    history_line,
    last_result,
    pieces_of,
    schedule_line,
    state_line,
)
from bot.schedules.posting import reply_of
from bot.schedules.subscription import (
    ContentKind,
    State,
    Subscription,
    Target,
    next_key,
)
from bot.schedules.texts import Mistake, mistake, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.posting import Rules
    from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
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


_SHOWN_STATES: Final = (
    State.SENT,
    State.NOTHING_NEW,
    State.LATE,
    State.MISSED,
    State.FAILED,
)


class ScheduleViews:
    """What can be seen of the schedules of channels; nothing here changes one."""

    def __init__(
        self,
        store: SubscriptionStore,
        log: DeliveryLog,
        catalog: Callable[[], Catalog],
        rules: Rules,
    ) -> None:
        self._store = store
        self._log = log
        self._catalog = catalog
        self._rules = rules

    async def try_now(self, name: str, call: Call) -> SubscriptionReply:
        """What the next run will post, exactly."""
        found = await self._find(name, call.target)
        if isinstance(found, Mistake):
            return told(found, call)
        preview = await self.preview(found, call.now)
        language = call.person.language
        if not preview:
            asks = found.content.kind is ContentKind.ASKS
            key = "nothing-left" if asks else "nothing-new-now"
            return SubscriptionReply((say(key, language),), subscription=found)
        return SubscriptionReply((say("tested", language),), subscription=found, preview=preview)

    async def history(self, name: str, call: Call) -> SubscriptionReply:
        """Who did what, also of one that was removed."""
        found = await self._find(name, call.target)
        if isinstance(found, Mistake) and found.key != "was-removed":
            return told(found, call)
        language = call.person.language
        changes = await self._store.history(id_of(name), 20)
        lines = tuple(history_line(change, language) for change in changes)
        return SubscriptionReply((say("history-title", language), *lines))

    async def listed(self, call: Call) -> SubscriptionReply:
        """The schedules of a channel, each with its state, last result and next run."""
        language = call.person.language
        there = await self._store.of_channel(call.target)
        if not there:
            return SubscriptionReply(
                (say("none-yet", language, example="weekdays 9:00 china-vs-us"),)
            )
        lines: list[Line] = [("• ", *pieces_of(await self.summary(s, language))) for s in there]
        return SubscriptionReply((say("list-title", language), *lines))

    async def summary(self, subscription: Subscription, language: str = "en") -> Line:
        """One line: the id, what, when, its state and its last result."""
        state = state_line(subscription, self._rules, language)
        found = await self._log.deliveries(_SHOWN_STATES, 1, subscription.id)
        last = last_result(found[0], subscription, language) if found else ()
        head = f"{self._line(subscription, language)}; "
        return (head, *pieces_of(state), *(("; ", *last) if last else ()))

    async def preview(self, subscription: Subscription, now: datetime) -> tuple[Reply, ...]:
        """The next run's posts as of its day, with the ids that they will have."""
        before = None
        if subscription.content.kind is ContentKind.CHANGES and subscription.last_library:
            before = await self._log.digests(subscription.last_library)
        day = max(now, subscription.next_at or now).date()
        briefing = compose_briefing(subscription, self._catalog(), before, day)
        key = next_key(subscription, now)
        return tuple(reply_of(key, i, post) for i, post in enumerate(briefing.posts))

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        """The schedules of a channel, for autocomplete and for the home."""
        return await self._store.of_channel(target)

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """The schedules of a workspace, for the home."""
        return await self._store.of_workspace(platform, workspace)

    async def find(self, name: str) -> Subscription | None:
        """A schedule wherever it is, for a button that carries its id."""
        return await self._store.find(id_of(name))

    async def _find(self, name: str, target: Target) -> Subscription | Mistake:
        """A schedule of this channel by its id; those of other channels are not told of."""
        name = id_of(name)
        found = [s for s in await self._store.of_channel(target) if s.id == name]
        if found:
            return found[0]
        changes = await self._store.history(name, 1)
        gone = bool(changes) and changes[0].what == "removed"
        return mistake("was-removed" if gone else "no-such", given=name)

    def _line(self, subscription: Subscription, language: str = "en") -> str:
        return schedule_line(subscription, self._catalog(), language)


def id_of(name: str) -> str:
    """The id that somebody typed."""
    return name.strip().strip("`").lower()


def told(wrong: Mistake, call: Call) -> SubscriptionReply:
    """What is wrong, in the language of whoever asks."""
    return SubscriptionReply((wrong.text(call.person.language),), ok=False, wrong=wrong.key)
