"""One process that delivers: `python -m tests.faults.worker '{"database": ..., ...}'`."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
import time
from collections import Counter
from typing import Any

import aiohttp
from sqlalchemy import Engine, event

from bot import bootstrap
from bot.bootstrap.schedules import Given, build_scheduler
from bot.cli.logs import set_up_logging
from bot.cli.serving import end_on_signals
from bot.service.supervisor import Supervisor
from bot.storage.database import build_engine
from tests.faults.poster import HttpPoster


class Counts:
    """Every statement and commit of every database engine in this process."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def _statement(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        del connection, cursor, rest
        writes = statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}
        self.found["writes" if writes else "reads"] += 1

    def _commit(self, connection: Any) -> None:
        del connection
        self.found["commits"] += 1

    def tell(self) -> None:
        """One line on standard error: the counts, and what the process has used."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = dict(self.found) | {
            "cpu_s": round(used.ru_utime + used.ru_stime, 3),
            "peak_mb": round(used.ru_maxrss / 1024, 1),
            "at": time.monotonic(),
        }
        sys.stderr.write(f"counts {json.dumps(told)}\n")
        sys.stderr.flush()


async def work(given: dict[str, Any]) -> None:
    stop = asyncio.Event()
    done = end_on_signals(stop)
    if given.get("count"):
        counts = Counts()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, counts.tell)
    catalog = bootstrap.load_catalog(bootstrap.BRIEFS, bootstrap.CONFIG)
    engine = build_engine(given["database"])
    async with aiohttp.ClientSession() as session:
        poster = HttpPoster(session, given["platform"])
        scheduler = build_scheduler(
            Given(
                engine=engine,
                posters={"slack": poster, "discord": poster},
                catalog=lambda: catalog,
                clock=bootstrap.clock,
                version=given.get("version", "test-1"),
                polling_s=given.get("polling_s", 1.0),
                lease_s=given.get("lease_s", 30.0),
            )
        )
        telling = asyncio.create_task(tell_when_ready(scheduler.ready))
        await Supervisor([scheduler]).run(stop)
        done()
        telling.cancel()
    await engine.dispose()


async def tell_when_ready(ready: Any) -> None:
    while not ready():
        await asyncio.sleep(0.02)
    sys.stderr.write("ready\n")
    sys.stderr.flush()


if __name__ == "__main__":
    set_up_logging(level="INFO")
    asyncio.run(work(json.loads(sys.argv[1])))
