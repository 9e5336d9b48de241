"""How many signed slash commands a second, and how fast is the acknowledgement?

Our bot (`aibrief serve`, HTTP mode, SQLite) and a bare Bolt app take turns in the same run,
each as a process of its own; Slack is a small server in this one. Loopback only, bounded in
count and time. Run it with: make bench-slack
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import os
import platform
import socket
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot import parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).resolve().parent.parent
SECRET = "8f742231b10e8888abcd99eee0123456"
TIMEOUT_S = 120


@dataclass
class Round:
    """One burst of commands to one app."""

    acked_per_s: float
    answered_per_s: float
    ack_ms: list[float]
    answers: int
    cpu_ms: float = 0.0
    """Of a processor for each command, whatever else the machine was busy with."""


class Slack:
    """Counts what apps post to response URLs."""

    def __init__(self) -> None:
        self.answers = 0
        self.port = 0
        self._change = asyncio.Condition()

    async def reached(self, count: int) -> None:
        """Return once so many answers have come."""
        async with self._change:
            await self._change.wait_for(lambda: self.answers >= count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Slack]:
        app = web.Application()
        app.router.add_post("/api/auth.test", self._who)
        app.router.add_post("/respond/{id}", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    @staticmethod
    async def _who(_: web.Request) -> web.Response:
        who = {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT", "team": "T"}
        return web.json_response(who)

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        async with self._change:
            self.answers += 1
            self._change.notify_all()
        return web.Response(text="ok")


def asks(distinct: int) -> list[str]:
    """Questions as people write them: every brief and example ask, with small differences."""
    library = parts.load_catalog(parts.BRIEFS, parts.CONFIG).library
    known = [b.slug for b in library.briefs.values()]
    known += [ask for b in library.briefs.values() for ask in b.asks]
    known += [ask for s in library.snippets.values() for ask in s.asks]
    variants = ("{}", "{}?", "please {}", "tell me: {}", "so, {}", "hi, {} thanks")
    made = (v.format(a) for v in variants for a in known)
    return list(itertools.islice(made, distinct))


def signed(body: str) -> dict[str, str]:
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


async def burst(slack: Slack, port: int, texts: list[str], parallel: int, *, posts: bool) -> Round:
    """Send every text, `parallel` at a time, and wait for the last answer."""
    slack.answers = 0
    waiting = iter(enumerate(texts))
    times: list[float] = []
    url = f"http://127.0.0.1:{port}/slack/events"
    run = f"{time.time()}"

    async def person(session: aiohttp.ClientSession) -> None:
        for number, text in waiting:
            body = urlencode(
                {
                    "command": "/aibrief",
                    "text": text,
                    "team_id": "T1",
                    "channel_id": "C1",
                    "user_id": f"U{number}",
                    "trigger_id": f"{run}.{number}",
                    "response_url": f"http://127.0.0.1:{slack.port}/respond/{number}",
                }
            )
            headers = signed(body)
            began = time.perf_counter()
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()
                assert response.status == 200, response.status
            times.append((time.perf_counter() - began) * 1000)

    connector = aiohttp.TCPConnector(limit=parallel)
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(person(session) for _ in range(parallel)))
        acked = time.perf_counter() - began
        if posts:
            async with asyncio.timeout(TIMEOUT_S):
                await slack.reached(len(texts))
        done = time.perf_counter() - began
    return Round(len(texts) / acked, len(texts) / done, times, slack.answers)


@asynccontextmanager
async def process(
    arguments: list[str], port: int, env: dict[str, str], folder: str
) -> AsyncIterator[int]:
    child = await asyncio.create_subprocess_exec(
        *arguments, env=env, cwd=folder, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        yield child.pid
    finally:
        child.terminate()
        await child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_s(pid: int) -> float:
    """Seconds of a processor that a process has used so far, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    texts = asks(options.distinct)
    texts = (texts * (options.count // len(texts) + 1))[: options.count]
    rounds: dict[str, list[Round]] = {"aibrief": [], "echo respond": [], "echo ack": []}
    memory: dict[str, tuple[float, float]] = {}
    ports = {name: free_port() for name in rounds}
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK", "DISCORD"))}
    clean["PYTHONPATH"] = str(ROOT)
    python = sys.executable
    async with Slack().running() as slack:
        api = f"http://127.0.0.1:{slack.port}/api/"
        ours = clean | {
            "PORT": str(ports["aibrief"]),
            "SLACK_BOT_TOKEN": "xoxb-one",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": api,
            "DATABASE_URL": "sqlite:///bench.sqlite",
        }
        commands = {"aibrief": [python, "-m", "bot", "serve"]}
        for kind in ("respond", "ack"):
            name = f"echo {kind}"
            script = str(ROOT / "benchmarks" / "slack_echo_app.py")
            commands[name] = [python, script, kind, str(ports[name]), api, SECRET]
        with tempfile.TemporaryDirectory() as folder:
            for turn in range(options.rounds):
                for name, command in commands.items():
                    env = ours if name == "aibrief" else clean
                    async with process(command, ports[name], env, folder) as pid:
                        idle = resident_mb(pid)
                        posts = name != "echo ack"
                        await burst(slack, ports[name], texts[:50], 4, posts=posts)
                        used_s = cpu_s(pid)
                        result = await burst(
                            slack, ports[name], texts, options.parallel, posts=posts
                        )
                        result.cpu_ms = (cpu_s(pid) - used_s) * 1000 / len(texts)
                        rounds[name].append(result)
                        memory[name] = (idle, resident_mb(pid))
                    print(f"round {turn + 1}: {name}: {told(result)}", file=sys.stderr)
    return report(rounds, memory, options)


def told(result: Round) -> str:
    return (
        f"{result.acked_per_s:.0f} acknowledged/s, {result.answered_per_s:.0f} answered/s, "
        f"p99 {percentile(result.ack_ms, 99):.0f} ms, {result.cpu_ms:.2f} ms of CPU a command"
    )


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def report(
    rounds: dict[str, list[Round]],
    memory: dict[str, tuple[float, float]],
    options: argparse.Namespace,
) -> dict[str, Any]:
    apps: dict[str, dict[str, Any]] = {}
    for name, results in rounds.items():
        every = [t for r in results for t in r.ack_ms]
        apps[name] = {
            "acknowledged_per_s": round(statistics.median(r.acked_per_s for r in results), 1),
            "answered_per_s": round(statistics.median(r.answered_per_s for r in results), 1),
            "cpu_ms_per_command": round(statistics.median(r.cpu_ms for r in results), 2),
            "ack_p50_ms": round(percentile(every, 50), 1),
            "ack_p99_ms": round(percentile(every, 99), 1),
            "idle_mb": round(memory[name][0], 1),
            "after_mb": round(memory[name][1], 1),
            "answers": [r.answers for r in results],
        }
    ratio = {
        f"{what} vs {name}": round(apps["aibrief"][what] / apps[name][what], 2)
        for name in ("echo respond", "echo ack")
        for what in ("acknowledged_per_s", "answered_per_s")
    }
    ratio["commands per CPU second vs echo respond"] = round(
        apps["echo respond"]["cpu_ms_per_command"] / apps["aibrief"]["cpu_ms_per_command"], 2
    )
    return {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "commands": options.count,
        "distinct": options.distinct,
        "parallel": options.parallel,
        "rounds": options.rounds,
        "apps": apps,
        "ratio": ratio,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1500, help="commands in a round")
    parser.add_argument("--distinct", type=int, default=500, help="different questions")
    parser.add_argument("--parallel", type=int, default=16, help="at the same time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--least", type=float, help="fail below this ratio of acknowledgements")
    options = parser.parse_args()
    result = asyncio.run(measure(options))
    print(json.dumps(result, indent=2))
    if options.least and result["ratio"]["acknowledged_per_s vs echo ack"] < options.least:
        sys.exit(f"below {options.least}")


if __name__ == "__main__":
    main()
