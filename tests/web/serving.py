"""`aibrief serve` as a process on loopback, as a newcomer starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

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
    assert process.stdout
    try:
        yield _address(process)
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0, rest
        assert "web.failed" not in rest


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    told = []
    for line in process.stdout:
        told.append(line)
        if '"playground.listening"' in line:
            return str(json.loads(line)["address"])
    raise AssertionError("".join(told))


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
        process.terminate()
        process.wait(20)
        os.close(outer)
    return written.decode()
