"""One contract, three stores: memory, SQLite, PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.answering.answer import Plan, Status
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from bot.service.ports import Store

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = Plan(
    Status.ANSWERED,
    Intent.COMPARE,
    brief="china-vs-us",
    snippets=("a", "b"),
    actors=("china", "us"),
    page=2,
    notes=("no-more",),
    score=93.1,
)


async def test_a_plan_comes_back_equal(store: Store) -> None:
    await store.save_plan("one", PLAN, thread=None, now=NOW)
    assert await store.load_plan("one") == PLAN
    assert await store.load_plan("other") is None


async def test_the_latest_plan_of_a_thread(store: Store) -> None:
    later = Plan(Status.CLARIFY, Intent.SUMMARY)
    await store.save_plan("one", PLAN, thread="t", now=NOW)
    await store.save_plan("two", later, thread="t", now=NOW + HOUR)
    await store.save_plan("three", PLAN, thread=None, now=NOW + 2 * HOUR)
    assert await store.latest_plan("t", now=NOW + 3 * HOUR) == later
    assert await store.latest_plan("u", now=NOW) is None


async def test_a_thread_ends_after_a_day_of_silence(store: Store) -> None:
    await store.save_plan("one", PLAN, thread="t", now=NOW)
    assert await store.latest_plan("t", now=NOW + timedelta(days=1)) == PLAN
    assert await store.latest_plan("t", now=NOW + timedelta(days=1, seconds=1)) is None
    assert await store.load_plan("one") == PLAN


async def test_first_time_until_it_expires(store: Store) -> None:
    assert await store.first_time("k", now=NOW, keep=HOUR)
    assert not await store.first_time("k", now=NOW, keep=HOUR)
    assert not await store.first_time("k", now=NOW + HOUR - timedelta(microseconds=1), keep=HOUR)
    assert await store.first_time("k", now=NOW + HOUR, keep=HOUR)
    assert not await store.first_time("k", now=NOW + HOUR, keep=HOUR)


async def test_one_of_many_at_once_is_first(store: Store) -> None:
    won = await asyncio.gather(*(store.first_time("k", now=NOW, keep=HOUR) for _ in range(25)))
    assert won.count(True) == 1


async def test_a_later_vote_replaces_the_earlier(store: Store) -> None:
    votes = [
        ("one", "ann", True),
        ("one", "ann", False),
        ("one", "bob", True),
        ("two", "ann", True),
    ]
    for answer, rater, helpful in votes:
        await store.rate(answer, rater=rater, helpful=helpful, brief="x", now=NOW)
    await store.rate("three", rater="ann", helpful=True, brief=None, now=NOW)
    await store.rate("four", rater="ann", helpful=False, brief="a", now=NOW)
    assert dict(await store.rating_totals()) == {"a": (0, 1), "x": (2, 1)}


async def test_named_values(store: Store) -> None:
    assert await store.get_value("n") is None
    await store.set_value("n", "1")
    await store.set_value("n", "2")
    assert await store.get_value("n") == "2"


async def test_forgetting_a_workspace_leaves_the_others(store: Store) -> None:
    for team in ("slack:T_1:", "slack:Tx1:"):
        await store.save_plan(f"{team}a", PLAN, thread=f"{team}C:t", now=NOW)
        await store.first_time(f"{team}k", now=NOW, keep=HOUR)
        await store.set_value(f"{team}v", "1")
    await store.forget("slack:T_1:")
    assert await store.latest_plan("slack:T_1:C:t", now=NOW) is None
    assert await store.load_plan("slack:T_1:a") is None
    assert await store.get_value("slack:T_1:v") is None
    assert await store.first_time("slack:T_1:k", now=NOW, keep=HOUR)
    assert await store.latest_plan("slack:Tx1:C:t", now=NOW) == PLAN
    assert await store.get_value("slack:Tx1:v") == "1"
    assert not await store.first_time("slack:Tx1:k", now=NOW, keep=HOUR)


async def test_pruning_keeps_what_is_alive(store: Store) -> None:
    await store.first_time("old", now=NOW, keep=HOUR)
    await store.first_time("new", now=NOW, keep=3 * HOUR)
    await store.save_plan("one", PLAN, thread="t", now=NOW)
    await store.prune(now=NOW + 2 * HOUR)
    assert not await store.first_time("new", now=NOW + 2 * HOUR, keep=HOUR)
    assert await store.latest_plan("t", now=NOW + 2 * HOUR) == PLAN


async def test_several_ids_of_one_event_are_new_only_together(store: Store) -> None:
    assert await store.first_times(("event:1", "ts:1"), now=NOW, keep=HOUR)
    assert not await store.first_times(("event:2", "ts:1"), now=NOW, keep=HOUR)
    assert not await store.first_times(("event:2", "ts:2"), now=NOW, keep=HOUR), "2 is claimed"
    assert await store.first_times((), now=NOW, keep=HOUR)


async def test_what_comes_at_once_is_claimed_and_kept_as_if_one_after_the_other(
    store: Store,
) -> None:
    keys = [("a", f"own{n % 40}") for n in range(120)]
    fresh = await asyncio.gather(
        *(store.first_times(each, now=NOW, keep=HOUR) for each in keys),
        *(store.first_time(f"other{n}", now=NOW, keep=HOUR) for n in range(120)),
        *(store.save_plan(f"p{n}", PLAN, thread=f"t{n % 7}", now=NOW) for n in range(120)),
    )
    assert sum(map(bool, fresh[:120])) == 1, "all of them share a key"
    assert all(fresh[120:240])
    for n in range(120):
        assert await store.load_plan(f"p{n}") == PLAN
    assert not await store.first_time("own39", now=NOW, keep=HOUR)
