"""The tables: created once, by whoever comes first, and equal to what the code expects."""

from __future__ import annotations

import asyncio
import sqlite3
from threading import Timer
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.answering.answer import Plan, Status
from bot.errors import StorageError
from bot.library.vocabulary import Intent
from bot.storage import database
from bot.storage.database import (
    build_engine,
    newest_revision,
    parse_database_url,
    turn_on_wal,
    upgrade,
)
from bot.storage.store import dump_plan, parse_plan
from bot.storage.tables import metadata

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


async def test_upgrade_is_idempotent(engine: AsyncEngine) -> None:
    assert await upgrade(engine) == newest_revision()
    assert await upgrade(engine) == newest_revision()


async def test_two_at_once(engine: AsyncEngine) -> None:
    others = [build_engine(engine.url.render_as_string(hide_password=False)) for _ in range(3)]
    done = await asyncio.gather(*map(upgrade, [engine, *others]))
    for other in others:
        await other.dispose()
    assert set(done) == {newest_revision()}


async def test_the_migrations_make_the_tables_of_the_code(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        def ours(name: str | None, kind: str, parents: object) -> bool:
            return kind != "table" or name in metadata.tables

        context = MigrationContext.configure(connection, opts={"include_name": ours})
        found: list[object] = compare_metadata(context, metadata)
        return found

    await upgrade(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_newer_database_is_left_alone(engine: AsyncEngine) -> None:
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await upgrade(engine) == "9999"


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("these are notes" * 100)
    engine = build_engine(f"sqlite:///{tmp_path}/x.sqlite")
    with pytest.raises(StorageError, match=r"not a database\. Look at the file\."):
        await upgrade(engine)
    await engine.dispose()


def test_a_folder_is_refused_before_anything_opens_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="which is a folder"):
        build_engine(f"sqlite:///{tmp_path}")


async def test_an_unreachable_database_is_told_without_its_password() -> None:
    engine = build_engine("postgres://me:hunter2@127.0.0.1:9/none")
    with pytest.raises(StorageError) as caught:
        await upgrade(engine)
    await engine.dispose()
    assert "Check DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="mount the volume"):
        build_engine(f"sqlite:///{tmp_path}/none/store.sqlite")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:a?mode=memory&uri=true",
    ],
)
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match=r"Name one, like sqlite:///aibrief\.sqlite"):
        build_engine(url)


async def test_an_error_without_a_text_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection) -> None:
        raise OSError

    monkeypatch.setattr(database, "_lock", fail)
    engine = build_engine(f"sqlite:///{tmp_path}/store.sqlite")
    with pytest.raises(StorageError, match="cannot be used: OSError"):
        await upgrade(engine)
    await engine.dispose()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u:p@h:5432/d?sslmode=require", "postgresql+psycopg"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        (" postgresql+psycopg://h/d\n", "postgresql+psycopg"),
        ("sqlite:///file.sqlite", "sqlite+aiosqlite"),
    ],
)
def test_urls_as_platforms_write_them(given: str, driver: str) -> None:
    url = parse_database_url(given)
    assert url.drivername == driver
    if "sslmode" in given:
        assert dict(url.query) == {"sslmode": "require"}
        assert url.password == "p"


@pytest.mark.parametrize("given", ["", "no url", "mysql://u:hunter2@h/d", "postgres//u:hunter2@h"])
def test_other_urls_are_refused_kindly(given: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL") as caught:
        parse_database_url(given)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_another_makes_at_the_same_time_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    mine = sqlite3.connect(file)
    soon = Timer(0.2, other.execute, ["COMMIT"])
    soon.start()
    turn_on_wal(mine.cursor())
    assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    soon.join()
    other.close()
    mine.close()


def test_a_plan_of_another_version() -> None:
    plan = Plan(Status.ANSWERED, Intent.FACT, brief="x", snippets=("a",))
    assert parse_plan(dump_plan(plan) | {"from_the_future": 1}) == plan
    assert parse_plan({"status": "answered", "intent": "fact", "brief": "x"}) is not None
    assert parse_plan({"status": "dreamt", "intent": "fact"}) is None
    assert parse_plan({"intent": "fact"}) is None
