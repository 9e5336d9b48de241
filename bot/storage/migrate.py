"""Bring the tables up to date: idempotent, and safe when several processes do it at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

LOCK_KEY = 6_245_273_402
"""Any number, the same in every process: PostgreSQL's advisory lock of our migrations."""


async def upgrade(engine: AsyncEngine) -> str:
    """Apply what is missing and return the revision the database has afterwards.

    A database that a newer version has already migrated is left as it is, so that an old
    instance can go on during a deploy.

    Raises:
        StorageError: The database cannot be reached or refuses.
    """
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_lock)
            revision = await connection.run_sync(_upgrade)
            await connection.commit()
            return revision
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StorageError(
            f"The database at {engine.url.render_as_string(hide_password=True)} cannot be used: "
            f"{reason}. Check DATABASE_URL and that the server runs."
        ) from error


def newest_revision() -> str:
    """The revision this version of the code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    folder = Path(__file__).resolve().parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _lock(connection: Connection) -> None:
    """Let one process at a time go on; it holds until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> str:
    config = _config()
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        return current
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return newest_revision()
