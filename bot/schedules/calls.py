"""An act on schedules, as a platform hands it over; what people are told and may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from bot.answering.catalog import Catalog
from bot.language.pack import ENGLISH, language_of
from bot.schedules.content import compose_briefing, describe_content, reply_of
from bot.schedules.orders import order_of_words, trigger_of
from bot.schedules.posting import Rules
from bot.schedules.recurrence import local_time
from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
from bot.schedules.subscription import (
    LEFT,
    Change,
    ContentKind,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
    next_key,
    runs,
)
from bot.schedules.texts import (
    Line,
    Mistake,
    Moment,
    Who,
    describe_trigger,
    line,
    mistake,
    pieces_of,
    say,
    texts_of,
)
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
    preview: tuple[Reply, ...] = ()
    """What the next run posts, to be shown to the person only."""
    buttons: tuple[str, ...] = ()
    """What is offered to do with the subscription: `button.*` of the texts."""


ROOM: Final = "room."
"""A schedule that waits until the bot may post where it goes is paused for such a reason."""
_SHOWN_STATES: Final = (State.SENT, State.NOTHING_NEW, State.LATE, State.MISSED, State.FAILED)


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
        said = say("tested" if preview else nothing_key(found), call.person.language)
        return SubscriptionReply((said,), subscription=found, preview=preview)

    async def history(self, name: str, call: Call) -> SubscriptionReply:
        """Who did what, also of one that was removed."""
        found = await self._find(name, call.target)
        if isinstance(found, Mistake) and found.key != "was-removed":
            return told(found, call)
        language = call.person.language
        changes = await self._store.history(id_of(name), 20)
        lines = tuple(_history_line(change, language) for change in changes)
        return SubscriptionReply((say("history-title", language), *lines))

    async def listed(self, call: Call) -> SubscriptionReply:
        """The schedules of a channel, each with its state, last result and next run."""
        language = call.person.language
        there = await self._store.of_channel(call.target)
        if not there:
            said = say("none-yet", language, example="weekdays 9:00 china-vs-us")
            return SubscriptionReply((said,))
        lines: list[Line] = [("• ", *pieces_of(await self.summary(s, language))) for s in there]
        return SubscriptionReply((say("list-title", language), *lines))

    async def summary(self, subscription: Subscription, language: str = "en") -> Line:
        """One line: the id, what, when, its state and its last result."""
        head = f"{self._line(subscription, language)}; "
        pieces = (head, *pieces_of(self._state_line(subscription, language)))
        found = await self._log.deliveries(_SHOWN_STATES, 1, subscription.id)
        if not found:
            return pieces
        at, why = Moment(found[0].due_at, subscription.trigger.zone), found[0].reason or ""
        last = line(f"last.{found[0].state.value}", language, at=at, why=why)
        return (*pieces, "; ", *pieces_of(last))

    def _state_line(self, subscription: Subscription, language: str) -> Line:
        """The next run, or why there is none."""
        if subscription.standing is SubscriptionStatus.PAUSED:
            why = self._why_paused(subscription, language)
            return say("state.paused-for" if why else "state.paused", language, why=why)
        if subscription.next_at is None:
            return say("state.done", language)
        at = Moment(subscription.next_at, subscription.trigger.zone)
        return line("state.next", language, at=at)

    def _why_paused(self, subscription: Subscription, language: str) -> str:
        """Why the bot paused it, in words; empty where a person did."""
        why = subscription.paused_for
        if not why:
            return ""
        if why.startswith(ROOM):
            return say(why, language)
        if why == LEFT:
            return say("notice.uninstalled", language)
        notice = self._rules.outcome_of(subscription.target.platform, why).notice
        return say(f"notice.{notice}", language, code=why)

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
        """The id, what is sent and when."""
        what = describe_content(subscription.content, self._catalog(), language)
        when = describe_trigger(subscription.trigger, language)
        return f"`{subscription.id}` {what.replace('`', chr(39))}: {when}"


def _history_line(change: Change, language: str) -> Line:
    """Who did what, and when."""
    who = Who(change.who) if change.who else say("somebody", language)
    known = f"history.{change.what}"
    what = say(known, language) if known in texts_of(ENGLISH) else change.what
    at = Moment(change.at, "UTC")
    return line("history", language, at=at, what=what, who=who, detail=change.detail)


def nothing_key(subscription: Subscription) -> str:
    """What is said where the next run sends nothing."""
    return "nothing-left" if subscription.content.kind is ContentKind.ASKS else "nothing-new-now"


def id_of(name: str) -> str:
    """The id that somebody typed."""
    return name.strip().strip("`").lower()


def told(wrong: Mistake, call: Call) -> SubscriptionReply:
    """What is wrong, in the language of whoever asks."""
    return SubscriptionReply((wrong.text(call.person.language),), ok=False, wrong=wrong.key)


@dataclass(frozen=True, slots=True)
class Preview:
    """The next runs in local time, or why there are none."""

    message: str = ""
    """The refusal; empty where it is understood."""
    zone: str = ""
    runs: tuple[datetime, ...] = ()
    """Local times without zone."""
    trigger: str = ""
    """When, in words."""
    content: str = ""
    """What is sent: slugs of briefs, a question, "changes" or "rotation"."""

    @property
    def ok(self) -> bool:
        """Whether the phrase is understood."""
        return not self.message

    def as_json(self) -> dict[str, Any]:
        """As `aibrief schedules preview --json` prints it."""
        if not self.ok:
            return {"ok": False, "message": self.message}
        shown = [f"{run:%Y-%m-%dT%H:%M}" for run in self.runs]
        return {"ok": True, "zone": self.zone, "runs": shown, "content": self.content}


def preview_words(
    text: str, catalog: Catalog, zone: str | None, now: datetime, count: int = 5
) -> Preview:
    """The runs of a phrase typed now by a person in a zone."""
    order = order_of_words(text, catalog)
    if isinstance(order, Mistake):
        return Preview(order.text())
    trigger = trigger_of(order, zone, now)
    if isinstance(trigger, Mistake):
        return Preview(trigger.text())
    content = order.content
    sent = "" if content is None else ", ".join(content.asks) or content.kind.value
    following = islice(runs(trigger, now), count)
    return Preview(
        zone=trigger.zone,
        runs=tuple(local_time(run, trigger.zone) for run in following),
        trigger=describe_trigger(trigger),
        content=sent,
    )
