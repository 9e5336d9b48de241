"""What a reader chose, in the database: shared, aged, and the first one stands."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.answering.answer import Plan, ReaderNote, Status
from bot.answering.reader_choice import Choice
from bot.answering.reader_request import ChoiceKind
from bot.library.vocabulary import Intent
from bot.service.ports import DECISION_LIFE, Decision
from bot.storage.database import upgrade
from bot.storage.store import SqlReadings, dump_plan, parse_plan
from bot.storage.tables import readings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
ANSWER = Choice(ChoiceKind.ANSWER, ("b", "a"))


def made(choice: Choice, at: datetime = NOW, ms: int = 812) -> Decision:
    return Decision(choice, ms, at)


@pytest.fixture
async def store(engine: AsyncEngine) -> SqlReadings:
    await upgrade(engine)
    return SqlReadings(engine)


async def test_it_is_kept_until_it_is_too_old(store: SqlReadings) -> None:
    assert await store.load_decision("k", now=NOW) is None
    assert await store.save_decision("k", made(ANSWER), now=NOW) == made(ANSWER)
    almost = NOW + DECISION_LIFE - timedelta(seconds=1)
    assert await store.load_decision("k", now=almost) == made(ANSWER)
    later = NOW + DECISION_LIFE
    assert await store.load_decision("k", now=later) is None
    anew = made(Choice(ChoiceKind.NONE), later)
    assert await store.save_decision("k", anew, now=later) == anew


async def test_the_first_of_two_instances_stands(store: SqlReadings) -> None:
    choices = [made(Choice(ChoiceKind.CLOSEST, (name,))) for name in "abcd"]
    kept = await asyncio.gather(*(store.save_decision("k", c, now=NOW) for c in choices))
    assert len(set(map(str, kept))) == 1
    assert await store.load_decision("k", now=NOW) == kept[0]


async def test_what_is_too_old_is_removed(store: SqlReadings) -> None:
    await store.save_decision("old", made(ANSWER), now=NOW)
    young = NOW + timedelta(days=1)
    await store.save_decision("young", made(ANSWER, young), now=young)
    await store.prune(now=NOW + DECISION_LIFE)
    assert await store.load_decision("old", now=NOW) is None
    assert await store.load_decision("young", now=young) == made(ANSWER, young)


async def test_what_another_version_wrote_is_asked_anew(
    store: SqlReadings, engine: AsyncEngine
) -> None:
    await store.save_decision("k", made(ANSWER), now=NOW)
    async with engine.begin() as connection:
        await connection.execute(update(readings).values(kind="debate"))
    assert await store.load_decision("k", now=NOW) is None


def test_a_plan_without_a_reader_is_stored_as_before() -> None:
    plan = Plan(Status.ANSWERED, Intent.SUMMARY, brief="b")
    assert "reader" not in dump_plan(plan)
    note = ReaderNote("m", used=True, ms=5, among=80, ranked=(("a", 71.5),))
    read = Plan(Status.ANSWERED, Intent.SUMMARY, brief="b", reader=note)
    assert parse_plan(dump_plan(read)) == read
    assert parse_plan(dump_plan(plan)) == plan
    assert parse_plan({**dump_plan(plan), "reader": {"unknown": 1}}) is None
