"""What channels were told, and who corrects it, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.answering.answer import Plan, Status
from bot.library.vocabulary import Intent
from bot.schedules.schedule_ports import Result
from bot.schedules.subscription import Correction, Delivery, Subscription, Target
from bot.storage.database import upgrade
from bot.storage.deliveries import SqlDeliveries
from bot.storage.statement_rows import CHANNELS_AT_ONCE, KEEP_TOLD, SqlCorrections
from bot.storage.store import SqlStore
from bot.storage.tables import corrections, deliveries, told_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncEngine

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HERE = Target("slack", "T1", "C1")


def scope_of(target: Target) -> str:
    return f"{target.workspace}'s budget"


@pytest.fixture(autouse=True)
async def _tables(engine: AsyncEngine) -> None:
    await upgrade(engine)


async def taken(engine: AsyncEngine) -> list[tuple[Delivery, Subscription]]:
    """Everything that is to be delivered, with what it is delivered as."""
    found = await SqlDeliveries(engine).take("me", NOW, 1000, lambda scope: 1000)
    return [(d, s) for d, s in found if isinstance(s, Subscription)]


async def tell(
    engine: AsyncEngine,
    texts: Mapping[str, str],
    place: Target = HERE,
    *,
    on: int = 24,
    corrects: bool = False,
) -> None:
    result = Result(
        answer_id=f"a{place.channel}",
        plan=Plan(Status.ANSWERED, Intent.SUMMARY),
        thread="t",
        place=place,
        told_on=date(2026, 11, on),
        texts=texts,
        corrects=corrects,
    )
    await SqlDeliveries(engine).settle(Delivery("d", "s", NOW), "me", NOW, result)


async def count(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as connection:
        found: int = (
            await connection.execute(select(func.count()).select_from(table))
        ).scalar_one()
    return found


async def test_planned_once_with_the_latest_day(engine: AsyncEngine) -> None:
    log, store = SqlCorrections(engine), SqlDeliveries(engine)
    await tell(engine, {"a": "old", "b": "same"}, on=20)
    await tell(engine, {"a": "older"}, on=10)
    await tell(engine, {"a": "new"}, Target("slack", "T1", "C2"))
    (key,) = await log.plan_corrections({"a": "new", "b": "same", "c": "x"}, NOW, scope_of)
    assert await store.next_open() == NOW
    ((delivery, subscription),) = await taken(engine)
    assert (delivery.key, delivery.scope) == (key, "T1's budget")
    assert subscription.target == HERE
    assert delivery.corrections == (Correction("a", "new", date(2026, 11, 20)),)
    assert await log.plan_corrections({"a": "new", "b": "same"}, NOW, scope_of) == []
    await tell(engine, {"a": "new"}, corrects=True)
    assert await count(engine, told_texts) == 3
    assert len(await log.plan_corrections({"a": "newest"}, NOW, scope_of)) == 2


async def test_two_processes_plan_each_channel_once(engine: AsyncEngine) -> None:
    places = [Target("slack", "T1", f"C{n}") for n in range(CHANNELS_AT_ONCE + 20)]
    for place in places:
        await tell(engine, {"a": "old", "b": "old"}, place)
    one, other = SqlCorrections(engine), SqlCorrections(engine)
    found = await asyncio.gather(
        one.plan_corrections({"a": "new"}, NOW, scope_of),
        other.plan_corrections({"a": "new", "b": "new"}, NOW, scope_of),
    )
    assert sum(map(len, found)) >= len(places)
    loaded = await taken(engine)
    corrected = [(s.target, c.snippet) for d, s in loaded for c in d.corrections]
    assert sorted(corrected, key=str) == sorted(
        [(place, name) for place in places for name in ("a", "b")], key=str
    )


async def test_a_removed_workspace_is_forgotten(engine: AsyncEngine) -> None:
    other = Target("slack", "T10", "C1")
    for place in (HERE, other):
        await tell(engine, {"a": "old"}, place)
    keys = await SqlCorrections(engine).plan_corrections({"a": "new"}, NOW, scope_of)
    assert len(keys) == 2
    await SqlStore(engine).forget("slack:T1:")
    ((_, kept),) = await taken(engine)
    assert kept.target == other
    left = [await count(engine, table) for table in (told_texts, corrections, deliveries)]
    assert left == [1, 1, 1]


async def test_what_is_long_ago_is_forgotten(engine: AsyncEngine) -> None:
    await tell(engine, {"a": "old"})
    await SqlCorrections(engine).plan_corrections({"a": "new"}, NOW, scope_of)
    store = SqlStore(engine)
    await store.prune(now=NOW + KEEP_TOLD)
    assert await count(engine, told_texts) == await count(engine, corrections) == 1
    await store.prune(now=NOW + KEEP_TOLD + timedelta(seconds=1))
    assert await count(engine, told_texts) == await count(engine, corrections) == 0
