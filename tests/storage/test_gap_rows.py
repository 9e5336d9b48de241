"""Gaps, counts, questions and watches in both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Plan, Status
from bot.gaps.collecting import CLAIM_S, Notes, Tally, Watch
from bot.gaps.grouping import Gap, Why
from bot.library.vocabulary import Intent
from bot.service.ports import Person
from bot.storage.database import upgrade
from bot.storage.gap_rows import SqlGaps
from bot.storage.store import SqlStore, forget_person

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture
async def kept(engine: AsyncEngine) -> SqlGaps:
    await upgrade(engine)
    return SqlGaps(engine, 30)


def gap(question: str, day: date = TODAY, **more: object) -> Gap:
    return Gap(day, Why.NOT_COVERED, question, **more)  # type: ignore[arg-type]


def watch(number: int, user: str = "U1", workspace: str = "T1", platform: str = "slack") -> Watch:
    return Watch(f"w{number}", platform, workspace, user, f"q{number}", NOW)


async def test_counts_add_up(kept: SqlGaps) -> None:
    down = Gap(TODAY, Why.RATED_DOWN, "b", "governance", "abc")
    tally = Tally(TODAY, "answered", "fact", "governance")
    for _ in range(2):
        await kept.note(Notes([gap("b"), gap("a"), gap("b", count=3), down], [tally, tally]), NOW)
    assert sorted(await kept.gaps()) == [
        gap("a", count=2),
        gap("b", count=8),
        Gap(TODAY, Why.RATED_DOWN, "b", "governance", "abc", 2),
    ]
    assert await kept.tallies() == [Tally(TODAY, "answered", "fact", "governance", 4)]
    await kept.note(Notes(), NOW)


async def test_of_very_many_the_newest_and_most_frequent_are_read(engine: AsyncEngine) -> None:
    await upgrade(engine)
    few = SqlGaps(engine, 30, most=2)
    await few.note(Notes([gap("old", TODAY - DAY, count=9), gap("a"), gap("b", count=2)]), NOW)
    assert await few.gaps() == [gap("a"), gap("b", count=2)]
    await few.note(Notes([gap("c", count=3)]), NOW)
    assert await few.gaps() == [gap("b", count=2), gap("c", count=3)]


async def test_many_writers_lose_nothing(kept: SqlGaps) -> None:
    notes = [Notes([gap("a"), gap("b")]), Notes([gap("b"), gap("a")])] * 5
    await asyncio.gather(*(kept.note(each, NOW) for each in notes))
    assert [g.count for g in await kept.gaps()] == [10, 10]


async def test_questions_are_kept_for_a_day(kept: SqlGaps) -> None:
    await kept.note(Notes(questions={"a1": "what now", "a2": "and then"}), NOW)
    await kept.note(Notes(questions={"a1": "another"}), NOW)
    assert await kept.question("a1") == "what now"
    assert await kept.take_question("a1") == "what now"
    assert await kept.take_question("a1") is None
    await kept.prune(now=NOW + DAY)
    assert await kept.question("a2") == "and then"
    await kept.prune(now=NOW + DAY + timedelta(seconds=1))
    assert await kept.question("a2") is None


async def test_what_is_old_goes(kept: SqlGaps) -> None:
    old, kept_still = TODAY - 31 * DAY, TODAY - 30 * DAY
    tallies = [Tally(day, "answered", "fact") for day in (old, kept_still)]
    await kept.note(Notes([gap("a", old), gap("b", kept_still)], tallies), NOW)
    await kept.watch(watch(1))
    await kept.prune(now=NOW)
    assert [g.question for g in await kept.gaps()] == ["b"]
    assert [t.day for t in await kept.tallies()] == [kept_still]
    assert await kept.gaps(TODAY) == []
    assert await kept.tallies(TODAY) == []
    assert await kept.watches() == [watch(1)]
    await kept.prune(now=NOW + 31 * DAY)
    assert await kept.watches() == []


async def test_a_watch_is_kept_once_and_claimed_by_one(kept: SqlGaps) -> None:
    assert await kept.watch(watch(1))
    assert not await kept.watch(watch(1))
    claims = await asyncio.gather(*(kept.claim_watch("w1", NOW) for _ in range(5)))
    (claimed,) = [claim for claim in claims if claim]
    assert claimed.attempts == 1
    await kept.release_watch("w1")
    again = await kept.claim_watch("w1", NOW)
    assert again
    assert again.attempts == 1
    assert await kept.claim_watch("w1", NOW + timedelta(seconds=CLAIM_S)) is None
    taken_over = await kept.claim_watch("w1", NOW + timedelta(seconds=CLAIM_S + 1))
    assert taken_over
    assert taken_over.attempts == 2
    await kept.drop_watch("w1")
    assert await kept.claim_watch("w1", NOW + DAY) is None


async def test_a_workspace_and_a_person_are_forgotten(kept: SqlGaps, engine: AsyncEngine) -> None:
    store = SqlStore(engine)
    plan = Plan(Status.ANSWERED, Intent.FACT)
    await store.save_plan("a1", plan, thread="slack:T1:C1:1", now=NOW)
    await kept.note(Notes(questions={"a1": "x", "a2": "y"}), NOW)
    ben = "123456789012345678"
    for each in (
        watch(1), watch(2, "U2"), watch(3, workspace="T10"), watch(4, ben, "7", "discord"),
        watch(5, ben, "", "discord"),
    ):  # fmt: skip
        await kept.watch(each)
    await store.forget("slack:T1:")
    assert [w.id for w in await kept.watches()] == ["w3", "w4", "w5"]
    assert await kept.question("a1") is None
    assert await kept.question("a2") == "y"
    await store.forget("discord:7:")
    assert [w.id for w in await kept.watches()] == ["w3", "w5"]
    assert (await forget_person(engine, Person("discord", ben, "discord:")))["watches"] == 1
    assert (await forget_person(engine, Person("slack", "U1")))["watches"] == 1
    assert await kept.watches() == []
