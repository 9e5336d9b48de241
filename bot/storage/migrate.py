"""Bring the tables up to date: idempotent, and safe when several processes do it at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StorageError
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine


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
        raise StorageError(_why(engine, error)) from error


async def read_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database has, None for an empty one; nothing is changed.

    Raises:
        StorageError: The database cannot be reached or written to.
    """
    if _must_be_made(engine):
        return None
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_lock)
            return await connection.run_sync(
                lambda given: MigrationContext.configure(given).get_current_revision()
            )
    except (SQLAlchemyError, OSError) as error:
        raise StorageError(_why(engine, error)) from error


def newest_revision() -> str:
    """The revision this version of the code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _must_be_made(engine: AsyncEngine) -> bool:
    """Whether it is a SQLite file that is not there yet and can be made.

    Raises:
        StorageError: It cannot be made.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or Path(file).exists():
        return False
    if not os.access(Path(file).parent, os.W_OK):
        raise StorageError(f"{file} cannot be made: its folder may not be written to.")
    return True


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
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        return current
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return newest_revision()
