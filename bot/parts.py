"""Settings -> the single parts: a catalog, an assistant, the database and its stores.

Commands take what they need; `bot.app` joins everything. What is large is imported only where it
is used, so that `aibrief ask` starts soon.
"""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.catalog import Catalog
from bot.errors import SettingsError
from bot.library.loader import (
    load_library,
    load_usable_library,
    load_usable_vocabulary,
    load_vocabulary,
)
from bot.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.changes import Snapshot
    from bot.gaps.collecting import Gaps
    from bot.gaps.gap_ports import GapStore
    from bot.library.loader import LoadedLibrary
    from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
    from bot.service.assistant import Assistant
    from bot.service.ports import Person, Store
    from bot.settings import Settings

PAGES_FIX = "set PLAYGROUND_TOKEN; make one with: openssl rand -hex 24"
BRIEFS, CONFIG = ROOT / "briefs", ROOT / "config"
"""The shipped library and configuration: they stand beside `bot/`."""


def load_catalog(briefs: Path, config: Path) -> Catalog:
    """Read what can be used of a library and its vocabulary; `skipped` says what is wrong.

    Raises:
        ContentError: Nothing can be loaded.
    """
    with lasting():
        return Catalog(load_usable_library(briefs), load_usable_vocabulary(config))


@contextmanager
def lasting() -> Iterator[None]:
    """What is made within stays: looking for garbage among it would only take time.

    A catalog holds no reference cycle, so one that is replaced is freed all the same.
    """
    if gc.get_freeze_count():
        # A library is taken up anew: what else has become garbage since then must not stay.
        gc.unfreeze()
        gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()


def load_for_check(briefs: Path, config: Path) -> tuple[Catalog, LoadedLibrary]:
    """All of it with the files it came from, so that findings can name lines.

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
    import secrets  # noqa: PLC0415 - a question at the command line has no id

    return secrets.token_urlsafe(9)


def build_assistant(catalog: Catalog, store: Store, gaps: Gaps | None = None) -> Assistant:
    """An assistant that remembers in this store."""
    # Loaded only by what converses: `aibrief ask` does without and starts sooner.
    from bot.service.assistant import Assistant  # noqa: PLC0415

    return Assistant(catalog, store, new_id, gaps)


def build_store(engine: AsyncEngine) -> Store:
    """The store that survives restarts."""
    from bot.storage.store import SqlStore  # noqa: PLC0415 - SQLAlchemy only where it is used

    return SqlStore(engine)


def build_engine(settings: Settings) -> AsyncEngine:
    """The database of the settings, a SQLite file where none is set.

    Raises:
        StorageError: DATABASE_URL is wrong.
    """
    from bot.storage import database  # noqa: PLC0415 - SQLAlchemy only where it is used

    given = settings.database_url
    return database.build_engine(given.reveal() if given else database.DEFAULT_URL)


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database with its tables up to date, closed at the end.

    Raises:
        StorageError: It cannot be used.
    """
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        yield engine
    finally:
        await engine.dispose()


async def upgrade_database(settings: Settings) -> str:
    """Bring the tables up to date and return their revision.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.database import upgrade  # noqa: PLC0415 - Alembic only where it is used

    engine = build_engine(settings)
    try:
        return await upgrade(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def schedule_stores(
    settings: Settings,
) -> AsyncIterator[tuple[SubscriptionStore, DeliveryLog]]:
    """Subscriptions and deliveries, for commands that look at them.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.deliveries import SqlDeliveries  # noqa: PLC0415 - only where it is used
    from bot.storage.subscription_rows import SqlSubscriptions  # noqa: PLC0415 - see above

    async with open_database(settings) as engine:
        yield SqlSubscriptions(engine), SqlDeliveries(engine)


async def forget_person(settings: Settings, person: Person) -> Mapping[str, int]:
    """Remove what is stored about a person; how much of each was found.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage import store  # noqa: PLC0415 - SQLAlchemy only where it is used

    async with open_database(settings) as engine:
        return await store.forget_person(engine, person)


async def load_snapshot(settings: Settings, day: date) -> Snapshot | None:
    """The statements there were before that day; None where none are known.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.statement_rows import SqlStatements  # noqa: PLC0415 - only where it is used

    async with open_database(settings) as engine:
        return await SqlStatements(engine).snapshot(day, clock())


def build_gap_store(settings: Settings, engine: AsyncEngine) -> GapStore:
    """Where gaps are kept."""
    from bot.storage.gap_rows import SqlGaps  # noqa: PLC0415 - SQLAlchemy only where it is used

    return SqlGaps(engine, settings.gaps_days)


@asynccontextmanager
async def gap_store(settings: Settings) -> AsyncIterator[GapStore]:
    """The stored gaps, for commands that look at them.

    Raises:
        StorageError: The database cannot be used.
    """
    async with open_database(settings) as engine:
        yield build_gap_store(settings, engine)


def schedules_on(settings: Settings, host: str | None) -> bool:
    """Whether schedules run; in "auto" they do where the database survives."""
    lasts = settings.database_url is not None or not host
    return settings.schedules == "on" or (settings.schedules == "auto" and lasts)


def pages_on(settings: Settings) -> bool:
    """Whether the pages are served: on loopback, and beyond it behind a token only.

    Raises:
        SettingsError: They are to be served to everybody without a token.
    """
    alone = settings.port is None or settings.playground_token is not None
    if settings.playground == "on" and not alone:
        raise SettingsError(
            "PLAYGROUND is on and PORT is given, so everybody who reaches the port could use the "
            f"pages: {PAGES_FIX}. Or unset PORT, and they are served on loopback."
        )
    return alone and settings.playground != "off"
