"""How fast a slash command is answered over loopback, beside a bare discord.py bot.

Both run in this process against the same fake Discord, so its own time is in both figures:

    python -m benchmarks.discord_speed
"""

from __future__ import annotations

import asyncio
import logging
import resource
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot import parts
from bot.platforms.discord.client import DiscordOptions
from bot.platforms.discord.discord_component import DiscordComponent
from bot.platforms.discord.slash_commands import load_command_texts
from bot.service.assistant import Assistant
from tests.fakes.discord import FakeDiscord, running
from tests.memory_store import MemoryStore

TOKEN = "benchmark"
ONE_BY_ONE, AT_ONCE = 500, 1000
QUESTIONS = ("china vs us", "what comes next", "who reacts how", "governance", "lunch?")


class Bare(discord.AutoShardedClient):
    """The least that answers a command."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        @self.tree.command(name="aibrief", description="Answers")
        async def answer(interaction: discord.Interaction[Any], question: str) -> None:
            await interaction.response.send_message(
                question, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
            )


@asynccontextmanager
async def bare(fake: FakeDiscord) -> AsyncIterator[None]:
    Route.BASE = fake.base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(fake.gateway.url)
    async with Bare() as client:
        task = asyncio.create_task(client.start(TOKEN))
        await fake.until(client.is_ready)
        yield
        await client.close()
        await task


@asynccontextmanager
async def ours(fake: FakeDiscord) -> AsyncIterator[None]:
    catalog = parts.load_catalog(parts.BRIEFS, parts.CONFIG)
    store = MemoryStore()
    component = DiscordComponent(
        DiscordOptions(token=TOKEN, api_url=fake.base, ready_after_s=0.1, questions_at_once=10**9),
        Assistant(catalog, store, parts.new_id),
        store,
        load_command_texts(parts.CONFIG),
        parts.clock,
    )
    task = asyncio.create_task(component.run())
    await fake.until(component.ready)
    yield
    await component.drain()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def measure(build: Any) -> dict[str, float]:
    async with running(TOKEN) as fake, build(fake):
        waits_ms = []
        for number in range(ONE_BY_ONE):
            begun = time.perf_counter()
            asked = await fake.slash("aibrief", question=QUESTIONS[number % len(QUESTIONS)])
            await fake.until(lambda: asked.callback)  # noqa: B023 - awaited here
            waits_ms.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        many = [
            await fake.slash("aibrief", question=QUESTIONS[n % len(QUESTIONS)])
            for n in range(AT_ONCE)
        ]
        await fake.until(lambda: many[-1].callback and all(a.callback for a in many), 60)
        passed_s = time.perf_counter() - begun
    return {
        "p50_ms": statistics.median(waits_ms),
        "p99_ms": statistics.quantiles(waits_ms, n=100)[-1],
        "per_second": AT_ONCE / passed_s,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def main() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found = {"bare discord.py": await measure(bare), "aibrief": await measure(ours)}
    for name, figures in found.items():
        print(name, {key: round(value, 2) for key, value in figures.items()})
    ratio = found["aibrief"]["per_second"] / found["bare discord.py"]["per_second"]
    print(f"aibrief answers {ratio:.2f} of what the bare bot answers a second")


if __name__ == "__main__":
    asyncio.run(main())
