"""The only wiring: settings -> a catalog, an assistant, the running components."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.content.loader import load_library, load_vocabulary
from bot.core.catalog import Catalog
from bot.service.assistant import Assistant
from bot.service.memory import MemoryStore
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from aiohttp.web import AbstractRouteDef
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.content.loader import LoadedLibrary
    from bot.service.ports import Component, Store
    from bot.service.supervisor import Supervisor

    Part: TypeAlias = tuple[Component, Sequence[AbstractRouteDef]]
    """A component and the web routes that it answers."""


ROOT = Path(__file__).resolve().parent.parent
BRIEFS, CONFIG = ROOT / "briefs", ROOT / "config"
"""The shipped library and configuration: they stand beside `bot/`."""


def load_catalog(briefs: Path, config: Path) -> Catalog:
    """Read a library and its vocabulary.

    Raises:
        ContentError: A file is missing or wrong.
    """
    return Catalog(load_library(briefs).library, load_vocabulary(config))


def load_for_check(briefs: Path, config: Path) -> tuple[Catalog, LoadedLibrary]:
    """The same with the files it came from, so that findings can name lines.

    Raises:
        ContentError: A file is missing or wrong.
    """
    loaded = load_library(briefs)
    return Catalog(loaded.library, load_vocabulary(config)), loaded


def clock() -> datetime:
    """The time now; everything else takes it as an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the edge


def new_id() -> str:
    """A short random id for an answer; it fits every platform's button."""
    return secrets.token_urlsafe(9)


def build_assistant(catalog: Catalog, store: Store | None = None) -> Assistant:
    """An assistant; without a store it remembers until the process ends."""
    return Assistant(catalog, store or MemoryStore(), new_id)


def build_store(engine: AsyncEngine) -> Store:
    """The store that survives restarts."""
    from bot.storage.store import SqlStore  # noqa: PLC0415 - SQLAlchemy only where it is used

    return SqlStore(engine)


def build_engine(settings: Settings) -> AsyncEngine:
    """The database of the settings, a SQLite file where none is set.

    Raises:
        StorageError: DATABASE_URL is wrong.
    """
    from bot.storage import database, url  # noqa: PLC0415 - SQLAlchemy only where it is used

    given = settings.database_url
    return database.build_engine(given.reveal() if given else url.DEFAULT_URL)


async def upgrade_database(settings: Settings) -> str:
    """Bring the tables up to date and return their revision.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.migrate import upgrade  # noqa: PLC0415 - Alembic only where it is used

    engine = build_engine(settings)
    try:
        return await upgrade(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Supervisor]:
    """Everything that the settings ask for, wired and not yet started.

    Raises:
        AibriefError: The content, a setting or the database is wrong.
    """
    from bot.service.housekeeping import Housekeeping  # noqa: PLC0415 - only to serve
    from bot.service.supervisor import Supervisor, readiness  # noqa: PLC0415 - only to serve

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        store = build_store(engine)
        world = World(settings, build_assistant(catalog, store), store, engine)
        parts: list[Component] = [Housekeeping(store, clock)]
        routes: list[AbstractRouteDef] = []
        for build in PLATFORMS:
            for component, mounted in build(world):
                parts.append(component)
                routes.extend(mounted)
        web = _build_web(settings, lambda: readiness(parts), routes)
        yield Supervisor([web, *parts])
    finally:
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class World:
    """What a platform is built from."""

    settings: Settings
    assistant: Assistant
    store: Store
    engine: AsyncEngine


def build_slack(world: World) -> Iterable[Part]:
    """Slack, where its tokens are set."""
    del world
    return ()


def build_discord(world: World) -> Iterable[Part]:
    """Discord, where its token is set: `bot.platforms.discord_client` gives the component."""
    del world
    return ()


PLATFORMS: tuple[Callable[[World], Iterable[Part]], ...] = (build_slack, build_discord)
"""Each gives its components with the web routes that they need, none where it is not set up."""


def _build_web(
    settings: Settings,
    readiness: Callable[[], Mapping[str, bool]],
    routes: Sequence[AbstractRouteDef],
) -> Component:
    from bot.web.server import (  # noqa: PLC0415 - aiohttp only to serve
        DEFAULT_PORT,
        EVERYWHERE,
        LOOPBACK,
        WebServer,
    )

    host = EVERYWHERE if settings.port else LOOPBACK
    return WebServer(readiness, routes, host=host, port=settings.port or DEFAULT_PORT)
