"""Subscriptions, deliveries and what replicas share, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bot.schedules.recurrence import Recurrence, with_times
from bot.schedules.schedule_ports import Claim, PlannedDue, Rate
from bot.schedules.subscription import (
    Change,
    Content,
    ContentKind,
    Delivery,
    MisfirePolicy,
    Planned,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
    runs,
)
from bot.storage import database
from bot.storage.database import upgrade
from bot.storage.deliveries import SqlDeliveries
from bot.storage.delivery_queue import SqlSharing
from bot.storage.store import SqlStore
from bot.storage.subscription_rows import SqlSubscriptions
from bot.storage.transactions import Transactions
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
S = Subscription(
    id="abcde",
    target=Target("slack", "T1", "C1"),
    content=Content(ContentKind.ASKS, ("china-vs-us", "key-players")),
    trigger=cron_trigger(
        "0 9 * * 1-5",
        "Europe/Berlin",
        skips=(date(2026, 12, 25),),
        misfire=MisfirePolicy.LATE,
        grace_s=3600,
        jitter_s=60,
    ),
    owner="U1",
    created_at=NOW,
    next_at=NOW,
    last_brief="overview",
)
ADDED = Change("abcde", NOW, "U1", "added", "x")


@pytest.fixture(autouse=True)
async def _tables(engine: AsyncEngine) -> None:
    await upgrade(engine)


async def test_which_subscriptions_send_a_brief(engine: AsyncEngine) -> None:
    store = SqlSubscriptions(engine)
    other = replace(S, id="other", content=Content(ContentKind.ASKS, ("what about key-players",)))
    later = replace(S, id="later", created_at=NOW + timedelta(hours=1))
    rotation = replace(S, id="rotas", content=Content(ContentKind.ROTATION))
    for each in (later, other, rotation, S):
        await store.put(each, ADDED)
    assert await store.asking_for("key-players", 9) == [S, later]
    assert await store.asking_for("key-players", 1) == [S]
    assert await store.asking_for("key_players", 9) == []
    assert await store.asking_for("%", 9) == []


async def test_a_subscription_comes_back_equal(engine: AsyncEngine) -> None:
    store = SqlSubscriptions(engine)
    await store.put(S, ADDED)
    assert await store.find("abcde") == S
    paused = replace(S, standing=SubscriptionStatus.PAUSED, next_at=None)
    await store.put(paused, replace(ADDED, what="paused"))
    assert await store.of_channel(S.target) == [paused]
    assert await store.of_workspace("slack", "T1") == [paused]
    assert await store.of_channel(Target("slack", "T2", "C1")) == []
    await store.remove("abcde", replace(ADDED, what="removed"))
    assert await store.find("abcde") is None
    assert [c.what for c in await store.history("abcde")] == ["removed", "paused", "added"]


async def test_schedules_of_a_workspace_stay_until_they_are_deleted_on_request(
    engine: AsyncEngine,
) -> None:
    store, log = SqlSubscriptions(engine), SqlDeliveries(engine)
    await store.put(S, ADDED)
    other = replace(S, id="other", target=Target("slack", "T11", "C1"))
    await store.put(other, replace(ADDED, subscription="other"))
    await log.record([Delivery("k", "abcde", NOW)], NOW)
    await SqlStore(engine).forget("slack:T1:")
    assert len(await store.all_subscriptions()) == 2
    assert await store.forget_workspace("slack", "T1") == 1
    assert await store.all_subscriptions() == [other]
    assert [c.subscription for c in await store.history(None)] == ["other"]
    assert not await log.take("me", NOW + timedelta(days=1), 10, lambda scope: 10)


async def test_due_and_advanced_once(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    await SqlSubscriptions(engine).put(S, ADDED)
    assert await log.next_due() == NOW
    later = NOW + timedelta(days=1)

    def plan(subscription: Subscription) -> Planned:
        assert subscription == S
        return Planned((Delivery("k", subscription.id, NOW, scope="a budget"),), later)

    assert await log.plan_due(NOW - timedelta(seconds=1), 10, plan) == PlannedDue(0)
    assert await log.plan_due(NOW, 10, plan) == PlannedDue(1)
    assert await log.plan_due(NOW, 10, plan) == PlannedDue(0)
    assert await log.next_due() == later
    (delivery,) = await log.deliveries([State.DUE], 10)
    assert delivery.scope == "a budget"
    assert await log.oldest_due(NOW) == NOW


async def test_each_is_taken_by_one_of_many(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    await log.record([Delivery(f"k{i}", f"k{i}", NOW) for i in range(40)], NOW)
    await log.record([Delivery("k1", "k1", NOW, state=State.FAILED)], NOW)
    taken = await asyncio.gather(*(log.take(f"e{i}", NOW, 10, lambda scope: 10) for i in range(8)))
    keys = [delivery.key for each in taken for delivery, _ in each]
    assert sorted(keys) == sorted({f"k{i}" for i in range(40)})
    assert await log.holders() <= {f"e{i}" for i in range(8)}


async def test_a_claim_is_for_whoever_has_taken_it(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    await log.record([Delivery("k", "k", NOW)], NOW)
    await log.take("me", NOW, 1, lambda scope: 1)
    until = NOW + timedelta(seconds=25)
    assert await log.claim("k", Claim("other", NOW, NOW, until)) is None
    first = await log.claim("k", Claim("me", NOW, NOW, until, "lib-1"))
    assert first
    assert (first.attempts, first.uncertain, first.tried_at, first.library) == (
        1,
        False,
        NOW,
        "lib-1",
    )
    assert await log.take_over("me", NOW, until) == 1
    assert await log.take("other", NOW, 1, lambda scope: 1) == ()
    await log.take("other", until, 1, lambda scope: 1)
    later = until + timedelta(seconds=25)
    second = await log.claim("k", Claim("other", until, until, later, "lib-2"))
    assert second
    assert (second.uncertain, second.tried_at, second.tried_until) == (True, NOW, later)
    assert second.library == "lib-1"


async def test_a_later_run_waits_for_the_earlier(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    later = NOW + timedelta(hours=1)
    await log.record([Delivery("k2", "s", later), Delivery("k1", "s", NOW)], NOW)
    (first,) = await log.take("me", later, 10, lambda scope: 10)
    assert first[0].key == "k1"
    assert await log.take("me", later, 10, lambda scope: 10) == ()
    await log.settle(replace(first[0], state=State.RETRY), "me", later, None, later)
    (second,) = await log.take("me", later, 1, lambda scope: 10)
    assert second[0].key == "k1"


async def test_a_full_budget_is_passed_over(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    rows = [Delivery(f"{n}{i}", f"{n}{i}", NOW, scope=n) for n in "abc" for i in range(30)]
    await log.record(rows, NOW)
    quotas = {"a": 2, "b": 0, "c": 99}
    taken = await log.take("me", NOW, 20, quotas.__getitem__)
    found = [delivery.scope for delivery, _ in taken]
    assert (found.count("a"), found.count("b"), found.count("c")) == (2, 0, 18)


async def test_what_a_release_without_times_has_left_is_taken_up(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    await log.record([Delivery("k", "k", NOW)], NOW)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE deliveries SET not_before = NULL, state = 'sending', executor = 'old'")
        )
    await log.mend_times(NOW, NOW)
    assert await log.next_open() is None
    late = NOW + timedelta(hours=1)
    await log.mend_times(late, late)
    (taken,) = await log.take("me", late, 1, lambda scope: 1)
    assert (taken[0].uncertain, taken[0].tried_at) == (True, NOW)


async def test_beats_and_ends(engine: AsyncEngine) -> None:
    sharing = SqlSharing(engine)
    for name in range(3):
        await sharing.beat(f"e{name}", NOW)
    await sharing.beat("e1", NOW + timedelta(seconds=1))
    await sharing.leave("e0")
    assert await sharing.beats() == {"e1": NOW + timedelta(seconds=1), "e2": NOW}


async def test_slots_are_given_out_once(engine: AsyncEngine) -> None:
    sharing = SqlSharing(engine)
    rate = Rate("discord", 50.0)
    begun = await asyncio.gather(*(sharing.reserve(rate, 5, NOW, 6.0) for _ in range(6)))
    assert sorted(begun) == [(NOW + timedelta(seconds=0.1 * i), True) for i in range(6)]
    after_a_pause = NOW + timedelta(seconds=60)
    assert await sharing.reserve(rate, 1, after_a_pause, 6.0) == (after_a_pause, True)
    await sharing.hold("discord", NOW + timedelta(seconds=90))
    held = NOW + timedelta(seconds=90)
    for _ in range(2):
        assert await sharing.reserve(rate, 50, after_a_pause, 6.0) == (held, False)


async def test_old_deliveries_and_libraries_go(engine: AsyncEngine) -> None:
    log = SqlDeliveries(engine)
    await SqlSubscriptions(engine).put(replace(S, last_library="needed"), ADDED)
    done = Delivery("done", "abcde", NOW, state=State.SENT)
    await log.record([done, Delivery("open", "abcde", NOW)], NOW)
    for version in ("needed", "old"):
        await log.keep_library(version, {"a": "1"}, NOW)
    await log.prune(NOW + timedelta(days=1))
    assert [d.key for d in await log.deliveries([], 10)] == ["open"]
    assert await log.digests("needed") == {"a": "1"}
    assert await log.digests("old") is None


async def test_one_failing_write_does_not_take_the_others_along(engine: AsyncEngine) -> None:
    transactions = Transactions(engine)

    async def good(connection: AsyncConnection) -> int:
        await connection.exec_driver_sql("SELECT 1")
        return 1

    async def bad(connection: AsyncConnection) -> int:
        await connection.exec_driver_sql("SELECT no_such_column")
        return 1

    works = [good, bad, good]
    found = await asyncio.gather(*map(transactions.run_together, works), return_exceptions=True)
    assert [each == 1 for each in found] == [True, False, True]


async def test_of_two_that_add_the_same_one_does(engine: AsyncEngine) -> None:
    store = SqlSubscriptions(engine)
    same = replace(S, id="other", owner="U2", created_at=NOW + timedelta(seconds=1))
    added = await asyncio.gather(store.add(S, ADDED), store.add(same, ADDED))
    assert sorted(added) == [False, True]
    assert len(await store.of_channel(S.target)) == 1
    # One that is put, as from a backup with two alike, is taken all the same.
    await store.put(replace(S, id="third"), ADDED)
    assert len(await store.of_channel(S.target)) == 2


async def test_triggers_are_migrated_there_and_back(engine: AsyncEngine) -> None:
    """Rows as revision 0005 had them come back as they were; what cron cannot say is paused."""
    crons = {
        "a": ("0 9 * * 1-5", ["2026-12-25"]),
        "b": ("30 17 LW * *", []),
        "c": ("0 7 1 * 1", []),
        "d": ("*/15 9-17 * 1-6 *", []),
    }
    await _to_revision(engine, "0005")
    await _put_rows(engine, crons)
    await _to_revision(engine, "0006")
    await upgrade(engine)
    store = SqlSubscriptions(engine)
    after = datetime(2026, 11, 24, tzinfo=UTC)
    for name, (cron, skips) in crons.items():
        found = await store.find(name)
        assert found
        days = tuple(date.fromisoformat(day) for day in skips)
        same = cron_trigger(cron, "Asia/Tokyo", skips=days)
        assert [*islice(runs(found.trigger, after), 40)] == [*islice(runs(same, after), 40)]
        assert (found.trigger.grace_s, found.language, found.left_at) == (60, "en", None)
    made = await store.find("a")
    assert made
    for name, every in (("e", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"), ("f", "FREQ=WEEKLY;BYDAY=MO")):
        recurrence = Recurrence(NOW.replace(tzinfo=None), with_times(every, [time(9)]))
        trigger = replace(made.trigger, recurrence=recurrence)
        await store.put(replace(made, id=name, trigger=trigger, next_at=NOW), ADDED)
    await _to_revision(engine, "0005")
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT id, rhythm, standing FROM subscriptions"))
        back = {row[0]: (_json(row[1]), row[2]) for row in rows}
    for name, (cron, skips) in crons.items():
        assert (back[name][0]["cron"], back[name][0]["skip_dates"]) == (cron, skips)
        assert "recurrence" not in back[name][0]
    assert back["e"][1] == "paused"
    assert (back["f"][0]["cron"], back["f"][1]) == ("0 9 * * 1", "active")
    await upgrade(engine)
    assert (await store.find("f")) is not None


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


async def _to_revision(engine: AsyncEngine, revision: str) -> None:
    def move(connection: Connection) -> None:
        config = database._config()
        config.attributes["connection"] = connection
        now_at = MigrationContext.configure(connection).get_current_revision() or ""
        step = command.downgrade if now_at > revision else command.upgrade
        step(config, revision)

    async with engine.begin() as connection:
        await connection.run_sync(move)


async def _put_rows(engine: AsyncEngine, crons: dict[str, tuple[str, list[str]]]) -> None:
    async with engine.begin() as connection:
        for name, (cron, skips) in crons.items():
            trigger = {"cron": cron, "zone": "Asia/Tokyo", "skip_dates": skips, "grace_s": 60}
            await connection.execute(
                text(
                    "INSERT INTO subscriptions (id, platform, workspace, channel, content, rhythm,"
                    " owner, created_at, standing) VALUES (:id, 'slack', 'T1', 'C1', :content,"
                    " :rhythm, 'U1', 1790000000000000, 'active')"
                ),
                {
                    "id": name,
                    "content": json.dumps({"kind": "rotation"}),
                    "rhythm": json.dumps(trigger),
                },
            )
