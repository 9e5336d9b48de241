"""Deliveries on a SQLite file, with an engine and a platform that are kept by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.schedules.correcting import Corrector
from bot.schedules.delivery import Deliverer, World
from bot.schedules.pacing import Pacer
from bot.schedules.scheduler import Heart, Scheduler
from bot.schedules.subscription import Change, Content, Kind, Subscription, Target
from bot.storage.corrections import SqlCorrections
from bot.storage.deliveries import SqlDeliveries
from bot.storage.sharing import SqlSharing
from bot.storage.store import SqlStore
from bot.storage.subscriptions import SqlSubscriptions
from tests.schedules.rhythms import cron_rhythm

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.schedules.notices import Notice
    from bot.schedules.schedule import Delivery
    from bot.service.assistant import Reply

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Posted:
    """One post; `maybe_posted` is what the poster was told."""

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

    async def tell(self, target: Target, notice: Notice, key: str, *, maybe_posted: bool) -> str:
        return await self._take(target, notice, key, maybe_posted=maybe_posted)

    async def post(self, target: Target, reply: Reply, key: str, *, maybe_posted: bool) -> str:
        return await self._take(target, reply, key, maybe_posted=maybe_posted)

    async def _take(self, target: Target, reply: Any, key: str, *, maybe_posted: bool) -> str:
        self.asked += 1
        if self.next:
            raise self.next.pop(0)
        for part in [part for part in self.for_part if key.endswith(part)]:
            raise self.for_part.pop(part)
        if not any(p.key == key for p in self.taken):
            self.taken.append(Posted(target, reply, key, maybe_posted))
        return f"ts{len(self.taken)}"


@dataclass
class HandQueue:
    """Keeps what is put in until `run` hands it on; delays are kept beside."""

    put_in: dict[tuple[tuple[str, ...], int], float] = field(default_factory=dict)
    done: set[tuple[tuple[str, ...], int]] = field(default_factory=set)
    handle: Callable[[Sequence[str], int], Awaitable[None]] | None = None
    started: bool = False

    async def start(
        self, handle: Callable[[Sequence[str], int], Awaitable[None]], executor: str
    ) -> None:
        self.handle, self.started = handle, True

    async def put(self, keys: Sequence[str], attempt: int = 0, delay_s: float = 0.0) -> None:
        self.put_in.setdefault((tuple(keys), attempt), delay_s)

    async def run(self) -> list[float]:
        """Hand on everything that is new; the delays it was put in with."""
        assert self.handle
        fresh = {work: d for work, d in self.put_in.items() if work not in self.done}
        for keys, attempt in fresh:
            self.done.add((keys, attempt))
            await self.handle(keys, attempt)
        return list(fresh.values())

    async def take_over(self, living: frozenset[str]) -> int:
        return 0

    async def tidy(self, before: datetime) -> None:
        return

    async def stop(self) -> None:
        self.started = False


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

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
        self.queue = HandQueue()
        self.deliverer, self.scheduler = self.executor("me")
        self.queue.handle = self.deliverer.handle

    def executor(self, name: str) -> tuple[Deliverer, Scheduler]:
        heart = Heart(self.sharing, name, self.clock)
        world = World(
            log=self.log,
            queue=self.queue,
            pacer=Pacer(self.sharing, self.clock),
            posters={"slack": self.poster, "discord": self.poster},
            catalog=lambda: self.catalog,
            clock=self.clock,
            alive=heart.alive,
        )
        deliverer = Deliverer(world, name)
        corrector = Corrector(self.corrections, lambda: self.catalog, self.clock)
        scheduler = Scheduler(
            deliverer, self.log, self.queue, heart, self.clock, corrector=corrector
        )
        return deliverer, scheduler

    async def add(self, name: str = "abcde", **changes: object) -> Subscription:
        given: dict[str, object] = {
            "id": name,
            "target": Target("discord", "G1", "C1"),
            "content": Content(Kind.ASKS, ("china-vs-us",)),
            "rhythm": cron_rhythm("0 9 * * *", "UTC"),
            "owner": "U1",
            "created_at": NOW,
            "next_at": NOW,
        }
        subscription = Subscription(**(given | changes))  # type: ignore[arg-type]
        await self.store.put(subscription, Change(name, NOW, "U1", "added"))
        return subscription

    async def tick_and_run(self) -> None:
        await self.scheduler.tick()
        await self.queue.run()

    async def one(self) -> Delivery:
        (found,) = await self.log.deliveries([], 10)
        return found
