"""An engine that suits a small bot: few connections, waiting instead of failing on locks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import StorageError
from bot.storage.url import parse_database_url

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT_S = 10


def build_engine(url: str) -> AsyncEngine:
    """An engine for DATABASE_URL; it connects at the first use.

    Raises:
        StorageError: The URL is wrong, of a database that is not supported, or names a file
            in a folder that does not exist.
    """
    parsed = parse_database_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_async_engine(
            parsed, pool_size=5, max_overflow=5, pool_pre_ping=True, hide_parameters=True
        )
    folder = Path(parsed.database or ".").parent
    if not folder.is_dir():
        raise StorageError(
            f"DATABASE_URL names a file in {folder}, which is no folder. "
            "Make it, or mount the volume there."
        )
    # One connection: SQLite has one writer anyway, and a queue in the pool is kinder than
    # "database is locked".
    # Every use ends its own transaction, so the pool need not roll back once more.
    engine = create_async_engine(
        parsed, pool_size=1, max_overflow=0, pool_reset_on_return=None, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
