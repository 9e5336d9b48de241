"""`aibrief deliveries` and `aibrief schedules` on a database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import parts
from bot.app import log_scheduling, new_schedule_id
from bot.cli.command_line import main
from bot.cli.schedules import schedule_stores
from bot.parts import schedules_on
from bot.schedules.calls import preview_words
from bot.schedules.subscription import (
    Change,
    Content,
    ContentKind,
    Delivery,
    State,
    Subscription,
    Target,
)
from bot.setting_values import Secret
from bot.settings import Settings, load_settings, wiping_host
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MADE = Subscription(
    id="abcde",
    target=Target("slack", "T1", "C1"),
    content=Content(ContentKind.ASKS, ("china-vs-us",)),
    trigger=cron_trigger("0 9 * * 1-5", "Europe/Berlin"),
    owner="U1",
    created_at=NOW,
    next_at=NOW,
)


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.sqlite")

    async def fill() -> None:
        async with schedule_stores(load_settings()) as (subscriptions, log):
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
    assert "2026-11-24" in table
    assert run("deliveries", "--state", "lost") == 1
    assert "takes one of due, sending" in capsys.readouterr().err


def test_a_reason_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    reason = "[/ssl] a long reason that does not fit on one line"
    key = "abcde:20261124T090000Z:notice"

    async def fail() -> None:
        async with schedule_stores(load_settings()) as (_, log):
            failed = Delivery(key, "abcde", NOW, state=State.FAILED, reason=reason)
            await log.record([failed], NOW)

    asyncio.run(fail())
    assert run("deliveries") == 0
    shown = capsys.readouterr().out
    assert key in shown
    assert "[/ssl]" in shown


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ((), {"abcde:1", "abcde:2", "waits"}),
        (("--platform", "slack"), {"abcde:1", "abcde:2"}),
        (("--platform", "discord"), set()),
        (("--workspace", "T1", "--channel", "C1"), {"abcde:1", "abcde:2"}),
        (("--channel", "C2"), set()),
        (("--since", "30m"), {"waits"}),
        (("--since", "2026-11-24"), {"abcde:1", "abcde:2", "waits"}),
        (("--state", "due"), {"waits"}),
    ],
)
def test_filters(
    capsys: pytest.CaptureFixture[str], filters: tuple[str, ...], keys: set[str]
) -> None:
    due = parts.clock() - timedelta(minutes=20)

    async def wait() -> None:
        async with schedule_stores(load_settings()) as (_, log):
            await log.record([Delivery("waits", "gone", due)], due)

    asyncio.run(wait())
    assert run("deliveries", "--json", *filters) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["key"] for one in shown} == keys
    assert all((one["waits_s"] is not None) == (one["key"] == "waits") for one in shown)
    assert run("deliveries", *filters) == 0
    assert "was due 0:20:0" in capsys.readouterr().out


def test_a_time_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("soon", "h", "999999999999d", "2026-13-01"):
        assert run("deliveries", "--since", wrong) == 1
        assert "--since takes 90m" in capsys.readouterr().err


def test_no_secret_in_a_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2-and-more")

    async def fail() -> None:
        async with schedule_stores(load_settings()) as (_, log):
            reason = "refused hunter2-and-more"
            failed = Delivery("k", "abcde", NOW, state=State.FAILED, reason=reason)
            await log.record([failed], NOW)

    asyncio.run(fail())
    for more in ((), ("--json",)):
        assert run("deliveries", *more) == 0
        shown = capsys.readouterr().out
        assert "refused ***" in shown
        assert "hunter2" not in shown


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
        async with schedule_stores(load_settings()) as (subscriptions, _):
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


def test_a_backup_knows_what_changes_were_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = replace(MADE, content=Content(ContentKind.CHANGES), last_library="v1")

    async def fill() -> None:
        async with schedule_stores(load_settings()) as (subscriptions, log):
            await log.keep_library("v1", {"a-snippet": "0123456789ab"}, NOW)
            await subscriptions.put(changes, Change("abcde", NOW, "U1", "edited"))

    async def told() -> object:
        async with schedule_stores(load_settings()) as (_, log):
            return await log.digests("v1")

    asyncio.run(fill())
    assert run("schedules", "export") == 0
    backup = capsys.readouterr().out
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite")
    assert asyncio.run(told()) is None
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(backup.encode())))
    assert run("schedules", "import", "-") == 0
    assert asyncio.run(told()) == {"a-snippet": "0123456789ab"}
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"schedules: []\nlibraries: [1]")))
    assert run("schedules", "import", "-") == 1
    assert "as `schedules export` writes it" in capsys.readouterr().err


def test_who_did_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    async def remove() -> None:
        async with schedule_stores(load_settings()) as (subscriptions, _):
            await subscriptions.remove("abcde", Change("abcde", NOW, "U2", "removed", "x"))

    asyncio.run(remove())
    assert run("schedules", "history", "abcde") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3:6] for line in lines] == [
        ["abcde", "removed", "by"],
        ["abcde", "added", "by"],
    ]
    assert "U2" in lines[0]
    assert run("schedules", "history", "--limit", "1") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


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


CASES = [
    line.split("\t")
    for line in Path(__file__).with_name("phrases.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(
    "content", ["china-vs-us", "what comes next", "which models are cheaper?"]
)
@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_phrases_run_when_their_words_say(
    capsys: pytest.CaptureFixture[str], catalog: Catalog, case: list[str], content: str
) -> None:
    phrase, expected = case[0], case[1]
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    found = preview_words(f"{phrase} {content}", catalog, "Europe/Berlin", now).as_json()
    if expected == "refuse":
        assert not found["ok"]
        assert found["message"]
        return
    *runs, zone = expected.split()
    assert found["ok"], found
    assert (found["runs"], found["zone"]) == (runs, zone)
    sent = {"what comes next": "what-comes-next"}.get(content, content)
    assert found["content"] == sent


def test_a_preview_is_one_object_or_a_line_for_each_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    phrase = "every other monday 9:00 china-vs-us"
    when = ("--zone", "Berlin", "--now", "2026-11-29T12:00Z")
    assert run("schedules", "preview", phrase, *when, "--count", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "zone": "Europe/Berlin",
        "runs": ["2026-11-30T09:00", "2026-12-14T09:00"],
        "content": "china-vs-us",
    }
    assert run("schedules", "preview", phrase, *when) == 0
    assert capsys.readouterr().out.splitlines()[1] == "Mon 2026-11-30 09:00"
    assert run("schedules", "preview", "mondya 25:00 china-vs-us", *when, "--json") == 0
    refused = json.loads(capsys.readouterr().out)
    assert (refused["ok"], "25:00" in refused["message"]) == (False, True)
    assert run("schedules", "preview", "mondays 9:00 china-vs-us") == 1
    assert "In which time zone?" in capsys.readouterr().out
    for wrong in (("--zone", "Gotham"), ("--now", "later"), ("--count", "0")):
        assert run("schedules", "preview", phrase, *wrong) == 1


def test_the_schedules_of_a_workspace_are_deleted_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("schedules", "forget", "slack", "T1") == 0
    assert "1 schedule is deleted" in capsys.readouterr().out
    assert run("schedules", "history") == 0
    assert capsys.readouterr().out == ""
