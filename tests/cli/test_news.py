"""`aibrief news`: today's files against what the running bot has written down."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import parts
from bot.answering.changes import Known, known_statements
from bot.cli.command_line import main
from bot.settings import load_settings
from bot.storage.statement_rows import SqlStatements

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def briefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "briefs"
    shutil.copytree(parts.BRIEFS, folder)
    monkeypatch.setenv("BRIEFS_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.sqlite")
    return folder


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(("news", *args))
    code = ended.value.code
    return code if isinstance(code, int) else 0


def remember(days_ago: int, *, gone: bool = True) -> None:
    """As the running bot does, so many days ago; by default with a statement that is gone now."""

    async def write() -> None:
        settings = load_settings()
        await parts.upgrade_database(settings)
        engine = parts.build_engine(settings)
        catalog = parts.load_catalog(settings.briefs_dir, settings.config_dir)
        old = {"gone": Known("1", "old", "An old brief")} if gone else {}
        known = {**known_statements(catalog), **old}
        at = parts.clock() - timedelta(days=days_ago)
        await SqlStatements(engine).record(known, frozenset(), at)
        await engine.dispose()

    asyncio.run(write())


def test_nothing_is_remembered_yet(briefs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert "aibrief serve" in capsys.readouterr().out
    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out)["since"] is None


def test_what_is_new(briefs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(3)
    file = briefs / "reactions.yaml"
    text = file.read_text(encoding="utf-8")
    shown = parts.load_catalog(briefs, parts.CONFIG).library.snippets["reaction-us"].text
    assert shown in text
    file.write_text(text.replace(shown, "The US wants to stay ahead."), encoding="utf-8")
    assert run("--json") == 0
    told = json.loads(capsys.readouterr().out)
    known_from = (parts.clock() - timedelta(days=3)).date()
    assert told["since"] == known_from.isoformat()
    assert [each["id"] for each in told["changed"]] == ["reaction-us"]
    assert told["changed"][0]["text"] == "The US wants to stay ahead."
    assert told["added"] == []
    assert told["withdrawn"] == [{"id": "gone", "brief": "old", "title": "An old brief"}]
    assert run() == 0
    out = capsys.readouterr().out
    assert f"Changes are known from {known_from} on." in out
    assert "reaction-us (reactions): The US wants to stay ahead. [" in out
    assert "gone (An old brief)" in out


def test_nothing_is_new(briefs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(40, gone=False)
    assert run() == 0
    since = (parts.clock() - timedelta(days=14)).date()
    told = f"Nothing was added, changed or withdrawn since {since}.\n"
    assert capsys.readouterr().out == told


def test_a_day_to_come(briefs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--since", "2999-01-01") == 1
    assert "is to come" in capsys.readouterr().err
