"""Due schedules, processes that deliver them, and the count of what the platforms took."""

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

from bot.parts import clock
from bot.schedules.subscription import (
    Change,
    Content,
    ContentKind,
    Subscription,
    delivery_key,
)
from bot.storage.database import build_engine, upgrade
from bot.storage.subscription_rows import SqlSubscriptions
from bot.storage.tables import deliveries
from tests.faults.platforms import mark
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from tests.faults.platforms import Platforms

SLUGS = ("china-vs-us", "key-players", "overview", "what-comes-next")
TOLD_S = 120.0
"""So long may a worker take to start, or to come to its point."""


@dataclass
class Run:
    """One fault and what came of it."""

    database: str
    platforms: Platforms
    folder: Path
    count: int = 40
    spread_s: float = 5.0
    """The deliveries fall due within so many seconds."""
    within: tuple[str, ...] = ("slack", "discord")
    grace_s: int = 7200
    seed: int = 1
    waits: dict[str, float] = field(default_factory=dict)
    """The lease and the wait before a lost post is looked for, where not the usual ones."""
    options: dict[str, Any] = field(default_factory=dict)
    """More of what the workers get."""
    marks: list[str] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    through: str = ""
    """The database as the workers reach it, where not directly."""
    until_closed: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def prepare(self, begin_in_s: float = 0.0) -> None:
        """Make the schedules."""
        engine = build_engine(self.database)
        await upgrade(engine)
        store = SqlSubscriptions(engine)
        rng = random.Random(self.seed)
        begin = clock().replace(microsecond=0) + timedelta(seconds=begin_in_s)
        for index in range(self.count):
            due = begin + timedelta(seconds=int(rng.uniform(0, self.spread_s)))
            target = self.platforms.target(index, self.within)
            subscription = Subscription(
                id=f"s{index}",
                target=target,
                content=Content(ContentKind.ASKS, (SLUGS[index % len(SLUGS)],)),
                trigger=cron_trigger("0 9 * * *", "Europe/Berlin", grace_s=self.grace_s),
                owner="U1" if target.platform == "slack" else "100000000000000005",
                created_at=begin,
                next_at=due,
            )
            self.marks.append(mark(target.platform, delivery_key(subscription.id, due)))
            await store.put(subscription, Change(subscription.id, begin, "U1", "added"))
        await engine.dispose()

    async def start(self, **options: Any) -> Process:
        """A new worker; it is not ready yet."""
        given = {
            "database": self.through or self.database,
            "slack": self.platforms.slack.api_url,
            "discord": self.platforms.discord.base,
            "waits": self.waits,
            **self.options,
            **options,
        }
        with (self.folder / "workers.log").open("ab") as out:
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
        """Wait until the worker delivers, or has died."""
        await self._told(process, b"ready\n")

    async def reached(self, process: Process) -> None:
        """Wait until the worker has come to its point; that may be before it is ready."""
        await self._told(process, b"reached\n")

    async def _told(self, process: Process, said: bytes) -> None:
        assert process.stderr
        async with asyncio.timeout(TOLD_S):
            while line := await process.stderr.readline():
                if line == said:
                    return
                with (self.folder / "workers.log").open("ab") as out:
                    out.write(line)

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
        await self.reap(process)

    async def end(self, process: Process) -> int:
        """SIGTERM; the exit code."""
        process.send_signal(signal.SIGTERM)
        return await self.reap(process)

    async def reap(self, process: Process) -> int:
        """Wait until it has ended; the exit code."""
        _, err = await process.communicate()
        with (self.folder / "workers.log").open("ab") as out:
            out.write(err)
        if process in self.workers:
            self.workers.remove(process)
        return process.returncode or 0

    async def settled(self, timeout_s: float) -> float | None:
        """Wait until all was posted and nothing is open; after how many seconds, if ever."""
        begun = time.monotonic()
        engine = build_engine(self.database)
        query = select(func.count()).where(deliveries.c.not_before.is_not(None))
        try:
            while time.monotonic() - begun < timeout_s:
                taken = self.platforms.taken()
                if all(taken[each] for each in self.marks):
                    async with engine.connect() as connection:
                        if not (await connection.execute(query)).scalar_one():
                            return time.monotonic() - begun
                await asyncio.sleep(0.2)
        finally:
            await engine.dispose()
        return None

    async def close(self) -> None:
        """End whatever still runs."""
        for process in list(self.workers):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            await self.kill(process)
        await self.until_closed.aclose()

    def report(self) -> dict[str, Any]:
        """What the platforms took: lost and twice are what must be 0."""
        taken = self.platforms.taken()
        return {
            "deliveries": len(self.marks),
            "lost": sum(not taken[each] for each in self.marks),
            "twice": sum(taken[each] > 1 for each in self.marks),
            "platforms": dict(self.platforms.faults.counts),
            "refused": self.platforms.slack.refused[:3] + self.platforms.discord.faults[:3],
        }

    async def states(self) -> dict[str, int]:
        """How many deliveries the database has in each state, notices aside."""
        engine = build_engine(self.database)
        query = (
            select(deliveries.c.state, func.count().label("number"))
            .where(deliveries.c.notice.is_(None))
            .group_by(deliveries.c.state)
        )
        async with engine.connect() as connection:
            found = {row.state: row.number for row in await connection.execute(query)}
        await engine.dispose()
        return found
