"""DATABASE_URL -> an engine that suits a small bot, and tables that are up to date.

It has few connections and waits before failing. Migrations are idempotent, and safe when several
processes do them at once.
"""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import OperationalError
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import StorageError
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


DEFAULT_URL = "sqlite:///aibrief.sqlite"
"""A file in the working directory; it does not survive where the disk is wiped."""

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def parse_database_url(text: str) -> URL:
    """`postgres://...`, `postgresql://...` or `sqlite:///file` -> a URL for the engine.

    Raises:
        StorageError: It is no URL, or of a database that is not supported. The text of the
            URL is not repeated, since it holds a password.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise StorageError(
            "DATABASE_URL is not a database URL. Write it like "
            "postgresql://user:password@host/name or sqlite:///aibrief.sqlite."
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise StorageError(
            f"DATABASE_URL: {url.drivername} is not supported; use postgresql:// or sqlite:///."
        )
    return url.set(drivername=driver)


BUSY_TIMEOUT_S = 5
"""SQLite: the wait for another writer."""
POOL_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S, LOCK_TIMEOUT_S, IDLE_TIMEOUT_S = 8, 3, 5
"""PostgreSQL: a statement, its wait for a lock, and a transaction in which nothing happens. A
process that is frozen in a transaction loses it, and its locks with it:
https://www.postgresql.org/docs/current/runtime-config-client.html"""
TCP_TIMEOUT_S = 8
"""Of a connection on which nothing comes back: https://www.postgresql.org/docs/current/libpq-connect.html"""


def build_engine(url: str) -> AsyncEngine:
    """An engine for DATABASE_URL; it connects at the first use.

    Raises:
        StorageError: The URL is wrong, of a database that is not supported, names no file,
            one in a folder that does not exist, or one that cannot be used.
    """
    parsed = parse_database_url(url)
    postgres = parsed.get_backend_name() == "postgresql"
    return _build_postgres(parsed) if postgres else _build_sqlite(parsed)


def _build_sqlite(url: URL) -> AsyncEngine:
    if _in_memory(url):
        raise StorageError(
            "DATABASE_URL names no file, and what is kept in memory is lost at every stop. "
            "Name one, like sqlite:///aibrief.sqlite."
        )
    file = Path(url.database or ".")
    if not file.parent.is_dir():
        raise StorageError(
            f"DATABASE_URL names a file in {file.parent}, which is no folder. "
            "Make it, or mount the volume there."
        )
    # Said before SQLite tries: aiosqlite's thread fails loudly where opening a file fails.
    if file.is_dir():
        raise StorageError(f"DATABASE_URL names {file}, which is a folder. Name a file in it.")
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise StorageError(f"{file} may not be read and written. Give it to the bot's user.")
    # One connection: SQLite has one writer anyway, and a queue in the pool is kinder than
    # "database is locked".
    # Every use ends its own transaction, so the pool need not roll back once more.
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_reset_on_return=None,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return engine


def _build_postgres(url: URL) -> AsyncEngine:
    timeouts: dict[str, Any] = {
        "connect_timeout": 5,
        "tcp_user_timeout": TCP_TIMEOUT_S * 1000,
        "keepalives_idle": TCP_TIMEOUT_S,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    engine = create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,
        # What the URL says itself is meant.
        connect_args={name: s for name, s in timeouts.items() if name not in url.query},
    )
    event.listen(engine.sync_engine, "connect", _set_up_postgres)
    return engine


def _set_up_postgres(connection: Any, record: object) -> None:
    """Set, not asked for at the start: poolers in between refuse startup options."""
    del record
    cursor = connection.cursor()
    cursor.execute(
        f"SELECT set_config('statement_timeout', '{STATEMENT_TIMEOUT_S}s', false), "
        f"set_config('lock_timeout', '{LOCK_TIMEOUT_S}s', false), "
        f"set_config('idle_in_transaction_session_timeout', '{IDLE_TIMEOUT_S}s', false)"
    )
    cursor.close()
    connection.commit()


def _in_memory(url: URL) -> bool:
    """Whether SQLite would keep nothing: https://sqlite.org/inmemorydb.html."""
    file = url.database or ":memory:"
    return ":memory:" in file or "mode=memory" in file or url.query.get("mode") == "memory"


def _set_up_sqlite(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    turn_on_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def turn_on_wal(cursor: Any) -> None:
    """Set the journal's mode; of two that do it at once on a new file, one is refused at once.

    SQLite does not wait for this one, whatever the busy timeout: https://sqlite.org/wal.html

    Raises:
        OperationalError: Others have held the file for the whole timeout.
    """
    for _ in range(BUSY_TIMEOUT_S * 20):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


async def upgrade(engine: AsyncEngine) -> str:
    """Apply what is missing and return the revision the database has afterwards.

    A database that a newer version has already migrated is left as it is, so that an old
    instance can go on during a deploy.

    Raises:
        StorageError: The database cannot be reached or refuses.
    """
    async with _alone(engine) as connection:
        revision = await connection.run_sync(_upgrade)
        await connection.commit()
        return revision


async def read_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database has, None for an empty one; nothing is changed.

    Raises:
        StorageError: The database cannot be reached or written to.
    """
    if _must_be_made(engine):
        return None
    async with _alone(engine) as connection:
        return await connection.run_sync(_current)


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that one process at a time gets; what fails on it is a `StorageError`."""
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_lock)
            yield connection
    except (SQLAlchemyError, OSError) as error:
        raise StorageError(_why(engine, error)) from error


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _must_be_made(engine: AsyncEngine) -> bool:
    """Whether it is a SQLite file that is not there yet; a `StorageError` where it cannot be."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or Path(file).exists():
        return False
    if not os.access(Path(file).parent, os.W_OK):
        raise StorageError(f"{file} cannot be made: its folder may not be written to.")
    return True


def newest_revision() -> str:
    """The revision this version of the code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


_FIXES = {
    "postgresql": "Check DATABASE_URL and that the server runs.",
    "sqlite": "Look at the file. Where it is damaged restore a backup, or move it away: "
    "a new one is made.",
}


def _why(engine: AsyncEngine, error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    reason = text.splitlines()[0] if text else type(error).__name__
    return hide_secrets(
        f"The database at {engine.url.render_as_string(hide_password=True)} cannot be used: "
        f"{reason}. {_FIXES[engine.dialect.name]}"
    )


def _config() -> Config:
    config = Config()
    folder = Path(__file__).resolve().parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _lock(connection: Connection) -> None:
    """Let one process at a time go on; it holds until the transaction ends."""
    if connection.dialect.name == "postgresql":
        # An index on a large table, or another process that makes one, takes its time.
        connection.exec_driver_sql(
            "SELECT set_config('statement_timeout', '0', true), "
            "set_config('lock_timeout', '0', true), "
            "set_config('idle_in_transaction_session_timeout', '0', true)"
        )
        # Any number, the same in every process: PostgreSQL's advisory lock of our migrations.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(6245273402)")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> str:
    config = _config()
    script = ScriptDirectory.from_config(config)
    current = _current(connection)
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        return current
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return newest_revision()
