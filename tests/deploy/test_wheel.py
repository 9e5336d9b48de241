"""The built package holds all that it needs: it answers, and starts a library, from elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from bot.cli.command_line import main
import bot
assert bot.__file__.startswith(sys.argv[1]), bot.__file__
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the wheel in a folder of their own."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "bot", source / "bot", ignore=ignored)
    built = source / "wheels"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", built, source], check=True, timeout=120
    )
    (wheel,) = built.glob("*.whl")
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_it_begins_a_library_and_answers_from_it(installed: Path, tmp_path: Path) -> None:
    def run(*words: str, folder: Path = tmp_path) -> str:
        done = subprocess.run(
            [sys.executable, "-c", RUN, str(installed), *words],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "library")
    briefs = ("--briefs", "library/briefs", "--config", "library/config")
    assert "[S1:" in run("ask", "when is the reading room open", *briefs)
    told = run("schedules", "preview", "jeden Montag um 9 Uhr Berlin", folder=tmp_path / "library")
    assert told.count("Mon 20") == 5
