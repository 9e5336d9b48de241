"""Deliveries on a SQLite file, with an engine and a platform that are kept by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.app import rules_of
from bot.schedules.attempting import DeliveryContext
from bot.schedules.posting import Lease, Pacer
from bot.schedules.scheduler import Deliverer, Scheduler
from bot.schedules.subscription import Change, Content, ContentKind, Subscription, Target
from bot.storage.deliveries import SqlDeliveries
from bot.storage.delivery_queue import SqlSharing
from bot.storage.statement_rows import SqlCorrections
from bot.storage.store import SqlStore
from bot.storage.subscription_rows import SqlSubscriptions
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.schedules.schedule_ports import Attempt
    from bot.schedules.subscription import Delivery
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RULES = rules_of()


@dataclass
class Posted:
    """One post; `maybe_posted` is whether the poster was told to look."""

    target: Target
    reply: Any
    """A `Reply`, or a `Notice` to the owner."""
    key: str
    maybe_posted: bool


@dataclass
class HandPoster:
    """Takes posts once for each key; the errors in `next` come first."""

    next: list[Exception] = field(default_factory=list)
    for_part: dict[str, Exception] = field(default_factory=dict)
    """An error for the first post of a part: "/1"."""
    taken: list[Posted] = field(default_factory=list)
    asked: int = 0

    def time(self) -> datetime | None:
        return None

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        return await self._take(target, notice, attempt)

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        return await self._take(target, reply, attempt)

    async def _take(self, target: Target, reply: Any, attempt: Attempt) -> str:
        self.asked += 1
        key = attempt.key
        attempt.fence.check()
        if self.next:
            raise self.next.pop(0)
        for part in [part for part in self.for_part if key.endswith(part)]:
            raise self.for_part.pop(part)
        if not any(p.key == key for p in self.taken):
            looked = attempt.earlier is not None
            self.taken.append(Posted(target, reply, key, looked))
        return f"ts{len(self.taken)}"


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        return self.now.timestamp()

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Desk:
    """Everything that a delivery needs."""

    def __init__(self, engine: AsyncEngine, catalog: Catalog) -> None:
        self.catalog = catalog
        self.clock = HandClock()
        self.store = SqlSubscriptions(engine)
        self.log = SqlDeliveries(engine)
        self.sharing = SqlSharing(engine)
        self.corrections = SqlCorrections(engine)
        self.poster = HandPoster()
        self.answers = SqlStore(engine)
        self.deliverer, self.scheduler = self.executor("me")

    def executor(self, name: str) -> tuple[Deliverer, Scheduler]:
        lease = Lease(self.sharing, name, self.clock, steady=self.clock.steady)
        world = DeliveryContext(
            log=self.log,
            rules=RULES,
            pacer=Pacer(RULES, self.sharing, self.clock, self.clock.steady),
            posters={"slack": self.poster, "discord": self.poster},
            catalog=lambda: self.catalog,
            clock=self.clock,
            lease=lease,
        )
        scheduler = Scheduler(world, self.corrections)
        return scheduler.deliverer, scheduler

    def change(self, **changes: Any) -> None:
        """Let the deliverer work with something else."""
        self.deliverer._world = replace(self.deliverer._world, **changes)

    async def add(self, name: str = "abcde", **changes: object) -> Subscription:
        given: dict[str, object] = {
            "id": name,
            "target": Target("discord", "G1", "C1"),
            "content": Content(ContentKind.ASKS, ("china-vs-us",)),
            "trigger": cron_trigger("0 9 * * *", "UTC"),
            "owner": "U1",
            "created_at": NOW,
            "next_at": NOW,
        }
        subscription = Subscription(**(given | changes))  # type: ignore[arg-type]
        await self.store.put(subscription, Change(name, NOW, "U1", "added"))
        return subscription

    async def tick_and_run(self) -> None:
        await self.scheduler.tick()
        await self.run()

    async def run(self) -> int:
        """Deliver what is due until there is no more; how many deliveries were taken."""
        count = 0
        while taken := await self.deliverer.take():
            count += taken
            await self.deliverer.idle()
        return count

    async def later(self) -> float:
        """Go on when the next delivery may be worked on; after how many seconds that was."""
        following = await self.log.next_open()
        assert following
        wait_s = (following - self.clock()).total_seconds()
        self.clock.move(seconds=max(0.0, wait_s))
        await self.run()
        return wait_s

    async def one(self) -> Delivery:
        (found,) = await self.log.deliveries([], 10)
        return found
