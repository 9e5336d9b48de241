"""Runs process types of the Procfile as a platform does: a shell, PORT, signals, exit codes."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

ROOT = Path(__file__).parents[2]
_OURS = (
    *("SLACK", "DISCORD", "DATABASE", "PORT", "BRIEFS", "CONFIG", "SCHEDULE", "AIBRIEF"),
    *("PLAYGROUND", "METRICS", "GAPS", "RELOAD", "READER"),
)
_SYSTEM = re.compile(r"\d\d:\d\d:\d\d system +\| .*\n")
_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")
_STARTED = re.compile(r"(\S+) started \(pid=(\d+)\)")


def free_port(following: int = 0) -> int:
    """A port that is free, with as many after it.

    Not one that the system hands out: connections take those between the look and the use.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        try:
            for each in range(port, port + following + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", each))
        except OSError:
            continue
        return port


def environment(**given: str) -> dict[str, str]:
    """The environment of a platform with these settings; `python` is ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1"} | given


@dataclass
class Running:
    """Processes under honcho, https://honcho.readthedocs.io , which stands for the platform."""

    process: asyncio.subprocess.Process
    port: int
    """The PORT of the first process; the next one of its type has the next number."""
    lines: list[str] = field(default_factory=list)
    _reader: asyncio.Task[None] | None = None

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(line.decode())

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def said(self, name: str) -> list[str]:
        """What a process wrote, without honcho's prefix.

        Honcho prints its own lines from a signal handler, so that one may stand within a line of
        a process.
        """
        mine = (line.partition("| ") for line in _SYSTEM.sub("", self.output).splitlines())
        return [text for prefix, _, text in mine if prefix.split()[1:2] == [name]]

    def exit_codes(self) -> Mapping[str, int]:
        """Name of a process such as `worker.1` -> its exit code."""
        return {name: int(code) for name, code in _STOPPED.findall(self.output)}

    def pids(self) -> list[int]:
        return [int(pid) for _, pid in _STARTED.findall(self.output)]

    def cpu_s(self) -> float:
        """Processor seconds that the first process has used."""
        fields = Path(f"/proc/{self.pids()[0]}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def events(self, name: str) -> int:
        return self.output.count(f'"event":"{name}"')

    async def get(self, path: str, port: int | None = None) -> tuple[int, Any]:
        url = f"http://127.0.0.1:{port or self.port}{path}"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return response.status, await response.json()
        except aiohttp.ClientError:
            return 0, None

    async def ready(self, port: int | None = None, within_s: float = 30.0) -> Any:
        """What `/readyz` says once it says yes."""
        async with asyncio.timeout(within_s):
            while True:
                status, said = await self.get("/readyz", port)
                if status == 200:
                    return said["parts"]
                assert self.process.returncode is None, self.output
                await asyncio.sleep(0.02)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Signal every process once and wait for the end; the seconds that it took."""
        begun = time.perf_counter()
        if number == signal.SIGTERM:
            self.process.terminate()  # honcho passes it on
        else:
            os.kill(self.pids()[0], number)
        assert self._reader
        await asyncio.wait_for(self._reader, 15)
        await self.process.wait()
        return time.perf_counter() - begun

    async def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process.returncode is None:
            for pid in self.pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            await asyncio.wait_for(self.process.wait(), 10)
        if self._reader:
            await self._reader


@asynccontextmanager
async def platform(folder: Path, *processes: str, **settings: str) -> AsyncIterator[Running]:
    """Start process types, such as `web`, or `worker=2`, until the block ends."""
    port = free_port(following=9)
    counts = [p if "=" in p else f"{p}=1" for p in processes]
    names = [p.partition("=")[0] for p in processes]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "honcho", "-d", str(ROOT), "-e", str(folder / "none.env"),
        "--no-colour", "start", "-p", str(port), "-c", ",".join(counts), *names,
        env=environment(**settings), cwd=folder, limit=2**20,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    running = Running(process, port)
    running._reader = asyncio.create_task(running.read())
    try:
        yield running
    finally:
        await running.end()


async def run_once(name: str, **settings: str) -> tuple[int, str]:
    """Run a process type to its end, as a release phase: exit code and output."""
    line = next(
        line
        for line in (ROOT / "Procfile").read_text().splitlines()
        if line.startswith(f"{name}: ")
    )
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", line.partition(": ")[2],
        env=environment(**settings), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode()


async def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.02)
