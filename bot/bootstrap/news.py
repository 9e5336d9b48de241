"""Wiring of what is new: who remembers the statements, and what commands read of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.bootstrap import build_engine, clock, upgrade_database
from bot.service.news import News
from bot.storage.statements import SqlStatements

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.changes import Snapshot
    from bot.service.assistant import Assistant
    from bot.settings import Settings


def build_news(engine: AsyncEngine, assistant: Assistant) -> News:
    """The component that remembers, and that the assistant asks."""
    return News(SqlStatements(engine), lambda: assistant.catalog, clock)


def load_snapshot(settings: Settings, day: date) -> Snapshot | None:
    """The statements there were before that day, for a command; None where none are known.

    Raises:
        StorageError: The database cannot be used.
    """
    return asyncio.run(_load(settings, day))


async def _load(settings: Settings, day: date) -> Snapshot | None:
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        return await SqlStatements(engine).snapshot(day, clock())
    finally:
        await engine.dispose()
