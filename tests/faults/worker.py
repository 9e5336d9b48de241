"""One process that delivers with the real posters: `python -m tests.faults.worker '{...}'`."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from bot import parts
from bot.app import SchedulingContext, build_scheduler
from bot.cli.operating import end_on_signals, set_up_logging
from bot.platforms import wire
from bot.platforms.base import PlatformContext
from bot.platforms.discord.client import DiscordOptions
from bot.platforms.discord.discord_component import DiscordComponent
from bot.platforms.discord.slash_commands import load_command_texts
from bot.platforms.slack.manifest import SlackConfig
from bot.platforms.slack.slack_component import SlackComponent
from bot.service.assistant import Assistant
from bot.service.supervisor import Supervisor
from bot.settings import load_settings
from bot.storage.database import build_engine
from bot.storage.deliveries import SqlDeliveries
from bot.storage.store import SqlStore
from tests.fakes.slack import APP_TOKEN
from tests.faults.platforms import TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.service.ports import Component


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


class Point:
    """A named moment of a delivery, at which this process is killed or stopped."""

    def __init__(self, name: str, nth: int, sent: str) -> None:
        self._name = name
        self._left = nth
        self._signal = signal.Signals[sent]

    def install(self) -> None:
        """Have it happen."""
        log: Any = SqlDeliveries
        fences: Any = wire
        match self._name:
            case "planned":
                log.plan_due = self._after(log.plan_due, lambda found: found.count)
            case "taken":
                log.take = self._after(log.take, bool)
            case "claimed":
                log.claim = self._after(log.claim, bool)
            case "sending":
                fences._check = self._before(wire._check, lambda: wire._fence.get() is not None)
            case "answered":
                log.settle = self._before(log.settle, lambda: True)
            case "settled":
                log.settle = self._after(log.settle, bool)

    def _after(
        self, method: Callable[..., Awaitable[Any]], counts: Callable[[Any], object]
    ) -> Callable[..., Awaitable[Any]]:
        async def work(*args: Any, **more: Any) -> Any:
            found = await method(*args, **more)
            if counts(found):
                self._passed()
            return found

        return work

    def _before(
        self, method: Callable[..., Awaitable[Any]], counts: Callable[[], object]
    ) -> Callable[..., Awaitable[Any]]:
        async def work(*args: Any, **more: Any) -> Any:
            if counts():
                self._passed()
            return await method(*args, **more)

        return work

    def _passed(self) -> None:
        self._left -= 1
        if self._left == 0:
            sys.stderr.write("reached\n")
            sys.stderr.flush()
            os.kill(os.getpid(), self._signal)


def shifted_clock(file: str | None) -> Callable[[], datetime]:
    """The clock, as far off as the file says, in seconds."""
    if file is None:
        return parts.clock
    path = Path(file)
    return lambda: parts.clock() + timedelta(seconds=float(path.read_text() or 0))


async def work(given: dict[str, Any]) -> None:
    stop = asyncio.Event()
    done = end_on_signals(stop)
    if given.get("count"):
        counts = Counts()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, counts.tell)
    if point := given.get("point"):
        Point(**point).install()
    clock = shifted_clock(given.get("clock"))
    catalog = parts.load_catalog(parts.BRIEFS, parts.CONFIG)
    engine = build_engine(given["database"])
    store = SqlStore(engine)
    assistant = Assistant(catalog, store, parts.new_id)
    slack = SlackComponent(
        SlackConfig(given["slack"], bot_token="xoxb-one", app_token=APP_TOKEN),
        PlatformContext(load_settings({}), assistant, store, engine, clock),
    )
    discord = DiscordComponent(
        DiscordOptions(TOKEN, given["discord"], ready_after_s=0.05),
        assistant,
        store,
        load_command_texts(parts.CONFIG),
        clock,
    )
    scheduler = build_scheduler(
        SchedulingContext(
            engine=engine,
            posters={"slack": slack.poster, "discord": discord.poster},
            catalog=lambda: catalog,
            clock=clock,
            **given.get("waits", {}),
        )
    )
    running: list[Component] = [slack, discord, scheduler]
    telling = asyncio.create_task(tell_when(lambda: all(part.ready() for part in running)))
    await Supervisor(running).run(stop)
    done()
    telling.cancel()
    await engine.dispose()


async def tell_when(ready: Callable[[], bool]) -> None:
    while not ready():
        await asyncio.sleep(0.02)
    sys.stderr.write("ready\n")
    sys.stderr.flush()


if __name__ == "__main__":
    set_up_logging(level="INFO")
    asyncio.run(work(json.loads(sys.argv[1])))
