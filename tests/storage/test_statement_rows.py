"""Which statements there were when: written once by many, ended, and forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.answering.changes import Known
from bot.storage.database import build_engine, upgrade
from bot.storage.statement_rows import KEEP, SqlStatements
from bot.storage.tables import statements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
NONE: frozenset[str] = frozenset()


def library(**digests: str) -> Mapping[str, Known]:
    return {name: Known(digest, f"brief-{name}", name.title()) for name, digest in digests.items()}


@pytest.fixture
async def log(engine: AsyncEngine) -> SqlStatements:
    await upgrade(engine)
    return SqlStatements(engine)


async def count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        query = select(func.count()).select_from(statements)
        return int((await connection.execute(query)).scalar_one())


async def test_an_empty_log_knows_nothing(log: SqlStatements) -> None:
    assert await log.snapshot(NOW.date(), NOW) is None


async def test_what_there_was_before_a_day(log: SqlStatements) -> None:
    states = [library(a="1"), library(a="2", b="1"), library(b="1"), library(a="1", b="1")]
    for days, state in enumerate(states):
        await log.record(state, NONE, NOW + days * DAY)
    for days, state in enumerate(states):
        found = await log.snapshot((NOW + (days + 1) * DAY).date(), NOW + 9 * DAY)
        assert found
        assert (found.since, found.known) == ((NOW + (days + 1) * DAY).date(), state)
    for asked in (NOW - 30 * DAY, NOW):
        found = await log.snapshot(asked.date(), NOW + 9 * DAY)
        assert found
        assert (found.since, found.known) == (NOW.date(), states[0])


async def test_the_same_again_changes_nothing(log: SqlStatements, engine: AsyncEngine) -> None:
    for days in range(3):
        await log.record(library(a="1", b="1"), NONE, NOW + days * DAY)
    assert await count(engine) == 2


async def test_what_goes_and_comes_back_at_once_was_never_away(log: SqlStatements) -> None:
    for state in (library(a="1", b="1"), library(b="1"), library(a="1", b="1")):
        await log.record(state, NONE, NOW)
    found = await log.snapshot((NOW + DAY).date(), NOW + DAY)
    assert found
    assert found.known == library(a="1", b="1")


async def test_a_broken_file_ends_nothing(log: SqlStatements) -> None:
    await log.record(library(a="1", b="1"), NONE, NOW)
    await log.record(library(b="1"), frozenset({"brief-a"}), NOW + DAY)
    found = await log.snapshot((NOW + 2 * DAY).date(), NOW + 2 * DAY)
    assert found
    assert found.known == library(a="1", b="1")


async def test_a_statement_moves_with_its_file(log: SqlStatements, engine: AsyncEngine) -> None:
    """Where the file that it has moved to is broken for a while, it is not new afterwards."""
    moved = {**library(a="1"), "b": Known("1", "brief-new", "New")}
    for days, (state, unread) in enumerate(
        [
            (library(a="1", b="1"), NONE),
            (moved, NONE),
            (library(a="1"), frozenset({"brief-new"})),
            (moved, NONE),
        ]
    ):
        await log.record(state, unread, NOW + days * DAY)
    assert await count(engine) == 2
    found = await log.snapshot((NOW + 3 * DAY).date(), NOW + 4 * DAY)
    assert found
    assert found.known == moved


async def test_a_library_of_which_one_brief_is_left_is_no_other(log: SqlStatements) -> None:
    """The other brief cannot be read, and the one that can be is new."""
    await log.record(library(a="1"), NONE, NOW)
    await log.record(library(b="1"), frozenset({"brief-a"}), NOW + DAY)
    found = await log.snapshot((NOW + 2 * DAY).date(), NOW + 2 * DAY)
    assert found
    assert found.known == library(a="1", b="1")


async def test_another_library_begins_anew(log: SqlStatements, engine: AsyncEngine) -> None:
    await log.record(library(a="1", b="1"), NONE, NOW)
    await log.record(library(c="1"), NONE, NOW + DAY)
    assert await count(engine) == 1
    found = await log.snapshot(NOW.date(), NOW + DAY)
    assert found
    assert (found.since, found.known) == ((NOW + DAY).date(), library(c="1"))


async def test_several_processes_at_once(log: SqlStatements, engine: AsyncEngine) -> None:
    """Each with a connection of its own; all write the same down, which is there once."""
    others = [build_engine(engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    logs = [SqlStatements(other) for other in others]
    many = library(**{f"s{n}": "1" for n in range(300)})
    changed = {**many, "s7": Known("2", "b", "B")}
    for state, at in ((many, NOW), (changed, NOW + DAY)):
        await asyncio.gather(
            *(each.record(state, NONE, at + timedelta(seconds=n)) for n, each in enumerate(logs))
        )
    for other in others:
        await other.dispose()
    assert await count(engine) == 301
    found = await log.snapshot((NOW + 2 * DAY).date(), NOW + 2 * DAY)
    assert found
    assert found.known == changed


async def test_what_ended_long_ago_is_forgotten(log: SqlStatements, engine: AsyncEngine) -> None:
    for state, days in ((library(a="1", b="1"), 0), (library(a="2"), 10)):
        await log.record(state, NONE, NOW + days * DAY)
    await log.prune(now=NOW + KEEP + 9 * DAY)
    assert await count(engine) == 3
    late = NOW + KEEP + 11 * DAY
    await log.prune(now=late)
    assert await count(engine) == 1
    found = await log.snapshot(NOW.date(), late)
    assert found
    assert (found.since, found.known) == ((late - KEEP).date(), library(a="2"))
