"""Finds what is due, has it delivered, and takes over what dead processes have left."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.schedules.schedule import State, plan_runs
from bot.schedules.schedule_ports import LEASE_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.schedules.correcting import Corrector
    from bot.schedules.delivery import Deliverer
    from bot.schedules.schedule import Planned
    from bot.schedules.schedule_ports import DeliveryLog, Executors, WorkQueue
    from bot.schedules.subscription import Subscription

log = structlog.get_logger(__name__)

AT_ONCE = 500
BATCH = 50
LONGEST_WAIT_S = 15.0
"""A subscription that another process has made is seen after so long at the latest."""
SWEEP_S = 60.0
STRANDED_S = 1200.0
TIDY_S = 3600.0
KEEP_WORK = timedelta(days=1)
KEEP_DELIVERIES = timedelta(days=90)


class Heart:
    """Tells the others that this executor lives, and knows who else does."""

    def __init__(
        self,
        executors: Executors,
        executor: str,
        clock: Callable[[], datetime],
        lease_s: float = LEASE_S,
    ) -> None:
        self.executor = executor
        self.lease_s = lease_s
        self._executors = executors
        self._clock = clock
        self._last: datetime | None = None

    async def beat(self) -> None:
        """Tell it now."""
        now = self._clock()
        await self._executors.beat(self.executor, now)
        self._last = now

    async def alive(self) -> None:
        """Return when the last beat is fresh enough for a post to end before it is stale."""
        if self._last is None or self._clock() - self._last > timedelta(seconds=self.lease_s / 2):
            await self.beat()

    async def living(self) -> frozenset[str]:
        """All who live."""
        return await self._executors.living(self._clock())

    async def leave(self) -> None:
        """Tell that it ends."""
        await self._executors.leave(self.executor)


class Scheduler:
    """A `ports.Component`; one in a process, as many processes as there are."""

    name = "schedules"

    def __init__(
        self,
        deliverer: Deliverer,
        delivery_log: DeliveryLog,
        queue: WorkQueue,
        heart: Heart,
        clock: Callable[[], datetime],
        corrector: Corrector,
    ) -> None:
        self._corrector = corrector
        self._corrected: list[str] = []
        """Corrections that were planned before the engine ran."""
        self._deliverer = deliverer
        self._log = delivery_log
        self._queue = queue
        self._heart = heart
        self._clock = clock
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
        """Whether the engine runs and the last look at what is due succeeded."""
        return self._ready

    async def run(self) -> None:
        """Deliver until cancelled; the engine is loaded when there is something to deliver."""
        try:
            await self._until_needed()
            await self._heart.beat()
            await self._queue.start(self._deliverer.handle, self._heart.executor)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tick_for_ever())
                group.create_task(self._every(self._heart.lease_s / 3, self._keep_up))
                group.create_task(self._every(SWEEP_S, self._sweep))
                group.create_task(self._every(TIDY_S, self._tidy))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None
        finally:
            self._ready = False
            await asyncio.shield(self._queue.stop())

    async def drain(self) -> None:
        """Plan nothing more, finish the posts under way, and leave the rest to the others."""
        self._draining = True
        self._ready = False
        await self._deliverer.drain()
        await self._heart.leave()

    async def tick(self) -> float:
        """Plan what is due; how many seconds to wait before the next look."""
        await self._correct()
        now = self._clock()
        found = await self._log.due(now, AT_ONCE)
        if found:
            await self._plan([(s, plan_runs(s, now)) for s in found], now)
        if len(found) == AT_ONCE:
            return 0.0
        following = await self._log.next_due()
        if following is None:
            return LONGEST_WAIT_S
        wait_s = (following - self._clock()).total_seconds()
        return min(max(wait_s, 0.0), LONGEST_WAIT_S)

    async def _correct(self) -> None:
        """Put in what corrects earlier briefings, before the next are planned."""
        keys = [*self._corrected, *await self._corrector.plan()]
        self._corrected.clear()
        for begin in range(0, len(keys), BATCH):
            await self._queue.put(keys[begin : begin + BATCH])

    async def _plan(self, planned: Sequence[tuple[Subscription, Planned]], now: datetime) -> None:
        """Written down first, put in second, moved on last: a crash in between repeats it."""
        deliveries = [d for _, plan in planned for d in plan.deliveries]
        await self._log.record(deliveries, now)
        due = [d.key for d in deliveries if d.state is State.DUE]
        for begin in range(0, len(due), BATCH):
            await self._queue.put(due[begin : begin + BATCH])
        await self._log.advance(planned)

    async def _until_needed(self) -> None:
        while not await self._needed():
            self._changed.clear()
            self._ready = not self._draining
            await self._pause(LONGEST_WAIT_S)

    async def _needed(self) -> bool:
        """Whether there is something to deliver, now or later."""
        self._corrected += await self._corrector.plan()
        if self._corrected or await self._log.next_due() is not None:
            return True
        return bool(await self._log.stranded(self._clock(), 1))

    async def _tick_for_ever(self) -> None:
        while True:
            self._changed.clear()
            wait_s = LONGEST_WAIT_S if self._draining else await self.tick()
            self._ready = not self._draining
            if wait_s > 0:
                await self._pause(wait_s)

    async def _pause(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(seconds)

    async def _keep_up(self) -> None:
        if self._draining:
            return
        await self._heart.beat()
        left = await self._queue.take_over(await self._heart.living())
        if left:
            log.warning("deliveries.taken_over", batches=left)

    async def _sweep(self) -> None:
        """A net under the engine: whatever has not moved for long is put in again."""
        now = self._clock()
        before = now - timedelta(seconds=STRANDED_S)
        keys = await self._log.stranded(before, AT_ONCE)
        if keys and not self._draining:
            log.warning("deliveries.stranded", count=len(keys))
            await self._queue.put(keys, int(now.timestamp()))

    async def _tidy(self) -> None:
        now = self._clock()
        await self._queue.tidy(now - KEEP_WORK)
        await self._log.prune(now - KEEP_DELIVERIES)
