"""`aibrief serve` as a process: ready, drained on a signal, exit code 0."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.setting_values import hide_secrets
from bot.settings import ROOT
from tests.deploy.paas import environment, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def get(port: int, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, None


@contextmanager
def serving(folder: Path, **given: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and its port, once it is ready."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env=environment(PORT=str(port), PYTHONPATH=str(ROOT), **given),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while get(port, "/readyz")[0] != 200:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with serving(tmp_path) as running:
        yield running


def library_of(port: int) -> dict[str, Any]:
    found: dict[str, Any] = (get(port, "/readyz")[1] or {}).get("library", {})
    return found


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ready_then_a_clean_end(
    served: tuple[subprocess.Popen[str], int], number: signal.Signals
) -> None:
    process, port = served
    status, told = get(port, "/readyz")
    assert (status, told["ready"]) == (200, True)
    assert told["parts"] == {"storage": True, "library": True, "news": True}
    assert told["library"]["problems"] == []
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert "component.starting" in events


def test_files_that_change_are_taken_up_or_told(tmp_path: Path) -> None:
    """From the file to `/readyz`, in the process that people run."""
    briefs = shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    brief = briefs / "governance.yaml"
    text = brief.read_text()
    with serving(tmp_path, BRIEFS_DIR=str(briefs)) as (_, port):
        first = library_of(port)["version"]
        brief.write_text(text.replace("gist:", "jist:"))
        wait_for(lambda: library_of(port).get("problems"))
        assert library_of(port)["version"] == first
        line = text[: text.index("\ngist:")].count("\n") + 2
        assert library_of(port)["problems"] == [f"governance.yaml:{line}"]
        assert get(port, "/readyz")[0] == 200
        brief.write_text(text + "# reviewed\n")
        wait_for(lambda: library_of(port).get("version", first) != first)
        assert library_of(port)["problems"] == []


def test_a_wrong_database_is_told_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "db", "upgrade"],
        env=os.environ | {"DATABASE_URL": "mysql://a:hunter2@b/c", "PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("aibrief: DATABASE_URL in the environment")
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "token xoxb-1-2-abcdef failed",
        "xapp-1-A-2-secret",
        "xoxe.xoxb-1-secret and xoxe-1-secret",
        "wss://host/link?ticket=secret&x=1",
        "postgresql://me:secret@host/db",
    ],
)
def test_logs_never_show_secrets(text: str) -> None:
    hidden = hide_secrets(text)
    assert "***" in hidden
    assert "secret" not in hidden
    assert "abcdef" not in hidden
