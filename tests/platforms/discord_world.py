"""A fake Discord and our component on it, kept up by the real supervisor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from bot.service.supervisor import Backoff, Supervisor
from tests.fakes.discord import FakeDiscord, running
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.platforms.discord.discord_component import DiscordComponent
    from tests.platforms.discord.conftest import BuildComponent


TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"


def heartbeats() -> set[threading.Thread]:
    """The threads that keep sockets alive."""
    return {t for t in threading.enumerate() if isinstance(t, KeepAliveHandler)}


class Waits:
    """Stands in for the supervisor's sleep: records how long it was to be, then goes on."""

    def __init__(self) -> None:
        self.asked_s: list[float] = []
        self.hold_from_s = 1e9

    async def __call__(self, seconds: float) -> None:
        self.asked_s.append(seconds)
        await asyncio.sleep(3600 if seconds >= self.hold_from_s else 0.01)


class Held(MemoryStore):
    """A store that keeps everybody waiting until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def save_plan(self, *args: Any, **more: Any) -> None:
        await self.go.wait()
        await super().save_plan(*args, **more)

    async def load_plan(self, answer_id: str) -> Any:
        await self.go.wait()
        return await super().load_plan(answer_id)


class World:
    """A fake Discord and our component, kept up by the real supervisor."""

    def __init__(self, fake: FakeDiscord, component: DiscordComponent, waits: Waits) -> None:
        self.fake = fake
        self.component = component
        self.waits = waits

    async def ready(self) -> None:
        await self.fake.until(self.component.ready)


Start: TypeAlias = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def start(build_component: BuildComponent, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)

    @asynccontextmanager
    async def begin(
        *, fake: FakeDiscord | None = None, prepare: Any = None, beside: Any = (), **options: Any
    ) -> AsyncIterator[World]:
        shards = options.pop("shards", 1)
        before = heartbeats()
        async with running(TOKEN, shards, fake) as fresh:
            component = build_component(api_url=fresh.base, **options)
            world = World(fresh, component, Waits())
            if prepare:
                prepare(world)
            supervisor = Supervisor(
                [component, *beside], Backoff(first_s=0.01, most_s=0.02), sleep=world.waits
            )
            stop = asyncio.Event()
            task = asyncio.create_task(supervisor.run(stop))
            try:
                yield world
            finally:
                stop.set()
                await asyncio.wait_for(task, 5)
            assert fresh.faults == []
            await fresh.until(lambda: not fresh.gateway.open, 5)
            # A thread that outlives its loop would raise.
            await fresh.until(lambda: heartbeats() <= before, 5)

    return begin
