"""The Procfile's processes as a platform runs them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.paas import ROOT, platform, run_once, until
from tests.fakes.discord import running as discord_running
from tests.fakes.slack import APP_TOKEN, SIGNING_SECRET, FakeSlack

DISCORD_TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"
PRIVATE = "zanzibar"
BOOT_S, END_S = 5.0, 5.0


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/aibrief.sqlite"
    url: str = request.getfixturevalue("empty_postgres")
    return url


async def test_boots_answers_on_its_port_and_ends(tmp_path: Path, database: str) -> None:
    begun = time.perf_counter()
    async with platform(tmp_path, "web", DATABASE_URL=database) as bot:
        assert await bot.ready() == {"library": True, "storage": True, "news": True}
        took_s, cpu_s = time.perf_counter() - begun, bot.cpu_s()
        assert (await bot.get("/healthz"))[0] == 200
        ended_s = await bot.stop()
        assert bot.exit_codes() == {"web.1": 0}, bot.output
    # Where others use the machine too, each gets its share of it only.
    busy = max(1.0, 1.2 * os.getloadavg()[0] / (os.cpu_count() or 1))
    assert cpu_s < BOOT_S
    assert took_s < BOOT_S * busy
    assert ended_s < END_S
    said = [json.loads(line) for line in bot.said("web.1")]
    assert all({"event", "level", "timestamp"} <= set(line) for line in said)
    assert "set DISCORD_TOKEN" in next(
        line["fix"] for line in said if line["event"] == "serve.no_platform"
    )


def connected(slack: FakeSlack, discord: Any, database: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": "xoxb-one",
        "SLACK_APP_TOKEN": APP_TOKEN,
        "DISCORD_API_URL": discord.base,
        "DISCORD_TOKEN": DISCORD_TOKEN,
    }


async def test_a_worker_alone_loses_nothing_when_it_is_ended_under_load(
    tmp_path: Path, database: str
) -> None:
    async with FakeSlack() as slack, discord_running(DISCORD_TOKEN) as discord:
        settings = connected(slack, discord, database)
        async with platform(tmp_path, "worker", **settings) as bot:
            parts = await bot.ready()
            assert {"slack", "discord", "schedules"} <= {k for k, v in parts.items() if v}
            await until(lambda: discord.gateway.sessions)
            people = [f"U{n}" for n in range(100, 140)]
            commands = [
                asyncio.create_task(slack.slash(f"{PRIVATE} china vs us", user=p)) for p in people
            ]
            for n in range(10):
                await discord.mention(f"{PRIVATE} what comes next", author=person_of_discord(n))
            await until(lambda: len(slack.posted) >= 5)
            ended_s = await bot.stop()
            acked = [p for p, c in zip(people, commands, strict=True) if (await c).ok]
            assert bot.exit_codes() == {"worker.1": 0}, bot.output
        assert ended_s < END_S
        assert acked
        answered = {posted.only_for for posted in slack.posted}
        assert set(acked) - answered == set()
        assert len(discord.posts) == 10
        assert "drain.cut_short" not in bot.output
    told = [json.loads(line) for line in bot.said("worker.1")]
    requests = {
        event: {line["request"] for line in told if line["event"] == event}
        for event in ("slack.answered", "discord.answered", "discord.posted")
    }
    assert len(requests["slack.answered"]) >= len(acked)
    assert len(requests["discord.posted"]) == 10
    assert requests["discord.answered"] == requests["discord.posted"]
    for secret in (PRIVATE, "xoxb-one", APP_TOKEN, DISCORD_TOKEN, "ticket1"):
        assert secret not in bot.output


def person_of_discord(number: int) -> dict[str, Any]:
    return {
        "id": str(3 * 10**17 + number),
        "username": f"p{number}",
        "discriminator": "0",
        "avatar": None,
    }


async def test_http_mode_loses_nothing_when_it_is_ended_under_load(
    tmp_path: Path, database: str
) -> None:
    async with FakeSlack() as slack:
        settings = {
            "DATABASE_URL": database,
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": "xoxb-one",
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }
        async with platform(tmp_path, "web", **settings) as bot:
            await bot.ready()
            slack.http_url = f"http://127.0.0.1:{bot.port}/slack/events"
            people = [f"U{n}" for n in range(100, 140)]
            commands = [asyncio.create_task(slack.slash("list", user=p)) for p in people]
            await until(lambda: len(slack.posted) >= 5)
            ended_s = await bot.stop()
            done = await asyncio.gather(*commands, return_exceptions=True)
            assert bot.exit_codes() == {"web.1": 0}, bot.output
        assert ended_s < END_S
        acked = {
            person
            for person, result in zip(people, done, strict=True)
            if not isinstance(result, BaseException) and result.ok
        }
        assert len(acked) >= 5
        assert acked - {posted.only_for for posted in slack.posted} == set()


async def test_two_workers_at_once_answer_once(tmp_path: Path, empty_postgres: str) -> None:
    async with FakeSlack() as slack, discord_running(DISCORD_TOKEN) as discord:
        settings = connected(slack, discord, empty_postgres)
        async with platform(tmp_path, "worker=2", **settings) as bot:
            await bot.ready(bot.port)
            await bot.ready(bot.port + 1)
            await until(lambda: len(discord.gateway.sessions) == 2 and len(slack.sockets) == 2)
            for n in range(6):
                await discord.mention("china vs us", author=person_of_discord(n))
                assert (await slack.slash("china vs us", user=f"U{100 + n}")).ok
            await until(lambda: len(discord.posts) >= 6 and len(slack.posted) >= 6)
            ended_s = await bot.stop()
            assert bot.exit_codes() == {"worker.1": 0, "worker.2": 0}, bot.output
        assert (len(discord.posts), len(slack.posted)) == (6, 6)
        assert ended_s < END_S


async def test_one_platform_down_leaves_the_other_working(tmp_path: Path) -> None:
    async with FakeSlack() as slack, discord_running(DISCORD_TOKEN) as discord:
        settings = connected(slack, discord, f"sqlite:///{tmp_path}/a.sqlite")
        settings["DISCORD_API_URL"] = "http://127.0.0.1:9/api"
        async with platform(tmp_path, "worker", **settings) as bot:
            await until(lambda: slack.sockets, 30)
            assert (await slack.slash("china vs us")).ok
            await until(slack.whispered)
            status, said = await bot.get("/readyz")
            assert (status, said["parts"]["slack"], said["parts"]["discord"]) == (503, True, False)
            assert (await bot.get("/healthz"))[0] == 200
            await bot.stop(signal.SIGINT)
            assert bot.exit_codes() == {"worker.1": 0}, bot.output


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The shipped briefs without their asks, which take seconds to check."""
    folder = tmp_path / "briefs"
    folder.mkdir()
    for file in (ROOT / "briefs").glob("*.yaml"):
        kept = re.sub(r"(?m)^( *)asks:\n(?:\1 *- .*\n(?:\1  +[^- ].*\n)*)+", "", file.read_text())
        (folder / file.name).write_text(kept)
    return folder


async def test_release_twice_at_once_and_again(
    tmp_path: Path, database: str, library: Path
) -> None:
    settings = {"DATABASE_URL": database, "BRIEFS_DIR": str(library)}
    both = await asyncio.gather(*(run_once("release", **settings) for _ in range(2)))
    again = await run_once("release", **settings)
    assert [code for code, _ in (*both, again)] == [0, 0, 0], (both, again)
    for _, told in (*both, again):
        assert "0 errors" in told
        assert "The database is at revision" in told


async def test_a_content_error_stops_the_release(tmp_path: Path, library: Path) -> None:
    settings = {"BRIEFS_DIR": str(library), "DATABASE_URL": f"sqlite:///{tmp_path}/never.sqlite"}
    file = library / "china-vs-us.yaml"
    good = file.read_text()
    for wrong in (good.replace("[china]", "[atlantis]"), good + "gist: [\n"):
        file.write_text(wrong)
        code, told = await run_once("release", **settings)
        assert code == 1
        assert "china-vs-us.yaml:" in told
        assert "Traceback" not in told
    assert not (tmp_path / "never.sqlite").exists()


async def test_a_database_that_never_answers_ends_with_one_message(library: Path) -> None:
    url = "postgres://me:hunter2@127.0.0.1:9/none"
    code, told = await run_once("release", DATABASE_URL=url, BRIEFS_DIR=str(library))
    assert code == 1
    assert "cannot be used" in told
    assert "hunter2" not in told
    assert "Traceback" not in told


async def test_a_slow_database_is_waited_for(tmp_path: Path) -> None:
    """As on a platform that starts the bot beside its database."""
    url = "postgresql://me:hunter2@127.0.0.1:9/none"
    async with platform(tmp_path, "worker", DATABASE_URL=url) as bot:
        await until(lambda: bot.events("database.waiting"), 20)
        assert bot.process.returncode is None
        assert await bot.stop() < END_S
        assert "hunter2" not in bot.output
