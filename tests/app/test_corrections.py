"""The whole way, over the wire: a briefing, a text that is corrected, and who is told of it."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import running
from bot.parts import BRIEFS, clock
from bot.schedules import texts as words
from bot.schedules.subscription import Change, Content, ContentKind, Subscription, Target
from bot.settings import load_settings
from bot.storage.database import build_engine, upgrade
from bot.storage.subscription_rows import SqlSubscriptions
from tests.fakes.discord import CHANNEL, GUILD, THREAD, FakeDiscord
from tests.fakes.discord import running as discord_running
from tests.fakes.slack import APP_TOKEN, FakeSlack, settle
from tests.fakes.slack_schedules import SchedulingSlack
from tests.platforms.discord_world import TOKEN
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    import pytest

OLD = "more funding for domestic AI, incentives for innovation and two-way talks on AI governance."
NEW = "more funding at home, rewards for innovation and talks on how AI is governed."
REACTIONS = {"slack1": Target("slack", "T1", "C1"), "discord1": Target("discord", GUILD, CHANNEL)}
OTHERS = {"slack2": Target("slack", "T1", "C2"), "discord2": Target("discord", GUILD, THREAD)}


class Places:
    """What each of the four channels has been sent, on both fakes."""

    def __init__(self, slack: FakeSlack, discord: FakeDiscord) -> None:
        self._slack, self._discord = slack, discord

    def posts(self, name: str) -> list[str]:
        target = (REACTIONS | OTHERS)[name]
        if target.platform == "slack":
            return [json.dumps(p.payload) for p in self._slack.visible(target.channel)]
        there = [p for p in self._discord.posts if p["channel_id"] == target.channel]
        return [json.dumps(post) for post in there]

    def counts(self) -> list[int]:
        return [len(self.posts(name)) for name in REACTIONS | OTHERS]


async def make_due(url: str) -> None:
    """Every schedule is due now: reactions in two channels, prices in the others."""
    engine = build_engine(url)
    await upgrade(engine)
    store = SqlSubscriptions(engine)
    now = clock().replace(microsecond=0)
    for name, target in (REACTIONS | OTHERS).items():
        asks = ("reactions",) if name in REACTIONS else ("cost-and-pricing",)
        made = Subscription(
            name,
            target,
            Content(ContentKind.ASKS, asks),
            cron_trigger("0 9 * * *", "UTC"),
            "U1",
            now,
        )
        await store.put(replace(made, next_at=now), Change(name, now, "U1", "added"))
    await engine.dispose()


@asynccontextmanager
async def bot(environ: Mapping[str, str]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with running(load_settings(environ)) as supervisor:
        task = asyncio.create_task(supervisor.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


def correct(file: Path) -> None:
    """A curator changes the text."""
    text = file.read_text()
    assert text.count(OLD) == 1
    file.write_text(text.replace(OLD, f"{NEW}\n    corrects: true"))


async def test_told_once_and_only_where_the_old_text_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    briefs = tmp_path / "briefs"
    shutil.copytree(BRIEFS, briefs)
    url = f"sqlite:///{tmp_path}/bot.sqlite"
    async with SchedulingSlack() as slack, discord_running(TOKEN) as discord:
        slack.teams["T1"].members["C2"] = {"U1", "UBOT"}
        environ = {
            "BRIEFS_DIR": str(briefs),
            "DATABASE_URL": url,
            "SLACK_BOT_TOKEN": "xoxb-one",
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": discord.base,
            "PLAYGROUND": "off",
        }
        places = Places(slack, discord)
        await make_due(url)
        async with bot(environ):
            await settle(lambda: places.counts() == [1, 1, 1, 1], 40)
        assert all(OLD in places.posts(name)[0] for name in REACTIONS)

        correct(briefs / "reactions.yaml")
        async with bot(environ):
            await settle(lambda: places.counts() == [2, 2, 1, 1], 40)
        for name in REACTIONS:
            told = places.posts(name)[1]
            assert words.CORRECTION_TITLE in told
            assert NEW in told
            assert OLD not in told
            assert "S2:22" in told

        # A third start: the next briefings come after whatever would be corrected first.
        await make_due(url)
        async with bot(environ):
            await settle(lambda: min(places.counts()) >= 2 and sum(places.counts()) >= 10, 40)
        assert places.counts() == [3, 3, 2, 2]
        for name in (*REACTIONS, *OTHERS):
            titles = [words.CORRECTION_TITLE in post for post in places.posts(name)]
            assert titles == ([False, True, False] if name in REACTIONS else [False, False])
    assert discord.faults == []
