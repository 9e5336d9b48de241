"""`aibrief serve` as a process on loopback, as a newcomer starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.deploy.paas import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """The address of the playground, until the block ends; the process must end well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env=environment(PYTHONPATH=str(ROOT), **settings),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told: list[str] = []
    # Read all the time: a pipe that is full would stop the process.
    reader = threading.Thread(target=_read, args=(process, told))
    reader.start()
    try:
        yield _address(process, told)
    finally:
        _end(process)
        reader.join()
        assert process.stdout
        process.stdout.close()
        assert process.returncode == 0, "".join(told)
        assert "web.failed" not in "".join(told)


def _read(process: subprocess.Popen[str], told: list[str]) -> None:
    assert process.stdout
    told.extend(process.stdout)


def _address(process: subprocess.Popen[str], told: list[str]) -> str:
    while process.poll() is None:
        for line in told:
            if '"playground.listening"' in line:
                return str(json.loads(line)["address"])
        time.sleep(0.02)
    raise AssertionError("".join(told))


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def on_a_terminal(folder: Path, until: str) -> str:
    """What `aibrief serve` writes on a terminal, up to and with this text."""
    import pty  # noqa: PLC0415 - there is none on Windows

    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env=environment(PYTHONPATH=str(ROOT), TERM="dumb"),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
    )
    os.close(inner)
    written = b""
    try:
        while until.encode() not in written:
            written += os.read(outer, 4096)
    finally:
        _end(process)
        os.close(outer)
    return written.decode()
