"""One process that delivers: `python -m tests.faults.worker '{"database": ..., ...}'`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp

from bot import bootstrap
from bot.bootstrap.schedules import Given, build_scheduler
from bot.cli.logs import set_up_logging
from bot.cli.serving import end_on_signals
from bot.service.supervisor import Supervisor
from bot.storage.database import build_engine
from bot.storage.store import SqlStore
from tests.faults.poster import HttpPoster


async def work(given: dict[str, Any]) -> None:
    stop = asyncio.Event()
    end_on_signals(stop)
    catalog = bootstrap.load_catalog(bootstrap.BRIEFS, bootstrap.CONFIG)
    engine = build_engine(given["database"])
    async with aiohttp.ClientSession() as session:
        poster = HttpPoster(session, given["platform"])
        scheduler = build_scheduler(
            Given(
                engine=engine,
                answers=SqlStore(engine),
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
