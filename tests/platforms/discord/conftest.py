"""A Discord component on a store in memory, and what tests read out of payloads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from bot import parts
from bot.platforms.discord.client import DiscordOptions
from bot.platforms.discord.discord_component import DiscordComponent
from bot.platforms.discord.slash_commands import load_command_texts
from bot.service.assistant import Assistant
from tests.memory_store import MemoryStore
from tests.platforms.discord_world import TOKEN, start

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

__all__ = ["start"]
BuildComponent: TypeAlias = Callable[..., DiscordComponent]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def build_component(catalog: Catalog, store: MemoryStore) -> BuildComponent:
    def build(**options: Any) -> DiscordComponent:
        kept = options.pop("store", store)
        clock = options.pop("clock", parts.clock)
        schedules = options.pop("schedules", None)
        return DiscordComponent(
            DiscordOptions(token=TOKEN, identify_gap_s=0.01, ready_after_s=0.05, **options),
            Assistant(catalog, kept, parts.new_id),
            kept,
            load_command_texts(parts.CONFIG),
            clock,
            schedules,
        )

    return build
