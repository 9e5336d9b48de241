"""Three hundred commands at once on each platform, and two processes on one database."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.storage.database import build_engine, upgrade
from bot.storage.store import SqlStore
from tests.fakes.discord import running
from tests.fakes.slack import FakeSlack, settle
from tests.platforms.discord.conftest import build_component, store
from tests.platforms.discord_world import TOKEN, Start, start
from tests.platforms.slack_world import slack_world

if TYPE_CHECKING:
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from tests.platforms.discord.conftest import BuildComponent

__all__ = ["build_component", "start", "store"]
MANY = 300


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_three_hundred_slack_commands_are_acknowledged_in_time_and_answered(
    tmp_path: Path, catalog: Catalog, mode: str
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world(mode, tmp_path, catalog, slack=slack) as world,
    ):
        acked = await asyncio.gather(*(slack.slash("china-vs-us") for _ in range(MANY)))
        assert all(each.ok for each in acked)
        assert max(each.seconds for each in acked) < 3
        await asyncio.wait_for(world.component._in_flight.idle(), 60)
        assert len(slack.whispered()) == MANY
        assert slack.refused == slack.early == []


async def test_three_hundred_discord_commands_are_answered_in_time(start: Start) -> None:
    async with start(questions_at_once=MANY) as world:
        await world.ready()
        # Of a processor, so that it is the same on a machine that is busy with other work.
        began_s = time.process_time()
        asked = [await world.fake.slash("aibrief", question="china-vs-us") for _ in range(MANY)]
        await world.fake.until(lambda: all(each.callback for each in asked))
        assert time.process_time() - began_s < 3, "Discord waits three seconds for each"
        await world.fake.until(lambda: all(each.answered for each in asked))


async def test_two_slack_processes_answer_each_message_once(
    tmp_path: Path, catalog: Catalog
) -> None:
    """Slack may send the same to both, for example while one of them is slow."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack())
        worlds = [
            await stack.enter_async_context(slack_world("http", tmp_path, catalog, slack=slack))
            for _ in range(2)
        ]
        addresses = [f"{world.web_url}/slack/events" for world in worlds]
        for number in range(10):
            slack.http_url = addresses[number % 2]
            ts, _ = await slack.say("<@UBOT> list")
            event = {"type": "app_mention", "user": "U1", "text": "<@UBOT> list", "ts": ts}
            slack.http_url = addresses[1 - number % 2]
            await slack.event(event | {"channel": "C1"})
        for world in worlds:
            await asyncio.wait_for(world.component._in_flight.idle(), 30)
        await settle(lambda: len(slack.visible()) >= 10)
        assert len(slack.visible()) == 10


async def test_two_discord_processes_answer_each_message_once(
    tmp_path: Path, build_component: BuildComponent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new process starts while the old one still has its session."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    engines = [build_engine(f"sqlite:///{tmp_path}/shared.sqlite") for _ in range(2)]
    await upgrade(engines[0])
    async with running(TOKEN) as fake:
        components = [build_component(api_url=fake.base, store=SqlStore(e)) for e in engines]
        tasks = [asyncio.create_task(component.run()) for component in components]
        try:
            await fake.until(lambda: all(component.ready() for component in components))
            for _ in range(10):
                await fake.mention("list")
            await fake.until(lambda: len(fake.posts) >= 10)
            for component in components:
                bot = component._bot
                assert bot
                await bot.handler.at_work.end()
            assert len(fake.posts) == 10
        finally:
            for component in components:
                await component.drain()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for engine in engines:
                await engine.dispose()
