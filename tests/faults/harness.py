"""Due subscriptions, workers that are killed, and the count of what the platform took."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from bot.bootstrap import clock
from bot.schedules.schedule import OPEN
from bot.schedules.subscription import (
    Change,
    Content,
    Kind,
    Subscription,
    Target,
    delivery_key,
)
from bot.storage.database import build_engine
from bot.storage.migrate import upgrade
from bot.storage.subscriptions import SqlSubscriptions
from bot.storage.tables import deliveries
from tests.schedules.rhythms import cron_rhythm

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from tests.faults.platform import FakePlatform

SLUGS = ("china-vs-us", "key-players", "overview", "what-comes-next")


@dataclass
class Run:
    """One fault test and what came of it."""

    database: str
    platform: FakePlatform
    count: int = 500
    spread_s: float = 0.0
    lease_s: float = 5.0
    polling_s: float = 0.5
    seed: int = 1
    platforms: tuple[str, ...] = ("slack", "discord")
    keys: list[str] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    log: Path = Path("/dev/null")
    options: dict[str, Any] = field(default_factory=dict)
    """More of what the workers get."""

    async def prepare(self, begin_in_s: float = 0.0) -> None:
        """Make the subscriptions: due at once, or spread over `spread_s` seconds."""
        engine = build_engine(self.database)
        await upgrade(engine)
        store = SqlSubscriptions(engine)
        rng = random.Random(self.seed)
        begin = clock().replace(microsecond=0) + timedelta(seconds=begin_in_s)
        for index in range(self.count):
            due = begin + timedelta(seconds=int(rng.uniform(0, self.spread_s)))
            platform = self.platforms[index % len(self.platforms)]
            subscription = Subscription(
                id=f"s{index}",
                target=Target(platform, f"W{index % 10}", f"C{index}"),
                content=Content(Kind.ASKS, (SLUGS[index % len(SLUGS)],)),
                rhythm=cron_rhythm("0 9 * * *", "Europe/Berlin"),
                owner="U1",
                created_at=begin,
                next_at=due,
            )
            self.keys.append(f"{delivery_key(subscription.id, due)}/0")
            await store.put(subscription, Change(subscription.id, begin, "U1", "added"))
        await engine.dispose()

    async def start(self, version: str = "test-1") -> Process:
        """A new worker; it is not ready yet."""
        given = {
            "database": self.database,
            "platform": self.platform.url,
            "version": version,
            "lease_s": self.lease_s,
            "polling_s": self.polling_s,
        } | self.options
        with self.log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.worker",
                json.dumps(given),
                stdout=out,
                stderr=asyncio.subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            )
        self.workers.append(process)
        return process

    async def ready(self, process: Process) -> None:
        """Wait until the worker delivers."""
        assert process.stderr
        while line := await process.stderr.readline():
            if line == b"ready\n":
                return
            with self.log.open("ab") as out:
                out.write(line)
        raise AssertionError(f"the worker ended with {await process.wait()}")

    async def counts(self, process: Process) -> dict[str, Any]:
        """What a worker that counts has counted so far."""
        process.send_signal(signal.SIGUSR1)
        assert process.stderr
        while line := await process.stderr.readline():
            if line.startswith(b"counts "):
                found: dict[str, Any] = json.loads(line[7:])
                return found
        raise AssertionError(f"the worker ended with {await process.wait()}")

    async def kill(self, process: Process) -> None:
        """SIGKILL, and reap."""
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await self._reap(process)

    async def end(self, process: Process) -> int:
        """SIGTERM; the exit code."""
        process.send_signal(signal.SIGTERM)
        return await self._reap(process)

    async def _reap(self, process: Process) -> int:
        _, err = await process.communicate()
        with self.log.open("ab") as out:
            out.write(err)
        self.workers.remove(process)
        return process.returncode or 0

    async def finish(self, timeout_s: float) -> None:
        """Wait until the platform took everything and nothing is open."""
        engine = build_engine(self.database)
        open_states = [state.value for state in OPEN]
        query = select(func.count()).where(deliveries.c.state.in_(open_states))
        deadline = time.monotonic() + timeout_s
        try:
            while time.monotonic() < deadline:
                if all(self.platform.messages[key] for key in self.keys):
                    async with engine.connect() as connection:
                        if not (await connection.execute(query)).scalar_one():
                            return
                await asyncio.sleep(0.2)
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """End whatever still runs."""
        for process in list(self.workers):
            await self.kill(process)

    def report(self) -> dict[str, Any]:
        """What the platform took: lost and twice are what must be 0."""
        taken = self.platform.messages
        return {
            "deliveries": len(self.keys),
            "lost": sum(not taken[key] for key in self.keys),
            "twice": sum(count > 1 for count in taken.values()),
            "strangers": len(set(taken) - set(self.keys)),
            "platform": dict(self.platform.counts),
        }

    async def states(self) -> dict[str, int]:
        """How many deliveries the database has in each state."""
        engine = build_engine(self.database)
        query = select(deliveries.c.state, func.count().label("number")).group_by(
            deliveries.c.state
        )
        async with engine.connect() as connection:
            found = {row.state: row.number for row in await connection.execute(query)}
        await engine.dispose()
        return found


async def kill_at_random(run: Run, kills: int, processes: int) -> None:
    """Keep so many workers running, and kill one of them at random moments."""
    rng = random.Random(run.seed)
    for _ in range(processes):
        await run.start()
    for number in range(kills):
        victim = rng.choice(run.workers)
        if number % 4:
            await run.ready(victim)
        await asyncio.sleep(rng.uniform(0.0, 2.0))
        await run.kill(victim)
        await run.start()
