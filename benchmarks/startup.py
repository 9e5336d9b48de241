"""What a first answer costs a process that starts from nothing, as the system counts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.report import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

PLATFORM_LIBRARIES = ("discord", "slack_bolt", "slack_sdk", "aiohttp", "sqlalchemy")
# A process's peak memory counts what stood there before the program was loaded, so the program
# is started from a small one.
_LAUNCHER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@dataclass(frozen=True, slots=True)
class Startup:
    """One command, started several times."""

    command: str
    process_time_s: float
    """User and system time of the whole process, median."""
    worst_process_time_s: float
    peak_mb: float
    """Largest resident memory."""
    platform_libraries: tuple[str, ...]
    """Those that were imported although answering needs none."""


def measure(arguments: Sequence[str], repeats: int = 9) -> Startup:
    """Run `python -m bot` with these arguments and look at what it used.

    The first run compiles the program's byte code and does not count.

    Raises:
        RuntimeError: The command failed.
    """
    command = [sys.executable, "-m", "bot", *arguments]
    with TemporaryDirectory() as compiled:
        used = [_run(command, compiled) for _ in range(repeats + 1)][1:]
    times = [seconds for seconds, _ in used]
    return Startup(
        command=" ".join(("aibrief", *(f'"{a}"' if " " in a else a for a in arguments))),
        process_time_s=median(times),
        worst_process_time_s=max(times),
        peak_mb=max(kilobytes for _, kilobytes in used) / 1024,
        platform_libraries=_imported(arguments),
    )


def _run(command: Sequence[str], compiled: str) -> tuple[float, float]:
    """(process time in seconds, peak memory in KiB) of one run."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    launched = [sys.executable, "-S", "-c", _LAUNCHER, *command]
    done = subprocess.run(
        launched, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    status, seconds, peak = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command[1:])} failed: {done.stderr}")
    return seconds, peak / 1024 if sys.platform == "darwin" else peak


def _imported(arguments: Sequence[str]) -> tuple[str, ...]:
    """The platform libraries among what the interpreter reports to have imported."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return tuple(name for name in PLATFORM_LIBRARIES if name in names)
