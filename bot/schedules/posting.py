"""Whose turn it is to post: what platforms take, how fast, and which processes live.

Each platform says what it takes beside its poster, as one value. Everybody writes a beat to the
database. A process whose beat was seen unchanged for a whole lease is dead, and what it had in
hand is taken over; nobody compares clocks of two machines for that, nor one that somebody sets. A
process may post until `MARGIN` of a lease before the others can take it for dead, as counted from
the beginning of its own last beat.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.errors import RateLimited, StorageError
from bot.schedules.schedule_ports import LEASE_S, Executors, Fence, Rate, Rates
from bot.schedules.subscription import Target

NOT_COVERED: Final = "not-covered"
"""Our own: the briefs have nothing any more of what a schedule sends."""
PATIENCE_S: Final = 6.0
"""Whoever would have to wait longer comes again later, and of one budget no more is in hand than
it takes in this time, so that it keeps no other from being taken up."""


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """What a refusal means."""

    notice: str
    """What the owner is told: `notice.*` of the texts."""
    after: int = 1
    """The schedule pauses after so many refusals in a row; 0 goes on for ever."""


OTHER: Final = RefusalRule("refused", after=3)
"""A code that is not listed is a refusal for a reason of its own."""
_OWN: Final[Mapping[str, RefusalRule]] = {NOT_COVERED: RefusalRule("not-covered")}


class Per(Enum):
    """Whose budget it is."""

    PLACE = "place"
    """A channel's, or a person's for what is written to them."""
    WORKSPACE = "workspace"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many posts a second are taken."""

    per: Per
    per_s: float


@dataclass(frozen=True, slots=True)
class PostRules:
    """What one platform says of posts."""

    budgets: tuple[RateLimit, ...]
    """What one post takes from, the narrowest first; at least one."""
    outcomes: Mapping[str, RefusalRule]
    """By the code of a refusal: what becomes of the schedule, and what its owner is told.

    Whatever passes by itself (limits, timeouts, errors of the platform) is no refusal and never
    comes here.
    """


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of every platform, by its name."""

    of: Mapping[str, PostRules]

    def outcome_of(self, platform: str, code: str) -> RefusalRule:
        """What a refusal with this code means there."""
        known = self.of[platform].outcomes if platform in self.of else {}
        return known.get(code) or _OWN.get(code, OTHER)

    def scope_of(self, target: Target) -> str:
        """The name of the widest budget that a post takes from: a workspace's, or the bot's."""
        rules = self.of.get(target.platform)
        return _scope(rules.budgets[-1].per, target) if rules else target.platform

    def rates_of(self, target: Target) -> Sequence[Rate]:
        """The budgets that one post takes from, the narrowest first.

        Raises:
            LookupError: Nobody has said what this platform takes; another's would be wrong.
        """
        if target.platform not in self.of:
            raise LookupError(f"No budget is known for posts to {target.platform}.")
        budgets = self.of[target.platform].budgets
        return [Rate(_scope(each.per, target), each.per_s) for each in budgets]

    def at_once(self, scope: str) -> int:
        """How many posts of a widest budget are in hand at most: what it takes in the patience.

        None of a platform that is not known here. An empty scope, which a release before revision
        0007 has written, may be of any, so it gets the least.
        """
        name = scope.partition(":")[0]
        known = [each for key, each in self.of.items() if key == name or not scope]
        per_s = min((each.budgets[-1].per_s for each in known), default=0.0)
        return math.floor(per_s * PATIENCE_S)


def _scope(per: Per, target: Target) -> str:
    place = (target.platform, target.workspace, target.user or target.channel)
    return ":".join(place[: {Per.BOT: 1, Per.WORKSPACE: 2, Per.PLACE: 3}[per]])


MARGIN = 1 / 6
"""Of the lease: between the end of a right to post and a takeover."""
ENOUGH = 1 / 2
"""Of the lease: with less left than this a post begins with a new beat."""


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
        return self.lease_s / 6

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


AT_ONCE = 50
"""So many slots are taken from the database in one statement."""
BUSY = "busy"
"""The code of a `RateLimited` that no platform has sent."""


class Pacer:
    """Gives out turns, in the order in which they were asked for."""

    def __init__(
        self,
        rules: Rules,
        rates: Rates,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._rates = rates
        self._clock = clock
        self._steady = steady
        self._lanes: dict[str, _Lane] = {}
        self._gates: dict[str, _Gate] = {}
        self._held: dict[str, float] = {}
        """Budgets that are held, until when by the steady clock."""

    async def turn(self, target: Target) -> None:
        """Return when it is this post's turn.

        Raises:
            RateLimited: It would take longer than `PATIENCE_S`.
        """
        for rate in self._rules.rates_of(target):
            new = _Lane(rate, self._rates, self._clock)
            lane = self._lanes.setdefault(rate.scope, new)
            try:
                await lane.turn()
            finally:
                if lane.idle:
                    self._lanes.pop(rate.scope, None)

    async def gate(self, target: Target) -> None:
        """Return when a post may leave this process, right before it does.

        Between a turn and its post lies a claim in the database, which takes now longer, now
        shorter; here what has bunched up meanwhile is spread out again.
        """
        rate = self._rules.rates_of(target)[-1]
        gate = self._gates.setdefault(rate.scope, _Gate(rate.per_s))
        await gate.passed()

    async def hold(self, target: Target, seconds: float) -> None:
        """The platform asked to wait: nobody posts there before."""
        scope = self._rules.scope_of(target)
        now_s = self._steady()
        held = {name: at_s for name, at_s in self._held.items() if at_s > now_s}
        self._held = held | {scope: max(now_s + seconds, held.get(scope, 0.0))}
        await self._rates.hold(scope, self._clock() + timedelta(seconds=seconds))

    def quota(self, scope: str, in_hand: int) -> int:
        """How many more posts of a budget may be taken in hand; none while it is held."""
        if self._steady() < self._held.get(scope, float("-inf")):
            return 0
        return self._rules.at_once(scope) - in_hand


class _Gate:
    """Lets one through after the other, evenly.

    What a hiccup held up is caught up, but never are there more in a second than the rate allows.
    """

    def __init__(self, per_s: float) -> None:
        self._apart_s = 1 / per_s
        self._next = 0.0
        self._passed: deque[float] = deque(maxlen=max(1, math.ceil(per_s)))
        # In any such time no more pass than the rate allows in a second: room for what bunches
        # on the way.
        self._window_s = 1.02
        self._one = asyncio.Lock()

    async def passed(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._one:
            at = self._next
            if len(self._passed) == self._passed.maxlen:
                at = max(at, self._passed[0] + self._window_s)
            if (pause_s := at - loop.time()) > 0:
                await asyncio.sleep(pause_s)
            self._passed.append(loop.time())
            self._next = max(self._next, loop.time() - 0.1) + self._apart_s


class _Lane:
    """The turns of one budget; it takes slots for all who wait in one statement."""

    def __init__(self, rate: Rate, rates: Rates, clock: Callable[[], datetime]) -> None:
        self._rate = rate
        self._rates = rates
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._pump: asyncio.Task[None] | None = None
        # A second of the budget: another process comes in between.
        self._at_once = max(1, min(AT_ONCE, math.floor(rate.per_s)))
        self._alone_until = 0.0
        self._own_next_s = 0.0

    @property
    def idle(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting and self._pump is None

    async def turn(self) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if self._pump is None:
            self._pump = asyncio.create_task(self._give())
        await mine

    async def _give(self) -> None:
        try:
            while self._waiting:
                await self._give_some(min(len(self._waiting), self._at_once))
        except Exception as error:  # noqa: BLE001 - whoever waits has to hear of it
            failure = error
            self._dismiss(lambda _: failure)
        finally:
            self._pump = None

    async def _give_some(self, count: int) -> None:
        # Somebody may set the clock meanwhile: what counts is how far the slot is from `now`.
        loop, now = asyncio.get_running_loop(), self._clock()
        asked = loop.time()
        first, taken = await self._reserve(count, now)
        wait_s = (first - now).total_seconds()
        if not taken:
            # All come again, each when it may be its turn.
            wait_s, per_s = max(wait_s, 0.0), self._rate.per_s
            self._dismiss(lambda index: RateLimited(BUSY, wait_s + index / per_s))
            return
        begin = asked + wait_s
        for index in range(count):
            if (pause_s := begin + index / self._rate.per_s - loop.time()) > 0:
                await asyncio.sleep(pause_s)
            self._next()

    async def _reserve(self, count: int, now: datetime) -> tuple[datetime, bool]:
        # A moment too late at the database is no reason to let slots pass; the gate sees to it
        # that catching up is never too fast.
        lenient = timedelta(seconds=0.3 if self._rate.per_s > 1 else 0)
        now -= lenient
        loop = asyncio.get_running_loop()
        if loop.time() >= self._alone_until:
            try:
                return await self._rates.reserve(self._rate, count, now, PATIENCE_S)
            except StorageError:
                # Another process may be frozen while it holds the row: a 429 is the worst that
                # can come of going on without. This process paces itself for so long.
                self._alone_until = loop.time() + 10.0
        first_s = max(loop.time(), self._own_next_s)
        self._own_next_s = first_s + count / self._rate.per_s
        return now + timedelta(seconds=first_s - loop.time()), True

    def _next(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _dismiss(self, reason: Callable[[int], Exception]) -> None:
        """Tell all who wait why it is not their turn, by their place in the row."""
        for index, waiter in enumerate(self._waiting):
            if not waiter.done():
                waiter.set_exception(reason(index))
        self._waiting.clear()
