"""Wiring of the gaps loop: what is collected, who is told, and what curators read of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.bootstrap import build_engine, clock, upgrade_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.bootstrap.world import AppContext
    from bot.gaps.collecting import Gaps
    from bot.gaps.gap_ports import GapStore
    from bot.gaps.watches import Watches
    from bot.settings import Settings


def build_gap_store(settings: Settings, engine: AsyncEngine) -> GapStore:
    """Where gaps are kept."""
    from bot.storage.gaps import SqlGaps  # noqa: PLC0415 - SQLAlchemy only where it is used

    return SqlGaps(engine, settings.gaps_days)


def build_gaps(settings: Settings, store: GapStore) -> Gaps | None:
    """What the assistant tells of its answers; None where collecting is off."""
    from bot.gaps.collecting import Gaps  # noqa: PLC0415 - only to serve

    return Gaps(store) if settings.gaps == "on" else None


def build_watches(world: AppContext, catalog: Catalog) -> list[Watches]:
    """The component that tells people; none where nothing is collected or nobody can be told."""
    if world.settings.gaps == "off" or world.gaps is None or not world.posters:
        return []
    from bot.gaps.watches import Watches  # noqa: PLC0415 - only to serve

    watches = Watches(world.gaps, world.store, world.posters, clock)
    watches.library_changed(catalog)
    if world.library is not None:
        world.library.listeners.append(watches.on_change)
    return [watches]


@asynccontextmanager
async def gap_store(settings: Settings) -> AsyncIterator[GapStore]:
    """The stored gaps, for commands that look at them.

    Raises:
        StorageError: The database cannot be used.
    """
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        yield build_gap_store(settings, engine)
    finally:
        await engine.dispose()
