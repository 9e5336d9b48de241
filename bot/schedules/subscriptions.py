"""The use cases of schedules: who may do what, and what they are told; platforms translate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from bot.answering.catalog import Catalog
from bot.answering.changes import digests
from bot.schedules.calls import (
    ROOM,
    Call,
    Requester,
    ScheduleViews,
    SubscriptionReply,
    id_of,
    nothing_key,
    told,
)
from bot.schedules.orders import (
    Order,
    content_of,
    order_of_words,
    target_of_order,
    trigger_of,
)
from bot.schedules.posting import Rules
from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
from bot.schedules.subscription import (
    LEFT,
    Change,
    ContentKind,
    Subscription,
    SubscriptionStatus,
    fingerprint,
    next_runs,
    start,
)
from bot.schedules.texts import Line, Mistake, Moment, describe_policy, mistake, say

MOST_IN_A_CHANNEL: Final = 25
REPEATED: Final = timedelta(minutes=15)
"""An act that is repeated within this time by the same person is the same act: platforms send an
interaction again, and people press twice."""


class Schedules(ScheduleViews):
    """The schedules of channels; one object serves every platform."""

    def __init__(
        self,
        store: SubscriptionStore,
        log: DeliveryLog,
        catalog: Callable[[], Catalog],
        new_id: Callable[[], str],
        rules: Rules,
        *,
        managers: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(store, log, catalog, rules)
        self._new_id = new_id
        self._managers = managers
        self.on_change: Callable[[], None] = lambda: None
        """Told after each change, so that it is looked at now."""
        self._acts: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._here: set[tuple[str, str]] = set()
        """Platforms and workspaces that were looked at since the bot may have come back there."""

    def _one_at_a_time(self, name: str) -> asyncio.Lock:
        """Of two acts the second sees what the first has done: people press twice."""
        return self._acts.setdefault(id_of(name), asyncio.Lock())

    # --- typed words

    async def command(self, text: str, call: Call) -> SubscriptionReply:
        """`list`, `edit ID ...`, `pause ID` and so on, or the words of a new schedule."""
        verb, _, rest = text.strip().partition(" ")
        verb, rest = verb.lower(), rest.strip()
        language = call.person.language
        if verb in {"", "help"} and not rest:
            return SubscriptionReply(tuple(say("help", language).split("\n")))
        if verb == "list" and not rest:
            return await self.listed(call)
        if verb in {"edit", "change"} and rest:
            name, _, more = rest.partition(" ")
            return await self._changed_by_words(name, more, call)
        if act := self.acts.get(verb):
            if not rest:
                asked = say("which", language, verb=verb)
                return SubscriptionReply((asked, *(await self.listed(call)).lines), ok=False)
            if " " not in rest:
                return await act(rest, call)
        return await self._added_by_words(rest if verb == "add" else text, call)

    def understands(self, text: str) -> bool:
        """Whether these words would do something as a command."""
        verb, _, rest = text.strip().lower().partition(" ")
        if verb in {"list", "help"} and not rest:
            return True
        if verb in self.acts and rest and (" " not in rest or verb in {"edit", "change"}):
            return True
        return not isinstance(order_of_words(text, self._catalog()), Mistake)

    @property
    def acts(self) -> Mapping[str, Callable[[str, Call], Awaitable[SubscriptionReply]]]:
        """What can be done to one schedule, by the word for it."""
        return {
            "pause": self.pause,
            "resume": self.resume,
            "again": self.resume,
            "remove": self.remove,
            "delete": self.remove,
            "test": self.try_now,
            "preview": self.try_now,
            "history": self.history,
            **dict.fromkeys(
                ("edit", "change"), lambda name, call: self.change(name, Order(), call)
            ),
        }

    async def _added_by_words(self, text: str, call: Call) -> SubscriptionReply:
        order = self._not_allowed(call.person) or order_of_words(text, self._catalog())
        return told(order, call) if isinstance(order, Mistake) else await self.add(order, call)

    async def _changed_by_words(self, name: str, text: str, call: Call) -> SubscriptionReply:
        order = order_of_words(text, self._catalog()) if text else Order()
        if isinstance(order, Mistake):
            wrong = await self._changeable(name, call)
            return told(wrong if isinstance(wrong, Mistake) else order, call)
        return await self.change(name, order, call)

    # --- typed acts

    async def add(self, order: Order, call: Call) -> SubscriptionReply:
        """Make a schedule for this channel; the same act twice makes one."""
        made = await self._made(order, call)
        if isinstance(made, Mistake):
            return told(made, call)
        there = await self._store.of_channel(call.target)
        if like := _like(made, there):
            return await self._repeated(like, call)
        if len(there) >= MOST_IN_A_CHANNEL:
            return told(mistake("too-many", given=str(len(there))), call)
        made = await self._comparing(_waiting(made, call.trouble) or start(made, call.now), call)
        change = Change(made.id, call.now, call.person.id, "added", self._line(made))
        if not await self._store.add(made, change):
            like = _like(made, await self._store.of_channel(call.target))
            # Where it was removed meanwhile, there is room for this one.
            return await (self._repeated(like, call) if like else self.add(order, call))
        self.on_change()
        return await self._confirmed("added", made, call, guessed=order.zone is None)

    async def change(self, name: str, order: Order, call: Call) -> SubscriptionReply:
        """Change when or what; what is not said stays."""
        async with self._one_at_a_time(name):
            found = await self._changeable(name, call)
            if isinstance(found, Mistake):
                return told(found, call)
            if order == Order():
                return told(mistake("nothing"), call)
            trigger = trigger_of(order, call.person.zone, call.now, found.trigger)
            if isinstance(trigger, Mistake):
                return told(trigger, call)
            changed = replace(
                found,
                trigger=trigger,
                content=content_of(order, found.content) or found.content,
                target=target_of_order(order, found.target),
            )
            others = [s for s in await self._store.of_channel(found.target) if s.id != found.id]
            if like := _like(changed, others):
                return told(mistake("like-it", given=self._line(like, call.person.language)), call)
            if changed.standing is SubscriptionStatus.ACTIVE:
                changed = start(changed, call.now)
            changed = await self._put(changed, call, "edited")
            return await self._confirmed("changed", changed, call)

    async def pause(self, name: str, call: Call) -> SubscriptionReply:
        """Stop it until it is resumed."""
        async with self._one_at_a_time(name):
            found = await self._changeable(name, call)
            if isinstance(found, Mistake):
                return told(found, call)
            language = call.person.language
            key = "already-paused"
            if found.standing is not SubscriptionStatus.PAUSED or found.paused_for is not None:
                key, status = "paused", SubscriptionStatus.PAUSED
                paused = replace(found, standing=status, paused_for=None, next_at=None)
                found = await self._put(paused, call, "paused")
            said = f"{say(key, language)} {self._line(found, language)}"
            return SubscriptionReply((said,), subscription=found, buttons=("resume",))

    async def resume(self, name: str, call: Call) -> SubscriptionReply:
        """Let it run from now on, if the bot may post there."""
        async with self._one_at_a_time(name):
            found = await self._changeable(name, call)
            if isinstance(found, Mistake):
                return told(found, call)
            if found.standing is SubscriptionStatus.ACTIVE:
                return await self._confirmed("already-running", found, call)
            if waiting := _waiting(found, call.trouble):
                return self._kept(waiting, call)
            key = "added" if (found.paused_for or "").startswith(ROOM) else "resumed"
            running = replace(start(found, call.now), left_at=None)
            return await self._confirmed(key, await self._put(running, call, "resumed"), call)

    async def remove(self, name: str, call: Call) -> SubscriptionReply:
        """Forget it; its history stays."""
        found = await self._changeable(name, call)
        if isinstance(found, Mistake):
            return told(found, call)
        change = Change(found.id, call.now, call.person.id, "removed", self._line(found))
        if not await self._store.remove(found.id, change):
            return told(mistake("was-removed", given=found.id), call)
        self.on_change()
        language = call.person.language
        return SubscriptionReply((f"{say('removed', language)} {self._line(found, language)}",))

    def refusal(self, person: Requester) -> str:
        """Why this person may not manage schedules here; empty where they may."""
        wrong = self._not_allowed(person)
        return wrong.text(person.language) if wrong else ""

    # --- the bot leaves and comes back

    async def left(self, platform: str, workspace: str, now: datetime) -> int:
        """The bot was removed there: its schedules are paused and kept for a while."""
        self._here.discard((platform, workspace))
        return await self._store.leave(platform, workspace, now)

    async def came_back(self, platform: str, workspace: str, now: datetime) -> int:
        """The bot is used there, so it is there: what ran when it left runs on.

        Looked at once, until it leaves again; direct messages have no workspace to come back to.
        """
        place = platform, workspace
        if not workspace or place in self._here:
            return 0
        self._here.add(place)  # others who use it meanwhile need not look too
        try:
            resumed = await self._resume(platform, workspace, now)
        except BaseException:
            self._here.discard(place)
            raise
        if resumed:
            self.on_change()
        return resumed

    async def _resume(self, platform: str, workspace: str, now: datetime) -> int:
        """Set going again what ran when the bot left a workspace, and say how many."""
        found = await self._store.of_workspace(platform, workspace)
        back = [s for s in found if s.paused_for == LEFT]
        for each in back:
            running = replace(start(each, now), left_at=None)
            await self._store.put(running, Change(each.id, now, "", "resumed", self._line(each)))
        await self._store.come_back(platform, workspace)
        return len(back)

    # --- values

    async def _made(self, order: Order, call: Call) -> Subscription | Mistake:
        if wrong := self._not_allowed(call.person):
            return wrong
        content = content_of(order)
        trigger = trigger_of(order, call.person.zone, call.now)
        if isinstance(trigger, Mistake):
            return trigger
        if content is None:
            return mistake("content")
        return Subscription(
            id=await self._free_id(),
            target=target_of_order(order, call.target),
            content=content,
            trigger=trigger,
            owner=call.person.id,
            created_at=call.now,
            language=call.person.language,
        )

    async def _repeated(self, like: Subscription, call: Call) -> SubscriptionReply:
        """The same again: a moment ago by the same person it is the same act."""
        again = like.owner == call.person.id and call.now - like.created_at < REPEATED
        if not again:
            return told(mistake("like-it", given=self._line(like, call.person.language)), call)
        if like.standing is SubscriptionStatus.PAUSED:
            return await self.resume(like.id, call)
        return await self._confirmed("added", like, call)

    async def _confirmed(
        self, key: str, subscription: Subscription, call: Call, *, guessed: bool = False
    ) -> SubscriptionReply:
        if subscription.standing is SubscriptionStatus.PAUSED and call.trouble:
            return self._kept(subscription, call)
        language, trigger = call.person.language, subscription.trigger
        runs = next_runs(trigger, call.now, 5)
        lines: list[Line] = [
            f"{say(key, language)} {self._line(subscription, language)}",
            describe_policy(trigger, language),
            say("next-runs", language, zone=trigger.zone) if runs else say("no-runs", language),
        ]
        lines += [("• ", Moment(run, trigger.zone)) for run in runs]
        if guessed:
            lines.append(say("zone-guessed", language, zone=trigger.zone))
        preview = (await self.preview(subscription, call.now))[:1]
        lines.append(say("today" if preview else nothing_key(subscription), language))
        return SubscriptionReply(tuple(lines), subscription=subscription, preview=preview)

    def _kept(self, waiting: Subscription, call: Call) -> SubscriptionReply:
        """It waits until the bot may post there."""
        language = call.person.language
        lines = (
            f"{say('kept', language)} {self._line(waiting, language)}",
            say(f"{ROOM}{call.trouble}", language),
        )
        return SubscriptionReply(
            lines, ok=False, wrong="room", subscription=waiting, buttons=("again", "remove")
        )

    # --- rules

    def _not_allowed(self, person: Requester) -> Mistake | None:
        if person.stranger:
            return mistake("stranger")
        if person.may_manage or self._managers & {person.id, *person.groups}:
            return None
        return mistake("unseen" if person.unseen else "not-allowed")

    async def _changeable(self, name: str, call: Call) -> Subscription | Mistake:
        return self._not_allowed(call.person) or await self._find(name, call.target)

    async def _free_id(self) -> str:
        """An id that no schedule ever had: its history would be another's."""
        while True:
            fresh = self._new_id()
            if await self._store.find(fresh) is None and not await self._store.history(fresh, 1):
                return fresh

    async def _comparing(self, subscription: Subscription, call: Call) -> Subscription:
        """One that tells of changes counts from the library of today on, if from no other."""
        if subscription.content.kind is not ContentKind.CHANGES:
            return subscription
        last = subscription.last_library
        if last is not None and await self._log.digests(last) is not None:
            return subscription
        catalog = self._catalog()
        version = catalog.library.version
        await self._log.keep_library(version, digests(catalog), call.now)
        return replace(subscription, last_library=version)

    async def _put(self, subscription: Subscription, call: Call, what: str) -> Subscription:
        subscription = await self._comparing(subscription, call)
        line_now = self._line(subscription)
        change = Change(subscription.id, call.now, call.person.id, what, line_now)
        await self._store.put(subscription, change)
        self.on_change()
        return subscription


def _like(wanted: Subscription, there: Sequence[Subscription]) -> Subscription | None:
    """One of these that sends the same at the same times."""
    return next((s for s in there if fingerprint(s) == fingerprint(wanted)), None)


def _waiting(subscription: Subscription, trouble: str) -> Subscription | None:
    """As it waits for the bot to be let in; None where nothing stands in its way."""
    if not trouble:
        return None
    return replace(
        subscription,
        standing=SubscriptionStatus.PAUSED,
        paused_for=f"{ROOM}{trouble}",
        next_at=None,
    )
