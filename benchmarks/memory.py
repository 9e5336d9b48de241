"""Memory of the whole bot, idle and connected, beside a bare discord.py + Bolt process.

Both connect to the same fakes on loopback in the same run. `rss` is what a platform counts,
`own` leaves out what other processes share (PSS). Exit code 1 above the limit.

    python benchmarks/memory.py [--settle 20] [--limit 200] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.fakes.discord import FakeDiscord  # noqa: E402
from tests.fakes.discord import running as discord_running  # noqa: E402
from tests.fakes.slack import APP_TOKEN, FakeSlack  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"
LIMIT_MB = 200.0
SCHEDULE = """
schedules:
  - {id: bench, platform: slack, workspace: T1, channel: C1, owner: U1,
     content: {kind: asks, asks: [china-vs-us]}, rhythm: {cron: "0 9 1 1 *", zone: Europe/Berlin}}
"""
"""One that is due on New Year's Day: the engine of deliveries is loaded once there is any."""


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process, in MB of 2**20 bytes."""
    rows = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    sizes = {row[0]: int(row[1]) for row in rows if len(row) == 3}
    return sizes["Rss:"] / 1024, sizes["Pss:"] / 1024


@asynccontextmanager
async def started(command: Sequence[str], env: dict[str, str]) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.DEVNULL, cwd=env["FOLDER"]
    )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def connected(slack: FakeSlack, discord: FakeDiscord, pid: int) -> None:
    """Wait until the process has a socket at both; fail when it has ended."""
    try:
        async with asyncio.timeout(60):
            while not (slack.sockets and discord.gateway.sessions):
                os.kill(pid, 0)
                await asyncio.sleep(0.1)
    except (TimeoutError, ProcessLookupError):
        raise SystemExit("the process did not connect to both fakes") from None


async def add_schedule(env: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "schedules", "import", "-",
        env=env, cwd=env["FOLDER"], stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await process.communicate(SCHEDULE.encode())
    if process.returncode:
        raise SystemExit("the schedule could not be stored")


async def measure(command: Sequence[str], settle_s: float, **settings: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with FakeSlack() as slack, discord_running(TOKEN) as discord:
            env = os.environ | {
                "FOLDER": folder,
                "PYTHONPATH": str(ROOT),
                "SLACK_API_URL": slack.api_url,
                "SLACK_BOT_TOKEN": "xoxb-one",
                "SLACK_APP_TOKEN": APP_TOKEN,
                "DISCORD_API_URL": discord.base,
                "DISCORD_TOKEN": TOKEN,
                "GATEWAY": discord.gateway.url,
                **settings,
            }
            if settings.get("SCHEDULES") == "on":
                await add_schedule(env)
            async with started(command, env) as pid:
                await connected(slack, discord, pid)
                await asyncio.sleep(settle_s)
                os.kill(pid, 0)
                return memory_mb(pid)


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--settle", type=float, default=20.0, help="seconds idle before reading")
    parser.add_argument("--limit", type=float, default=LIMIT_MB)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    serve = [sys.executable, "-m", "bot", "serve"]
    bare = [sys.executable, str(ROOT / "benchmarks" / "bare_bot.py")]
    found: dict[str, tuple[float, float]] = {}
    for name, command, settings in (
        ("bare discord.py + Bolt", bare, {}),
        ("aibrief without schedules", serve, {"SCHEDULES": "off"}),
        ("aibrief, everything on", serve, {"SCHEDULES": "on"}),
    ):
        found[name] = await measure(command, options.settle, **settings)
        print(f"{name:28} rss {found[name][0]:6.1f} MB   own {found[name][1]:6.1f} MB", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    most = found["aibrief, everything on"][0]
    print(f"limit {options.limit:.0f} MB: {'kept' if most <= options.limit else 'EXCEEDED'}")
    return 0 if most <= options.limit else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
