"""Finds what is due and what is corrected, has it delivered, and takes over from the dead."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.schedules.content import correcting_texts
from bot.schedules.posting import MOST_BACKOFF_S
from bot.schedules.subscription import Delivery, State, delivery_key, plan_runs
from bot.schedules.texts import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.delivery import Deliverer
    from bot.schedules.schedule_ports import CorrectionLog, DeliveryLog, Unreadable
    from bot.schedules.subscription import Planned, Subscription, Target
    from bot.schedules.turns import Lease
    from bot.service.ports import Metrics

log = structlog.get_logger(__name__)


AT_ONCE = 500
LONGEST_WAIT_S = 15.0
"""A subscription that another process has made is seen after so long at the latest."""
LOOK_S = 5.0
"""A delivery that another process or a command has put in is seen after so long at the latest."""
SWEEP_S = 60.0
AHEAD = timedelta(seconds=MOST_BACKOFF_S + SWEEP_S)
"""Nothing waits for longer, unless a clock was wrong when the wait began."""


class Scheduler:
    """A `ports.Component`; one in a process, as many processes as there are."""

    name = "schedules"

    def __init__(
        self,
        deliverer: Deliverer,
        delivery_log: DeliveryLog,
        lease: Lease,
        clock: Callable[[], datetime],
        corrector: Corrector,
        metrics: Metrics,
    ) -> None:
        self._corrector = corrector
        self._deliverer = deliverer
        self._log = delivery_log
        self._lease = lease
        self._clock = clock
        self._metrics = metrics
        self._changed = asyncio.Event()
        self._ready = False
        self._draining = False

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
            await self._lease.beat()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._plan_for_ever())
                group.create_task(self._deliver_for_ever())
                group.create_task(self._every(self._lease.every_s, self._keep_up))
                group.create_task(self._every(SWEEP_S, self._sweep))
                group.create_task(self._every(3600.0, self._tidy))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None
        finally:
            self._ready = False

    async def drain(self) -> None:
        """Plan nothing more, finish the posts under way, and leave the rest to the others."""
        self._draining = True
        self._ready = False
        await self._deliverer.drain()
        await self._lease.leave()

    async def tick(self) -> float:
        """Plan what is due; how many seconds to wait before the next look."""
        if await self._corrector.plan():
            self._deliverer.room.set()
        now = self._clock()
        found = await self._log.plan_due(now, AT_ONCE, lambda each: self._planned(each, now))
        for bad in found.unreadable:
            await self._stop_unreadable(bad, now)
        if found.count:
            self._deliverer.room.set()
        if found.count == AT_ONCE:
            return 0.0
        following = await self._log.next_due()
        if following is None:
            return LONGEST_WAIT_S
        wait_s = (following - self._clock()).total_seconds()
        return min(max(wait_s, 0.0), LONGEST_WAIT_S)

    def _planned(self, subscription: Subscription, now: datetime) -> Planned:
        """What becomes of it, each delivery with the budget that it takes from."""
        planned = plan_runs(subscription, now)
        scope = self._deliverer.rules.scope_of(subscription.target)
        given = tuple(replace(each, scope=scope) for each in planned.deliveries)
        return replace(planned, deliveries=given)

    async def _stop_unreadable(self, bad: Unreadable, now: datetime) -> None:
        """One bad row stops only itself: it is paused, shown as failed, and its owner is told."""
        log.error("schedule.unreadable", schedule=bad.id, why=bad.why)
        key = delivery_key(bad.id, bad.next_at or now)
        failed = Delivery(key, bad.id, now, state=State.FAILED, reason=bad.why)
        await self._log.record([failed], now)
        scope = self._deliverer.rules.scope_of(bad.target)
        notice = Delivery(f"{key}:notice", bad.id, now, notice=UNREADABLE, scope=scope)
        await self._log.pause(bad.id, bad.why, now, notice if bad.owner else None)

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
            self._deliverer.room.clear()
            await self._deliverer.take()
            if loop.time() - picked_up_s > LOOK_S:
                picked_up_s = loop.time()
                await self._pick_up()
            await _until(self._deliverer.room, await self._next_look_s())
            if self._deliverer.in_hand:
                # One look for all that are done with at about this time.
                await asyncio.sleep(0.2)

    async def _next_look_s(self) -> float:
        following = await self._log.next_open()
        if following is None or self._draining:
            return LOOK_S
        # What is due and was not taken waits for something that is in hand, which will tell.
        wait_s = (following - self._clock()).total_seconds()
        return min(wait_s, LOOK_S) if wait_s > 0 else 1.0

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(seconds)

    async def _keep_up(self) -> None:
        """Beat, and take over from those who do not any more."""
        if self._draining:
            return
        await self._lease.beat()
        for name in await self._lease.dead(await self._log.holders()):
            now = self._clock()
            # It may post until a moment ago.
            wait_s = max(0.0, self._deliverer.settle_s - self._lease.lease_s)
            look_at = now + timedelta(seconds=wait_s)
            left = await self._log.take_over(name, now, look_at)
            await self._lease.bury(name)
            if left:
                log.warning("deliveries.taken_over", executor=name, count=left)
                self._deliverer.room.set()

    async def _pick_up(self) -> None:
        """Free what is ours by name and nobody has in hand: the reply to a taking was lost."""
        in_hand = self._deliverer.in_hand
        now = self._clock()
        look_at = now + timedelta(seconds=self._deliverer.settle_s)
        if left := await self._log.take_over(self._lease.executor, now, look_at, in_hand):
            log.warning("deliveries.dropped", count=left)
            self._deliverer.room.set()

    async def _sweep(self) -> None:
        """A net: what waits for a time that a wrong clock has set."""
        now = self._clock()
        await self._log.mend_times(now, now + AHEAD)
        oldest = await self._log.oldest_due(now)
        self._metrics.waiting(0.0 if oldest is None else (now - oldest).total_seconds())

    async def _tidy(self) -> None:
        await self._log.prune(self._clock() - timedelta(days=90))


async def _until(event: asyncio.Event, wait_s: float) -> None:
    """Return when it is set, or after that time."""
    try:
        async with asyncio.timeout(wait_s):
            await event.wait()
    except TimeoutError:
        return


LOOK_AGAIN = timedelta(hours=1)
"""Another process may still have sent the old text after this one had looked."""


class Corrector:
    """Plans corrections at the start, when the library has changed, and once an hour."""

    def __init__(
        self,
        corrections: CorrectionLog,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
        scope_of: Callable[[Target], str],
    ) -> None:
        self._corrections = corrections
        self._catalog = catalog
        self._clock = clock
        self._scope_of = scope_of
        self._seen: tuple[str, datetime] | None = None

    async def plan(self) -> Sequence[str]:
        """Write down what is to be corrected; the keys of these deliveries."""
        library, now = self._catalog().library, self._clock()
        if self._seen and self._seen[0] == library.version and now - self._seen[1] < LOOK_AGAIN:
            return ()
        texts = correcting_texts(library, now.date())
        if not texts:
            keys: Sequence[str] = ()
        else:
            keys = await self._corrections.plan_corrections(texts, now, self._scope_of)
        if keys:
            log.info("corrections.planned", channels=len(keys))
        self._seen = (library.version, now)
        return keys
