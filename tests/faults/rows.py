"""The rows of the table of faults: what happens, and when it is over.

Each takes a run with its schedules made, and returns when its fault has ended and at least one
healthy process runs. The waits in here are those of `make faults`.
"""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from bot.storage.database import build_engine
from tests.faults.databases import Proxy, frozen_peer, locked_file

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable

    from tests.faults.harness import Run

POINTS = ("planned", "taken", "claimed", "sending", "answered", "settled")


@dataclass(frozen=True)
class Row:
    """One fault."""

    name: str
    what: str
    happen: Callable[[Run], Awaitable[None]]
    stores: tuple[str, ...] = ("sqlite", "postgres")
    run: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    timeout_s: float = 240.0
    inherent: bool = False
    """Whether some come twice whatever one does."""


async def healthy(run: Run, processes: int = 1) -> list[Process]:
    """So many processes that deliver."""
    started = [await run.start() for _ in range(processes)]
    for each in started:
        await run.ready(each)
    return started


async def quiet(run: Run) -> None:
    """Replies are lost now and then; nothing else."""
    await healthy(run)


async def kill_as_accepted(run: Run, deaths: int = 3, during_recovery: int = 2) -> None:
    """The process dies as the platform takes a post; two more die while they recover."""
    faults = run.platforms.faults
    died = asyncio.Event()

    async def kill(number: int) -> None:
        if number % 8 == 5 and run.workers:
            process = run.workers[-1]
            process.kill()
            await process.wait()
            died.set()

    faults.on_accept = kill
    for _ in range(deaths):
        died.clear()
        process = await run.start()
        await run.ready(process)
        try:
            await asyncio.wait_for(died.wait(), 45)
        except TimeoutError:
            break
        await run.reap(process)
    faults.on_accept = None
    for _ in range(during_recovery):
        process = await run.start()
        await run.ready(process)
        await asyncio.sleep(1.0)
        await run.kill(process)
    await healthy(run)


async def kill_at_points(run: Run) -> None:
    """Dies at each named point of a delivery, one after the other."""
    for point in POINTS:
        process = await run.start(point={"name": point, "nth": 2, "sent": "SIGKILL"})
        waits = [asyncio.create_task(process.wait()), asyncio.create_task(run.ready(process))]
        await asyncio.wait(waits, timeout=25)
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        await run.reap(process)
    await healthy(run)


def kill_at_random(kills: int) -> Callable[[Run], Awaitable[None]]:
    """So many kills, one in four while the process starts."""

    async def happen(run: Run) -> None:
        rng = random.Random(run.seed)
        await run.start()
        for number in range(kills):
            victim = run.workers[-1]
            if number % 4:
                await run.ready(victim)
            await asyncio.sleep(rng.uniform(0.0, 2.0))
            await run.kill(victim)
            await run.start()
        run.platforms.faults.lose = 0.0
        await run.ready(run.workers[-1])

    return happen


def stopped(point: str, seconds: float) -> Callable[[Run], Awaitable[None]]:
    """One process is stopped at a point, while others go on; then it wakes up."""

    async def happen(run: Run) -> None:
        first = await run.start(point={"name": point, "nth": 3, "sent": "SIGSTOP"})
        await run.reached(first)
        if not run.database.startswith("sqlite"):
            await healthy(run)
        await asyncio.sleep(seconds)
        first.send_signal(signal.SIGCONT)

    return happen


async def stopped_in_a_burst(run: Run) -> None:
    """One of two is stopped for 45 s at any moment, five times."""
    rng = random.Random(run.seed)
    both = await healthy(run, 1 if run.database.startswith("sqlite") else 2)
    for _ in range(5):
        await asyncio.sleep(rng.uniform(0.5, 3.0))
        victim = rng.choice(both)
        victim.send_signal(signal.SIGSTOP)
        await asyncio.sleep(45)
        victim.send_signal(signal.SIGCONT)


async def refused(run: Run) -> None:
    """The server refuses connections for 10 s."""
    proxy = Proxy(run.database)
    await run_behind(run, proxy, lambda: _refuse(proxy, 10.0))


async def away(run: Run) -> None:
    """The server is gone for 30 s."""
    proxy = Proxy(run.database)
    await run_behind(run, proxy, lambda: _refuse(proxy, 30.0))


async def cut(run: Run) -> None:
    """Every connection is cut each half second, for 20 s."""
    proxy = Proxy(run.database)

    async def cutting() -> None:
        for _ in range(40):
            proxy.cut()
            await asyncio.sleep(0.5)

    await run_behind(run, proxy, cutting)


async def run_behind(run: Run, proxy: Proxy, happen: Callable[[], Awaitable[None]]) -> None:
    await run.until_closed.enter_async_context(proxy.listening())
    run.through = proxy.url
    await healthy(run)
    await _until_accepted(run, 5)
    await happen()


async def _refuse(proxy: Proxy, seconds: float) -> None:
    proxy.refuse(True)
    await asyncio.sleep(seconds)
    proxy.refuse(False)


async def locked(run: Run) -> None:
    """Another process holds the SQLite file for 30 s."""
    await healthy(run)
    await _until_accepted(run, 5)
    with locked_file(run.database):
        await asyncio.sleep(30)


async def frozen(run: Run) -> None:
    """A peer holds row locks for 90 s, of which 10 s may hold up the others."""
    await healthy(run)
    await _until_accepted(run, 3)
    with frozen_peer(run.database):
        run.options["frozen_at"] = time.monotonic()
        await asyncio.sleep(90)
    run.options["last_at"] = run.platforms.faults.last_at


async def blind(run: Run) -> None:
    """Replies are lost and looking is refused, for two minutes and a half."""
    run.platforms.faults.lose_next = run.count
    run.platforms.faults.blind = True
    await healthy(run)
    await asyncio.sleep(150)
    run.options["blind"] = {"states": await run.states(), "paused": await _paused(run)}
    run.platforms.faults.blind = False
    run.platforms.faults.lose_next = 0


async def bad_rows(run: Run) -> None:
    """One row has an unknown zone, one a rule that is none, one is no schedule at all."""
    engine = build_engine(run.database)
    async with engine.begin() as connection:
        for number, trigger in enumerate(
            (
                '{"cron": "0 9 * * *", "zone": "Mars/Olympus"}',
                '{"cron": "what?", "zone": "UTC"}',
                '["none"]',
            )
        ):
            given = {"rhythm": trigger, "id": f"s{number}"}
            statement = text("UPDATE subscriptions SET rhythm = :rhythm WHERE id = :id")
            await connection.execute(statement, given)
    await engine.dispose()
    del run.marks[:3]
    await healthy(run)


async def disk_full(run: Run) -> None:
    """The file may not grow for 15 s."""
    (process,) = await healthy(run)
    await _until_accepted(run, 5)
    limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (8192, limits[1]))
    await asyncio.sleep(15)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


def clock_off(hours: float) -> Callable[[Run], Awaitable[None]]:
    """The clock of the process is off for 20 s, while replies are lost."""

    async def happen(run: Run) -> None:
        file = run.folder / "clock"
        file.write_text("0")
        run.options["clock"] = str(file)
        await healthy(run)
        await _until_accepted(run, 3)
        run.platforms.faults.lose = 0.3
        file.write_text(str(hours * 3600))
        await asyncio.sleep(20)
        file.write_text("0")
        run.platforms.faults.lose = 0.0

    return happen


def for_some_time(seconds: float) -> Callable[[Run], Awaitable[None]]:
    """Whatever the platforms are told to do, they do for so long."""

    async def happen(run: Run) -> None:
        await healthy(run)
        await asyncio.sleep(seconds)
        faults = run.platforms.faults
        faults.reply_late_s = faults.store_late_s = 0.0

    return happen


async def down(run: Run) -> None:
    """503 for a minute."""
    await healthy(run)
    await _until_accepted(run, 3)
    run.platforms.faults.down_until = time.monotonic() + 60
    await asyncio.sleep(60)


async def limited(run: Run) -> None:
    """429 with Retry-After, for 30 s."""
    await healthy(run)
    await _until_accepted(run, 3)
    run.platforms.faults.limited_until = time.monotonic() + 30
    await asyncio.sleep(30)


async def deploy(run: Run, times: int = 3) -> None:
    """A new process starts, the old gets SIGTERM and 0.1 s later SIGKILL; three times."""
    (old,) = await healthy(run)
    for _ in range(times):
        await _until_accepted(run, run.platforms.faults.accepted + 4)
        (new,) = await healthy(run)
        old.terminate()
        await asyncio.sleep(0.1)
        await run.kill(old)
        old = new


async def _until_accepted(run: Run, count: int) -> None:
    deadline = time.monotonic() + 30
    while run.platforms.faults.accepted < count and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


async def _paused(run: Run) -> int:
    engine = build_engine(run.database)
    async with engine.connect() as connection:
        query = text("SELECT count(*) FROM subscriptions WHERE standing = 'paused'")
        found: int = (await connection.execute(query)).scalar_one()
    await engine.dispose()
    return found


POSTGRES, SQLITE = ("postgres",), ("sqlite",)
ROWS = {
    row.name: row
    for row in (
        Row("quiet", "one reply in ten is lost", quiet, run={"count": 100}, faults={"lose": 0.1}),
        Row("accepted", "SIGKILL as a post is accepted, and two more", kill_as_accepted),
        Row("points", "SIGKILL at each named point", kill_at_points),
        Row(
            "kills",
            "100 SIGKILLs at random moments",
            kill_at_random(100),
            run={"count": 500, "spread_s": 250.0},
            faults={"lose": 0.05},
        ),
        Row("refused", "connections refused for 10 s, replies take 0.8 s", refused,
            POSTGRES, {"count": 80}, {"latency_s": 0.8}),
        Row("away", "PostgreSQL gone for 30 s", away, POSTGRES, {"count": 80}),
        Row("cut", "connections cut each half second for 20 s", cut, POSTGRES,
            {"count": 160, "spread_s": 20.0}),
        Row("stopped", "SIGSTOP for 45 s between claim and request", stopped("claimed", 45)),
        Row("sending", "SIGSTOP for 45 s as a request is written", stopped("sending", 45)),
        Row("burst", "SIGSTOP for 45 s anywhere in a burst, five times", stopped_in_a_burst,
            run={"count": 300, "spread_s": 15.0}, timeout_s=420.0),
        Row("locked", "SQLite locked for 30 s", locked, SQLITE, {"count": 60}),
        Row("within", "the same with \"within 10 minutes\"", locked, SQLITE,
            {"count": 60, "grace_s": 600}),
        Row("blind", "replies lost, look-back refused; then mended", blind, run={"count": 20}),
        Row("stored", "posts stored 60 s after they were sent", for_some_time(60),
            run={"count": 20}, faults={"store_late_s": 60.0}),
        Row("inherent", "posts stored 150 s after they were sent", for_some_time(60),
            run={"count": 20}, faults={"store_late_s": 150.0}, inherent=True),
        Row("late", "replies 60 s late", for_some_time(60),
            run={"count": 20}, faults={"reply_late_s": 60.0}),
        Row("frozen", "a peer holds row locks for 90 s", frozen, POSTGRES,
            {"count": 120, "spread_s": 30.0}),
        Row("bad", "rows with an unknown zone, a bad rule, no schedule", bad_rows,
            run={"count": 23}),
        Row("full", "disk full for 15 s", disk_full, SQLITE, {"count": 80, "spread_s": 15.0}),
        Row("ahead", "clock an hour ahead for 20 s, replies lost", clock_off(1),
            run={"count": 80, "spread_s": 20.0}),
        Row("behind", "clock an hour behind for 20 s, replies lost", clock_off(-1),
            run={"count": 80, "spread_s": 20.0}),
        Row("down", "503 for a minute", down, run={"count": 60, "spread_s": 20.0}),
        Row("limited", "429 with Retry-After for 30 s", limited,
            run={"count": 60, "spread_s": 20.0}),
        Row("deploy", "rolling deploys, SIGTERM then SIGKILL", deploy,
            run={"count": 120, "spread_s": 15.0}),
    )
}  # fmt: skip
