"""The doctor: green or red, what to do, and nothing changed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from sqlalchemy import text

from bot.cli.doctor import judge_clock, judge_file
from bot.schedules.subscription import Change
from bot.storage.database import build_engine, upgrade
from bot.storage.subscription_rows import SqlSubscriptions
from tests.cli.test_schedules import MADE
from tests.deploy.paas import ROOT, environment
from tests.fakes.discord import CHANNEL
from tests.fakes.discord import running as discord_running
from tests.fakes.slack import APP_TOKEN, FakeSlack

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"


async def doctor(folder: Path, *args: str, **settings: str) -> tuple[int, str]:
    env = environment(PYTHONPATH=str(ROOT), **settings)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", *args, env=env, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode()


async def checks(folder: Path, *args: str, **settings: str) -> dict[str, Any]:
    code, out = await doctor(folder, "--json", *args, **settings)
    said = json.loads(out)
    assert said["ok"] is (code == 0)
    return {check["name"]: check for check in said["checks"]}


async def test_a_fresh_checkout_is_green_and_stays_untouched(tmp_path: Path) -> None:
    code, out = await doctor(tmp_path)
    assert code == 0, out
    for name in ("settings", "library", "database", "disk", "schedules", "clock", "time zones"):
        assert f"ok    {name}: " in out
    assert "slack: Not set up." in out
    assert "not made yet; `aibrief serve` or `aibrief db upgrade` makes it" in " ".join(
        out.split()
    )
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_everything_connected(tmp_path: Path) -> None:
    async with FakeSlack() as slack, discord_running(TOKEN) as discord:
        found = await checks(
            tmp_path,
            "--channel",
            f"discord:{CHANNEL}",
            DATABASE_URL=f"sqlite:///{tmp_path}/a.sqlite",
            SLACK_API_URL=slack.api_url,
            SLACK_BOT_TOKEN="xoxb-one",
            SLACK_APP_TOKEN=APP_TOKEN,
            DISCORD_API_URL=discord.base,
            DISCORD_TOKEN=TOKEN,
        )
    assert {"slack bot token", "slack app token", "discord token"} <= found.keys()
    assert "right within 60 s" in found["clock"]["message"]
    # The commands are registered when the bot first starts.
    assert [n for n, c in found.items() if not c["ok"]] in ([], ["discord commands"])


async def test_a_disk_that_is_wiped_is_red(tmp_path: Path) -> None:
    found = await checks(tmp_path, DYNO="worker.1")
    assert {name for name, check in found.items() if not check["ok"]} == {"disk", "schedules"}
    assert "Heroku wipes the disk" in found["disk"]["message"]
    assert "DATABASE_URL" in found["disk"]["fix"]


async def test_a_row_that_cannot_be_read_and_a_password_in_a_url(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.sqlite"
    engine = build_engine(url)
    await upgrade(engine)
    await SqlSubscriptions(engine).put(MADE, Change(MADE.id, MADE.created_at, "U1", "added"))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE subscriptions SET rhythm = '[]'"))
    await engine.dispose()
    found = await checks(tmp_path, DATABASE_URL=url)
    assert "It is stopped: the stored schedule" in found["schedule abcde"]["message"]
    assert not found["schedule abcde"]["ok"]
    secret = "postgresql://127.0.0.1:9/x?user=me&password=hunter22"
    code, out = await doctor(tmp_path, DATABASE_URL=secret)
    assert code == 1
    assert "hunter22" not in out


async def test_wrong_settings_are_all_there_is_to_say(tmp_path: Path) -> None:
    code, out = await doctor(tmp_path, PORT="many", SLACK_BOT_TOKEN="hunter2")
    assert code == 1
    assert "PORT in the environment" in out
    assert "it must start with xoxb-" in out
    assert "hunter2" not in out


async def test_a_library_and_a_database_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    found = await checks(
        tmp_path,
        BRIEFS_DIR=str(tmp_path / "none"),
        DATABASE_URL="postgres://me:hunter2@127.0.0.1:9/none",
    )
    assert not found["library"]["ok"]
    assert not found["database"]["ok"]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("file", "host", "mounts", "ok"),
    [
        ("/srv/bot/aibrief.sqlite", None, {"/"}, True),
        ("/app/aibrief.sqlite", "Heroku", {"/"}, False),
        ("/data/aibrief.sqlite", "Fly.io", {"/", "/data"}, True),
        ("/data/deep/down/aibrief.sqlite", "Railway", {"/", "/data"}, True),
        ("/database/aibrief.sqlite", "Render", {"/", "/data"}, False),
    ],
)
def test_files_last_on_volumes_only(
    file: str, host: str | None, mounts: set[str], ok: bool
) -> None:
    check = judge_file(Path(PurePosixPath(file)), host, lambda folder: str(folder) in mounts)
    assert check.ok is ok
    assert bool(check.fix) is not ok


@pytest.mark.parametrize(("ahead_s", "ok"), [(0, True), (-59, True), (61, False), (-3600, False)])
def test_clocks(ahead_s: float, ok: bool) -> None:
    check = judge_clock(ahead_s, "12:00 UTC")
    assert check.ok is ok
    if not ok:
        assert ("ahead" if ahead_s > 0 else "behind") in check.message
