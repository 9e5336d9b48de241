"""`aibrief deliveries` and `aibrief schedules` on a database."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import bootstrap
from bot.bootstrap.schedules import log_scheduling, new_schedule_id, schedules_on
from bot.cli.app import main
from bot.core.schedule import Delivery, State
from bot.core.subscription import Change, Content, Kind, Rhythm, Subscription, Target
from bot.settings import Secret, Settings, load_settings, wiping_host

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MADE = Subscription(
    id="abcde",
    target=Target("slack", "T1", "C1"),
    content=Content(Kind.ASKS, ("china-vs-us",)),
    rhythm=Rhythm("0 9 * * 1-5", "Europe/Berlin"),
    owner="U1",
    created_at=NOW,
    next_at=NOW,
)


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.sqlite")

    async def fill() -> None:
        async with bootstrap.schedule_stores(load_settings()) as (subscriptions, log):
            await subscriptions.put(MADE, Change("abcde", NOW, "U1", "added"))
            failed = Delivery("abcde:1", "abcde", NOW, state=State.FAILED, reason="is_archived")
            await log.record([failed, Delivery("abcde:2", "abcde", NOW, State.SENT)], NOW)

    asyncio.run(fill())


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(args)
    return int(ended.value.code or 0)


def test_what_failed_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("deliveries", "--state", "failed", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    shown = json.loads(line)
    assert (shown["key"], shown["reason"]) == ("abcde:1", "is_archived")
    assert run("deliveries") == 0
    table = capsys.readouterr().out
    assert "is_archived" in table
    assert "2026-11-24 09:00" in table
    assert run("deliveries", "--state", "lost") == 1
    assert "takes one of due, sending" in capsys.readouterr().err


def test_retry(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("deliveries", "retry") == 1
    assert run("deliveries", "retry", "abcde:2") == 1
    told = capsys.readouterr()
    assert "not failed" in told.err
    assert told.out == ""
    assert run("deliveries", "retry", "--failed") == 0
    assert capsys.readouterr().out.startswith("abcde:1\n")
    assert run("deliveries", "--state", "retry", "--json") == 0
    assert json.loads(capsys.readouterr().out)["key"] == "abcde:1"


def test_backup_and_restore(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("schedules", "export") == 0
    file = tmp_path / "backup.yaml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("schedules", "import", str(file)) == 0
    assert "1 schedule is stored" in capsys.readouterr().out

    async def stored() -> Subscription:
        async with bootstrap.schedule_stores(load_settings()) as (subscriptions, _):
            (found,) = await subscriptions.all_subscriptions()
            return found

    restored = asyncio.run(stored())
    assert restored.content == MADE.content
    assert restored.next_at
    assert restored.next_at > datetime.now(UTC)
    assert run("schedules", "import", "/no/such/file") == 1
    assert "/no/such/file cannot be read: No such file" in capsys.readouterr().err
    file.write_text("schedules:\n  - [x\n", encoding="utf-8")
    assert run("schedules", "import", str(file)) == 1
    assert f"{file}:3 is not YAML" in capsys.readouterr().err
    assert run("deliveries", "--schedule", "other") == 0
    assert capsys.readouterr().out.startswith("No run is coming")


@pytest.mark.parametrize(
    ("given", "host", "on", "told"),
    [
        ({}, None, True, ["schedules.in_a_file"]),
        ({}, "Heroku", False, ["schedules.off"]),
        ({"schedules": "on"}, "Heroku", True, ["schedules.in_a_file"]),
        ({"schedules": "off"}, None, False, []),
        ({"database_url": Secret("sqlite:////data/x")}, "Fly.io", True, []),
    ],
)
def test_whether_schedules_run(
    given: dict[str, Any], host: str | None, on: bool, told: list[str]
) -> None:
    settings = Settings(**given)
    assert schedules_on(settings, host) is on
    with capture_logs() as logs:
        log_scheduling(settings, host)
    assert [entry["event"] for entry in logs] == told


def test_hosts_that_wipe_the_disk() -> None:
    assert wiping_host({"DYNO": "worker.1"}) == "Heroku"
    assert wiping_host({"HOME": "/root"}) is None


def test_ids_are_easy_to_type() -> None:
    assert all(new_schedule_id().isalnum() for _ in range(20))
    assert len({new_schedule_id() for _ in range(50)}) > 45
