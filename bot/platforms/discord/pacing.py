"""How often we may identify, connect and be asked: arithmetic on times that are passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

IDENTIFIES_AT_ONCE: Final = 10
"""Identifies that may follow each other before they are spaced out, beside two for each shard."""
IDENTIFIES_A_DAY: Final = 1000
"""Discord resets the token of a bot that needs more:
https://docs.discord.com/developers/events/gateway#session-start-limit-object."""
SHARE: Final = 0.5
"""We use at most this share of what a day allows."""
DAY_S: Final = 86_400.0
MAX_PEOPLE: Final = 10_000


@dataclass(slots=True)
class Identifies:
    """A bucket of permissions to open a new gateway session; resuming one costs nothing."""

    capacity: float = IDENTIFIES_AT_ONCE
    refill_s: float = DAY_S / (SHARE * IDENTIFIES_A_DAY)
    _spent: float = 0.0
    _at: datetime | None = None

    def allow(self, shards: int, a_day: int) -> None:
        """Fit it to a bot of so many shards that Discord allows so many identifies a day."""
        self.capacity = IDENTIFIES_AT_ONCE + 2 * shards
        self.refill_s = DAY_S / (SHARE * a_day)

    def wait_s(self, now: datetime, needed: int = 1) -> float:
        """Seconds until so many may be taken, 0 where they may be now."""
        if self._at is not None:
            passed_s = max(0.0, (now - self._at).total_seconds())
            self._spent = max(0.0, self._spent - passed_s / self.refill_s)
        self._at = now
        return max(0.0, self._spent + needed - self.capacity) * self.refill_s

    def take(self, now: datetime) -> float:
        """Take one and return 0, or take none and return the seconds until there is one."""
        wait_s = self.wait_s(now)
        if not wait_s:
            self._spent += 1
        return wait_s


def throttled_s(times: int, asked_s: float) -> float:
    """How long to stay away after so many refusals in a row, at least what was asked for.

    A ban by Discord's edge names no time and grows with each request made during it.
    """
    return max(asked_s, min(3600.0, 60.0 * 2.0 ** min(times - 1, 10)))


@dataclass(slots=True)
class Cooldown:
    """Lets each person ask `burst` times at once and then once every `every_s` seconds."""

    burst: int
    every_s: float
    _free_at: dict[int, float] = field(default_factory=dict)

    def wait_s(self, person: int, now: datetime) -> float:
        """Count one question; 0 where it is allowed, else seconds until the next one is."""
        at = now.timestamp()
        start = max(at, self._free_at.get(person, at))
        wait = start + self.every_s - at - self.burst * self.every_s
        if wait > 0:
            return wait
        self._free_at[person] = start + self.every_s
        if len(self._free_at) > MAX_PEOPLE:
            self._free_at = {p: t for p, t in self._free_at.items() if t > at}
        return 0.0
