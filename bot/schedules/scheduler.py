"""Finds what is due and what is corrected, has it delivered once, and takes over from the dead.

What makes it once: a delivery is claimed in the database right before it is posted, with an end
of the right to post that is checked as the last thing before a byte leaves; it is posted under
its key; and where an attempt may have posted, the platform is asked before it is repeated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.answering.catalog import Catalog
from bot.errors import RateLimited
from bot.schedules.attempting import MOST_BACKOFF_S, Attempting, DeliveryContext
from bot.schedules.content import correcting_texts
from bot.schedules.schedule_ports import Attempt, Claim, CorrectionLog, Unreadable, Window
from bot.schedules.subscription import (
    ASKED_FOR,
    Delivery,
    Planned,
    State,
    Subscription,
    SubscriptionStatus,
    as_subscription,
    delivery_key,
    part_key,
    plan_runs,
    target_of,
)
from bot.schedules.texts import UNREADABLE

log = structlog.get_logger(__name__)

IN_HAND = 256
"""So many deliveries a process has in hand at most: five seconds of Discord's budget."""


class Deliverer:
    """Takes deliveries for one executor, and handles each in a task of its own."""

    def __init__(self, world: DeliveryContext) -> None:
        self._world = world
        self._draining = asyncio.Event()
        self._busy: dict[asyncio.Task[None], Delivery] = {}
        self.room = asyncio.Event()
        """Set when something has been done with: there may be room, or a later run may go."""

    async def take(self) -> int:
        """Take up what is due, as far as there is room; how many deliveries were taken."""
        room = IN_HAND - len(self._busy)
        if self._draining.is_set() or room <= 0:
            return 0
        in_hand = Counter(delivery.scope for delivery in self._busy.values())
        now, executor = self._world.clock(), self._world.lease.executor
        taken = await self._world.log.take(
            executor, now, room, lambda scope: self._world.pacer.quota(scope, in_hand[scope])
        )
        known = self.in_hand  # as it is now: taking may have waited for the database
        for delivery, subscription in taken:
            if delivery.key in known:
                continue  # a claim is this process's: two tasks with one would both post
            task = asyncio.create_task(self._handle(delivery, subscription))
            self._busy[task] = delivery
            task.add_done_callback(self._done)
        return len(taken)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.pop(task, None)
        self.room.set()

    @property
    def in_hand(self) -> frozenset[str]:
        """The keys of what is worked on."""
        return frozenset(delivery.key for delivery in self._busy.values())

    async def idle(self) -> None:
        """Return when nothing is in hand."""
        while self._busy:
            await asyncio.wait(set(self._busy))

    async def drain(self) -> None:
        """Finish the posts that have begun and give everything else back."""
        self._draining.set()
        await self.idle()

    async def _handle(
        self, delivery: Delivery, subscription: Subscription | Unreadable | None
    ) -> None:
        try:
            if isinstance(subscription, Unreadable) and delivery.notice is not None:
                owner, target = subscription.owner, subscription.target
                told = as_subscription(subscription.id, target, delivery.due_at)
                subscription = replace(told, owner=owner)
            if isinstance(subscription, Subscription):
                await self._deliver(delivery, subscription)
            else:
                why = subscription.why if subscription else "its schedule was removed"
                failed = replace(delivery, state=State.FAILED, reason=why)
                await self._world.settle(failed)
        except Exception:
            log.exception("delivery.error", key=delivery.key)
            # After an error that nobody has foreseen, with the delivery not yet begun.
            await self._put_off(delivery, 5.0)

    async def _deliver(self, delivery: Delivery, subscription: Subscription) -> None:
        if state := self._not_to_post(delivery, subscription):
            reason = "paused" if state is State.MISSED else "later than the grace time"
            await self._world.settle(replace(delivery, state=state, reason=reason))
            return
        if (wait_s := await self._turn(delivery, subscription)) is not None:
            await self._put_off(delivery, wait_s)
            return
        # The fence is older than the claim: it says how long the claim surely holds.
        fence = await self._world.lease.fence()
        there = self._world.time(subscription)
        claim = Claim(
            executor=self._world.lease.executor,
            now=self._world.clock(),
            since=there,
            until=there + timedelta(seconds=fence.left_s()),
            library=self._world.catalog().version,
        )
        claimed = await self._world.log.claim(delivery.key, claim)
        if claimed is not None:
            earlier = None
            if claimed.uncertain and claimed.tried_at and delivery.tried_until:
                earlier = Window(claimed.tried_at, delivery.tried_until)
            what = replace(claimed, corrections=delivery.corrections)
            attempt = Attempt(part_key(what), fence, earlier)
            await Attempting(self._world, subscription, self._draining).attempt(what, attempt)

    async def _turn(self, delivery: Delivery, subscription: Subscription) -> float | None:
        """Wait for this post's turn; where it is to come again later, after so many seconds."""
        turn = asyncio.create_task(self._world.pacer.turn(target_of(delivery, subscription)))
        draining = asyncio.create_task(self._draining.wait())
        await asyncio.wait((turn, draining), return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        if not turn.done():
            turn.cancel()
            with suppress(asyncio.CancelledError):
                await turn
            return 0.0
        try:
            turn.result()
        except RateLimited as error:
            return error.retry_after_s
        return None

    async def _put_off(self, delivery: Delivery, seconds: float) -> None:
        then = self._world.clock() + timedelta(seconds=min(seconds, MOST_BACKOFF_S))
        await self._world.log.put_off({delivery.key: then}, self._world.lease.executor)

    def _not_to_post(self, delivery: Delivery, subscription: Subscription) -> State | None:
        asked = delivery.reason == ASKED_FOR
        # What may be there already is looked for, however late it is.
        if delivery.notice is None and not asked and not delivery.uncertain:
            if subscription.standing is SubscriptionStatus.PAUSED:
                return State.MISSED
            if self._world.too_late(delivery, subscription, self._world.clock()):
                return State.LATE
        return None


AT_ONCE = 500
LONGEST_WAIT_S = 15.0
"""A subscription that another process has made is seen after so long at the latest."""
LOOK_S = 5.0
"""A delivery that another process or a command has put in is seen after so long at the latest."""
SWEEP_S = 60.0
CORRECT_AGAIN = timedelta(hours=1)
"""Another process may still have sent the old text after this one had looked."""
AHEAD = timedelta(seconds=MOST_BACKOFF_S + SWEEP_S)
"""Nothing waits for longer, unless a clock was wrong when the wait began."""


class Scheduler:
    """A `ports.Component`; one in a process, as many processes as there are."""

    name = "schedules"

    def __init__(self, world: DeliveryContext, corrections: CorrectionLog) -> None:
        self._world = world
        self._corrections = corrections
        self.deliverer = Deliverer(world)
        self._changed = asyncio.Event()
        self._ready = False
        self._draining = False
        self._corrected: tuple[str, datetime] | None = None
        """The library whose corrections are planned, and when."""

    def poke(self) -> None:
        """A subscription has changed: look again now."""
        self._changed.set()

    async def library_changed(self, before: Catalog, after: Catalog) -> None:
        """There may be something to correct: look now."""
        del before, after
        self.poke()

    def ready(self) -> bool:
        """Whether the last look at what is due succeeded."""
        return self._ready

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            await self._world.lease.beat()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._plan_for_ever())
                group.create_task(self._deliver_for_ever())
                group.create_task(_every(self._world.lease.every_s, self._keep_up))
                group.create_task(_every(SWEEP_S, self._sweep))
                group.create_task(_every(3600.0, self._tidy))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None
        finally:
            self._ready = False

    async def drain(self) -> None:
        """Plan nothing more, finish the posts under way, and leave the rest to the others."""
        self._draining = True
        self._ready = False
        await self.deliverer.drain()
        await self._world.lease.leave()

    async def tick(self) -> float:
        """Plan what is due; how many seconds to wait before the next look."""
        now = self._world.clock()
        await self._correct(now)
        found = await self._world.log.plan_due(now, AT_ONCE, lambda each: self._planned(each, now))
        for bad in found.unreadable:
            await self._stop_unreadable(bad, now)
        if found.count:
            self.deliverer.room.set()
        if found.count == AT_ONCE:
            return 0.0
        following = await self._world.log.next_due()
        if following is None:
            return LONGEST_WAIT_S
        wait_s = (following - self._world.clock()).total_seconds()
        return min(max(wait_s, 0.0), LONGEST_WAIT_S)

    async def _correct(self, now: datetime) -> None:
        """Plan corrections: at the start, when the library has changed, and once an hour."""
        library, seen = self._world.catalog().library, self._corrected
        if seen and seen[0] == library.version and now - seen[1] < CORRECT_AGAIN:
            return
        if texts := correcting_texts(library, now.date()):
            scope_of = self._world.rules.scope_of
            if keys := await self._corrections.plan_corrections(texts, now, scope_of):
                log.info("corrections.planned", channels=len(keys))
                self.deliverer.room.set()
        self._corrected = (library.version, now)

    def _planned(self, subscription: Subscription, now: datetime) -> Planned:
        """What becomes of it, each delivery with the budget that it takes from."""
        planned = plan_runs(subscription, now)
        scope = self._world.rules.scope_of(subscription.target)
        given = tuple(replace(each, scope=scope) for each in planned.deliveries)
        return replace(planned, deliveries=given)

    async def _stop_unreadable(self, bad: Unreadable, now: datetime) -> None:
        """One bad row stops only itself: it is paused, shown as failed, and its owner is told."""
        log.error("schedule.unreadable", schedule=bad.id, why=bad.why)
        key = delivery_key(bad.id, bad.next_at or now)
        failed = Delivery(key, bad.id, now, state=State.FAILED, reason=bad.why)
        await self._world.log.record([failed], now)
        scope = self._world.rules.scope_of(bad.target)
        notice = Delivery(f"{key}:notice", bad.id, now, notice=UNREADABLE, scope=scope)
        await self._world.log.pause(bad.id, bad.why, now, notice if bad.owner else None)

    async def _plan_for_ever(self) -> None:
        while True:
            self._changed.clear()
            wait_s = LONGEST_WAIT_S if self._draining else await self.tick()
            self._ready = not self._draining
            if wait_s > 0:
                await _until(self._changed, wait_s)

    async def _deliver_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        picked_up_s = loop.time()
        while True:
            self.deliverer.room.clear()
            await self.deliverer.take()
            if loop.time() - picked_up_s > LOOK_S:
                picked_up_s = loop.time()
                await self._pick_up()
            await _until(self.deliverer.room, await self._next_look_s())
            if self.deliverer.in_hand:
                # One look for all that are done with at about this time.
                await asyncio.sleep(0.2)

    async def _next_look_s(self) -> float:
        following = await self._world.log.next_open()
        if following is None or self._draining:
            return LOOK_S
        # What is due and was not taken waits for something that is in hand, which will tell.
        wait_s = (following - self._world.clock()).total_seconds()
        return min(wait_s, LOOK_S) if wait_s > 0 else 1.0

    async def _keep_up(self) -> None:
        """Beat, and take over from those who do not any more."""
        if self._draining:
            return
        await self._world.lease.beat()
        for name in await self._world.lease.dead(await self._world.log.holders()):
            now = self._world.clock()
            # It may post until a moment ago.
            wait_s = max(0.0, self._world.settle_s - self._world.lease.lease_s)
            look_at = now + timedelta(seconds=wait_s)
            left = await self._world.log.take_over(name, now, look_at)
            await self._world.lease.bury(name)
            if left:
                log.warning("deliveries.taken_over", executor=name, count=left)
                self.deliverer.room.set()

    async def _pick_up(self) -> None:
        """Free what is ours by name and nobody has in hand: the reply to a taking was lost."""
        in_hand = self.deliverer.in_hand
        now = self._world.clock()
        look_at = now + timedelta(seconds=self._world.settle_s)
        if left := await self._world.log.take_over(
            self._world.lease.executor, now, look_at, in_hand
        ):
            log.warning("deliveries.dropped", count=left)
            self.deliverer.room.set()

    async def _sweep(self) -> None:
        """A net: what waits for a time that a wrong clock has set."""
        now = self._world.clock()
        await self._world.log.mend_times(now, now + AHEAD)
        oldest = await self._world.log.oldest_due(now)
        self._world.metrics.waiting(0.0 if oldest is None else (now - oldest).total_seconds())

    async def _tidy(self) -> None:
        await self._world.log.prune(self._world.clock() - timedelta(days=90))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()
        await asyncio.sleep(seconds)


async def _until(event: asyncio.Event, wait_s: float) -> None:
    """Return when it is set, or after that time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await event.wait()
