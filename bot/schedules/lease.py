"""Which processes live, and until when this one may post.

Everybody writes a beat to the database. A process whose beat was seen unchanged for a whole lease
is dead, and what it had in hand is taken over; nobody compares clocks of two machines for that,
nor one that somebody sets. A process may post until `MARGIN` of a lease before the others can take
it for dead, as counted from the beginning of its own last beat.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.schedules.posting_ports import Fence
from bot.schedules.schedule_ports import LEASE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.schedules.schedule_ports import Executors

MARGIN = 1 / 6
"""Of the lease: between the end of a right to post and a takeover."""
ENOUGH = 1 / 2
"""Of the lease: with less left than this a post begins with a new beat."""
BEATS = 6
"""Beats in a lease."""


def steady_s() -> float:
    """Seconds on a clock that nobody sets; on Linux it also counts while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """Tells the others that this executor lives, and knows which of them are dead."""

    def __init__(
        self,
        executors: Executors,
        executor: str,
        clock: Callable[[], datetime],
        lease_s: float = LEASE_S,
        steady: Callable[[], float] = steady_s,
    ) -> None:
        self.executor = executor
        self.lease_s = lease_s
        self._executors = executors
        self._clock = clock
        self._steady = steady
        self._fence = Fence(float("-inf"), steady)
        self._seen: dict[str, tuple[datetime | None, float]] = {}
        self._looked_s = float("-inf")

    @property
    def every_s(self) -> float:
        """The time between two beats."""
        return self.lease_s / BEATS

    async def beat(self) -> None:
        """Tell it now."""
        begun_s = self._steady()
        await self._executors.beat(self.executor, self._clock())
        self._fence = Fence(begun_s + self.lease_s * (1 - MARGIN), self._steady)

    async def fence(self) -> Fence:
        """A right to post that lasts long enough for one."""
        while self._fence.left_s() < self.lease_s * ENOUGH:
            await self.beat()
        return self._fence

    async def dead(self, holders: frozenset[str]) -> frozenset[str]:
        """The others of which it is certain that they post no more.

        `holders` have deliveries in hand; one of them without a beat has left or was declared
        dead before.
        """
        beats: Mapping[str, datetime | None] = await self._executors.beats()
        now_s = self._steady()
        if now_s - self._looked_s > self.lease_s:
            # Neither this process nor the database may have been well: begin to watch anew.
            self._seen.clear()
        self._looked_s = now_s
        others = (set(beats) | holders) - {self.executor}
        seen = {name: self._seen.get(name) for name in others}
        self._seen = {
            name: before if before and before[0] == beats.get(name) else (beats.get(name), now_s)
            for name, before in seen.items()
        }
        return frozenset(
            name
            for name, (beat, since_s) in self._seen.items()
            if beat is None or now_s - since_s >= self.lease_s
        )

    async def bury(self, name: str) -> None:
        """A dead one has nothing in hand any more."""
        await self._executors.leave(name)
        self._seen.pop(name, None)

    async def leave(self) -> None:
        """Tell that it ends."""
        await self._executors.leave(self.executor)
