"""The whole way: asked, not covered, a button, a new library, one direct message."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.answering import phrases
from bot.app import running
from bot.curating.patching import snippet_stub, start_snippet
from bot.parts import BRIEFS, open_database
from bot.settings import Settings, load_settings
from bot.storage.gap_rows import SqlGaps
from tests.fakes.discord import Asked, FakeDiscord
from tests.fakes.discord import running as discord_running
from tests.fakes.slack import APP_TOKEN, FakeSlack, settle
from tests.payloads import buttons, plain_text
from tests.platforms.discord_world import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

QUESTION = "how much sleep do cats need"
TOLD = "According to one article, cats need a lot of sleep."
DIRECT = "400000000000000001"
"""Where the fake Discord opens direct messages."""


@pytest.fixture
def briefs(tmp_path: Path) -> Path:
    folder = tmp_path / "briefs"
    shutil.copytree(BRIEFS, folder)
    return folder


def cover(briefs: Path) -> None:
    """A curator begins a snippet and writes it."""
    file = briefs / "key-players.yaml"
    text = start_snippet(file.name, file.read_text(), snippet_stub("cats-sleep", QUESTION))
    text = text.replace("[TODO:1]", "[S1:3]")
    file.write_text("".join(f"    text: {TOLD}\n" if "TODO" in line else line
                            for line in text.splitlines(keepends=True)))  # fmt: skip


def settings_of(briefs: Path, **given: str) -> Settings:
    return load_settings(
        {
            "BRIEFS_DIR": str(briefs),
            "DATABASE_URL": f"sqlite:///{briefs.parent}/bot.sqlite",
            "SCHEDULES": "off",
            **given,
        }
    )


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[None]:
    """`aibrief serve` until the block ends."""
    stop = asyncio.Event()
    async with running(settings) as supervisor:
        task = asyncio.create_task(supervisor.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def stored(settings: Settings) -> tuple[int, int]:
    """How many gaps and how many watches there are."""
    async with open_database(settings) as engine:
        store = SqlGaps(engine, settings.gaps_days)
        return len(await store.gaps()), len(await store.watches())


async def test_in_slack(briefs: Path) -> None:
    async with FakeSlack() as slack:
        settings = settings_of(
            briefs,
            SLACK_BOT_TOKEN="xoxb-one",
            SLACK_APP_TOKEN=APP_TOKEN,
            SLACK_API_URL=slack.api_url,
        )
        async with served(settings):
            await settle(lambda: slack.sockets)
            await _wish_in_slack(slack)
        assert await stored(settings) == (1, 2)
        async with served(settings):
            await settle(lambda: slack.sockets)
            assert not slack.visible("DU2")
        cover(briefs)
        for _ in range(2):
            async with served(settings):
                await settle(lambda: slack.visible("DU1") and slack.visible("DU2"))
        for channel in ("DU1", "DU2"):
            (told,) = slack.visible(channel)
            assert phrases.NOTES["covered-now"] in told.text
            assert TOLD in told.text
            assert "why|" in json.dumps(told.payload)
        assert await stored(settings) == (1, 0)
        assert slack.refused == []


async def _wish_in_slack(slack: FakeSlack) -> None:
    """One person presses the button twice, another under an answer that everybody sees."""
    await slack.slash(QUESTION, user="U2")
    await settle(lambda: slack.whispered("U2"))
    (answer,) = slack.whispered("U2")
    button = answer.button("tell|")
    assert button["text"]["text"] == phrases.TELL_ME
    for notice in ("will-tell", "tells-already"):
        before = len(slack.whispered("U2"))
        await slack.press(answer, button, user="U2")
        await settle(lambda: len(slack.whispered("U2")) > before)  # noqa: B023 - awaited here
        assert slack.whispered("U2")[-1].text == phrases.NOTICES[notice]
    await slack.say(f"<@UBOT> {QUESTION}")
    await settle(slack.visible)
    (posted,) = slack.visible()
    await slack.press(posted, posted.button("tell|"))
    await settle(slack.whispered)
    assert slack.whispered()[0].text == phrases.NOTICES["will-tell"]


async def test_in_discord(briefs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with discord_running(TOKEN) as discord:
        settings = settings_of(briefs, DISCORD_TOKEN=TOKEN, DISCORD_API_URL=discord.base)
        async with served(settings):
            await discord.until(lambda: discord.gateway.sessions)
            answer = await _shown(discord, await _slash(discord))
            (button,) = [b for b in buttons(answer) if ":tell:" in b["custom_id"]]
            assert button["label"] == phrases.TELL_ME
            for notice in ("will-tell", "tells-already"):
                pressed = await discord.press(discord.message("") | answer, button["custom_id"])
                shown = await _shown(discord, pressed)
                assert plain_text(shown) == phrases.NOTICES[notice]
                assert pressed.callback
                assert pressed.callback["data"]["flags"] & 64, "acknowledged for one person only"
        assert await stored(settings) == (1, 1)
        cover(briefs)
        for _ in range(2):
            async with served(settings):
                await discord.until(lambda: discord.gateway.sessions)
                await discord.until(lambda: discord.posts)
        (told,) = discord.posts
        assert told["channel_id"] == DIRECT
        assert phrases.NOTES["covered-now"] in plain_text(told)
        assert TOLD in plain_text(told)
        assert await stored(settings) == (1, 0)
        assert discord.faults == []


async def test_with_gaps_off_there_is_no_button_and_nothing_is_written(briefs: Path) -> None:
    async with FakeSlack() as slack:
        settings = settings_of(
            briefs,
            GAPS="off",
            SLACK_BOT_TOKEN="xoxb-one",
            SLACK_APP_TOKEN=APP_TOKEN,
            SLACK_API_URL=slack.api_url,
        )
        async with served(settings):
            await settle(lambda: slack.sockets)
            await slack.slash(QUESTION)
            await settle(slack.whispered)
            assert "tell|" not in json.dumps(slack.whispered()[0].payload)
        assert await stored(settings) == (0, 0)
        async with open_database(settings) as engine:
            assert await SqlGaps(engine, settings.gaps_days).tallies() == []


async def _slash(discord: FakeDiscord) -> Asked:
    return await discord.slash("aibrief", question=QUESTION)


async def _shown(discord: FakeDiscord, asked: Asked) -> dict[str, Any]:
    await discord.until(lambda: asked.answered)
    assert asked.shown is not None
    return asked.shown
