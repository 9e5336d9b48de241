"""When a reader may be asked: limits, and a circuit breaker that lets a sick server rest."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MINUTE_S, DAY_S = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a reader is asked, by each process."""

    at_once: int = 4
    per_minute: int = 60
    per_day: int | None = None
    failures: int = 5
    """So many failures one after another open the circuit."""
    rest_s: float = 30.0
    """How long it stays open at first; each failed trial doubles that."""
    longest_rest_s: float = 600.0


@dataclass(slots=True)
class RequestLimiter:
    """Counts requests; `now_s` is any clock that only runs forwards, in seconds."""

    limits: Limits = field(default_factory=Limits)
    _running: int = 0
    _minute: deque[float] = field(default_factory=deque)
    _day_began_s: float = 0.0
    _day_count: int = 0
    _failures: int = 0
    _rests_until_s: float | None = None
    _rest_s: float = 0.0

    def enter(self, now_s: float) -> str | None:
        """Begin a request; None where it may be sent, else why not: "resting" or "limit"."""
        if self._rests_until_s is not None and (now_s < self._rests_until_s or self._running):
            return "resting"
        while self._minute and self._minute[0] <= now_s - MINUTE_S:
            self._minute.popleft()
        if not self._day_count or now_s >= self._day_began_s + DAY_S:
            self._day_began_s, self._day_count = now_s, 0
        most = self.limits
        if (
            self._running >= most.at_once
            or len(self._minute) >= most.per_minute
            or (most.per_day is not None and self._day_count >= most.per_day)
        ):
            return "limit"
        self._running += 1
        self._minute.append(now_s)
        self._day_count += 1
        return None

    def leave(self, now_s: float, *, well: bool) -> None:
        """A request that was begun has ended; `well` where the server did its part."""
        self._running -= 1
        if well:
            self._failures, self._rests_until_s, self._rest_s = 0, None, 0.0
            return
        self._failures += 1
        if self._failures >= self.limits.failures:
            longest = self.limits.longest_rest_s
            self._rest_s = min(longest, 2 * self._rest_s or self.limits.rest_s)
            self._rests_until_s = now_s + self._rest_s
