"""What becomes of a delivery, whatever the platform says and whoever dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot.answering.changes import digests
from bot.errors import CannotLook, RateLimited, Refused, Uncertain
from bot.schedules.attempting import MOST_ATTEMPTS, SETTLE_S, backoff_s
from bot.schedules.posting import Pacer, RefusalRule
from bot.schedules.schedule_ports import LEASE_S, Claim, Rate
from bot.schedules.subscription import (
    Content,
    ContentKind,
    MisfirePolicy,
    State,
    SubscriptionStatus,
    Target,
    delivery_key,
)
from bot.schedules.texts import Where, plain
from bot.storage.database import build_engine, upgrade
from tests.schedules.scheduling import NOW, RULES, Desk
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = build_engine(f"sqlite:///{tmp_path}/desk.sqlite")
    await upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def desk(engine: AsyncEngine, catalog: Catalog) -> Desk:
    return Desk(engine, catalog)


async def test_due_is_sent_once_and_planned_anew(desk: Desk) -> None:
    await desk.add()
    await desk.tick_and_run()
    await desk.tick_and_run()
    (posted,) = desk.poster.taken
    assert posted.key == f"{delivery_key('abcde', NOW)}/0"
    assert posted.reply.answer.brief == "china-vs-us"
    assert not posted.maybe_posted
    done = await desk.one()
    assert (done.state, done.ref, done.attempts) == (State.SENT, "ts1", 1)
    again = await desk.store.find("abcde")
    assert again
    assert again.next_at == NOW + timedelta(days=1)


async def test_why_this_and_follow_ups_work_on_a_briefing(desk: Desk) -> None:
    await desk.add()
    await desk.tick_and_run()
    (posted,) = desk.poster.taken
    assert await desk.answers.load_plan(posted.reply.id) == posted.reply.plan
    latest = await desk.answers.latest_plan("discord:G1:C1:ts1", now=NOW)
    assert latest == posted.reply.plan


async def test_a_crash_after_writing_down_repeats_nothing(desk: Desk) -> None:
    """The tick dies before it moves on: the next one finds the same and puts it in again."""
    subscription = await desk.add()
    await desk.scheduler.tick()
    await desk.store.put(subscription, (await desk.store.history("abcde"))[0])
    await desk.scheduler.tick()
    await desk.one()
    await desk.run()
    assert len(desk.poster.taken) == 1


async def test_a_lost_reply_is_looked_for(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Uncertain("ServerDisconnectedError")]
    await desk.tick_and_run()
    waiting = await desk.one()
    assert (waiting.state, waiting.uncertain) == (State.RETRY, True)
    assert await desk.later() == SETTLE_S
    (posted,) = desk.poster.taken
    assert posted.maybe_posted
    assert (await desk.one()).state is State.SENT


async def test_a_429_waits_and_was_not_posted(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [RateLimited("429", 7.5)]
    await desk.tick_and_run()
    assert not (await desk.one()).uncertain
    free, taken = await desk.sharing.reserve(Rate("discord", 50.0), 1, NOW, 6.0)
    assert (free, taken) == (NOW + timedelta(seconds=7.5), False)
    assert await desk.later() == 7.5
    assert [p.maybe_posted for p in desk.poster.taken] == [False]


async def test_429s_do_not_count_as_failures(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [RateLimited("429", 3.0) for _ in range(MOST_ATTEMPTS + 3)]
    await desk.scheduler.tick()
    await desk.run()
    for _ in range(MOST_ATTEMPTS + 3):
        await desk.later()
    assert (await desk.one()).state is State.SENT


async def test_too_many_failures_are_given_up(desk: Desk) -> None:
    await desk.add(trigger=cron_trigger("0 9 * * *", "UTC", grace_s=86400))
    desk.poster.next = [Uncertain("500") for _ in range(MOST_ATTEMPTS)]
    await desk.tick_and_run()
    for _ in range(MOST_ATTEMPTS - 1):
        await desk.later()
    failed = await desk.one()
    assert (failed.state, failed.reason) == (State.FAILED, "lost: 500")
    assert desk.poster.asked == MOST_ATTEMPTS
    # Asked for again it gets as many attempts as before.
    desk.poster.next = [Uncertain("500")]
    await desk.log.reopen([failed.key], desk.clock())
    await desk.run()
    assert (await desk.one()).state is State.RETRY
    await desk.later()
    assert (await desk.one()).state is State.SENT


async def test_later_than_the_grace_time_is_given_up_and_recorded(desk: Desk) -> None:
    await desk.add(trigger=cron_trigger("0 9 * * *", "UTC", grace_s=600))
    await desk.scheduler.tick()
    desk.clock.move(minutes=11)
    await desk.run()
    assert (await desk.one()).state is State.LATE
    assert desk.poster.taken == []


FAILURES = [
    (platform, code, outcome)
    for platform, rules in RULES.of.items()
    for code, outcome in {
        **rules.outcomes,
        "never_heard_of": RULES.outcome_of(platform, "never_heard_of"),
    }.items()
]


@pytest.mark.parametrize(("platform", "code", "outcome"), FAILURES)
async def test_each_way_of_failing_pauses_when_it_should_and_tells_the_owner_once(
    desk: Desk, platform: str, code: str, outcome: RefusalRule
) -> None:
    place = Target(platform, "G1", "C1")
    await desk.add(target=place)
    await desk.add("other", target=place, next_at=NOW + timedelta(days=9))
    for run in range(outcome.after or 4):
        kept = await desk.store.find("abcde")
        assert kept
        assert kept.standing is SubscriptionStatus.ACTIVE, run
        desk.poster.next = [Refused(code)]
        await desk.tick_and_run()
        desk.clock.move(days=1)
    await desk.run()
    await desk.run()
    if not outcome.after:
        assert desk.poster.taken == []
        return
    stopped = await desk.store.find("abcde")
    assert stopped
    assert (stopped.standing, stopped.paused_for) == (SubscriptionStatus.PAUSED, code)
    (told,) = desk.poster.taken
    assert told.target.user == "U1"
    assert (told.reply.schedule, told.reply.buttons[0]) == ("abcde", "resume")
    (said,) = told.reply.lines
    assert Where("C1") in said
    assert outcome.notice != "refused" or code in plain(said)
    history = await desk.store.history("abcde")
    assert (history[0].who, history[0].what, history[0].detail) == ("aibrief", "paused", code)
    others = await desk.store.find("other")
    assert others
    assert others.standing is SubscriptionStatus.ACTIVE
    notices = [d for d in await desk.log.deliveries([], 20) if d.notice]
    assert [d.notice for d in notices] == [outcome.notice]


async def test_a_run_that_gets_through_begins_the_count_anew(desk: Desk) -> None:
    await desk.add()
    for code in ("200000", None, "200000", None):
        desk.poster.next = [Refused(code)] if code else []
        await desk.tick_and_run()
        desk.clock.move(days=1)
    kept = await desk.store.find("abcde")
    assert kept
    assert kept.standing is SubscriptionStatus.ACTIVE


async def test_the_owner_is_told_in_their_language(desk: Desk) -> None:
    await desk.add(language="de")
    desk.poster.next = [Refused("50013")]
    await desk.tick_and_run()
    await desk.run()
    (told,) = desk.poster.taken
    assert "Dein Zeitplan" in plain(told.reply.lines[0])
    assert told.reply.language == "de"


async def test_what_the_briefs_have_no_more_is_left_out(desk: Desk) -> None:
    await desk.add(content=Content(ContentKind.ASKS, ("who shot the sheriff", "china-vs-us")))
    await desk.tick_and_run()
    (posted,) = desk.poster.taken
    assert posted.reply.answer.brief == "china-vs-us"


async def test_where_nothing_is_left_it_waits_for_a_newer_library_then_pauses(desk: Desk) -> None:
    await desk.add(content=Content(ContentKind.ASKS, ("who shot the sheriff",)))
    await desk.tick_and_run()
    assert (await desk.one()).state is State.RETRY
    for _ in range(MOST_ATTEMPTS - 1):
        await desk.later()
    (told,) = desk.poster.taken
    assert told.target.user == "U1"
    stopped = await desk.store.find("abcde")
    assert stopped
    assert (stopped.standing, stopped.paused_for) == (SubscriptionStatus.PAUSED, "not-covered")


async def test_an_owner_who_was_forgotten_is_not_told(desk: Desk) -> None:
    await desk.add(owner="")
    desk.poster.next = [Refused("10003")]
    await desk.tick_and_run()
    await desk.run()
    assert (desk.poster.asked, (await desk.one()).state) == (1, State.FAILED)
    stopped = await desk.store.find("abcde")
    assert stopped
    assert stopped.standing is SubscriptionStatus.PAUSED


LATE = cron_trigger("0 9 * * *", "UTC", misfire=MisfirePolicy.LATE, grace_s=7 * 86400)


async def test_of_several_late_runs_one_tells_the_owner(desk: Desk) -> None:
    await desk.add(trigger=LATE)
    desk.clock.move(days=2)
    desk.poster.next = [Refused("10003")]
    await desk.tick_and_run()
    await desk.run()
    assert [p.target.user for p in desk.poster.taken] == ["U1"]
    states = [d.state for d in await desk.log.deliveries([], 10) if d.notice is None]
    assert states == [State.MISSED, State.MISSED, State.FAILED]
    # Asked for once more it is refused once more: the owner has been told.
    desk.poster.next = [Refused("10003")]
    await desk.log.reopen([delivery_key("abcde", NOW)], desk.clock())
    await desk.run()
    await desk.run()
    assert len(desk.poster.taken) == 1


async def test_several_late_runs_each_go_on_from_the_one_before(desk: Desk) -> None:
    await desk.add("rotat", content=Content(ContentKind.ROTATION), trigger=LATE)
    before = dict(digests(desk.catalog))
    before.popitem()
    await desk.log.keep_library("yesterday", before, NOW)
    changes = Content(ContentKind.CHANGES)
    await desk.add("chang", content=changes, trigger=LATE, last_library="yesterday")
    desk.clock.move(days=2)
    await desk.tick_and_run()
    briefs = [p.reply.answer.brief for p in desk.poster.taken if p.key.startswith("rotat")]
    assert briefs == sorted(desk.catalog.library.briefs)[:3]
    assert len([p for p in desk.poster.taken if p.key.startswith("chang")]) == 1


async def test_a_refusal_of_one_post_fails_only_that(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Refused("msg_too_long")]
    await desk.tick_and_run()
    assert (await desk.one()).state is State.FAILED
    kept = await desk.store.find("abcde")
    assert kept
    assert kept.standing is SubscriptionStatus.ACTIVE


async def test_a_failed_delivery_can_be_asked_for_again(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Refused("10003"), Refused("user_not_found")]
    await desk.tick_and_run()
    await desk.run()
    desk.clock.move(days=3)
    key = delivery_key("abcde", NOW)
    assert await desk.log.reopen([key, "no such"], desk.clock()) == [key]
    await desk.run()
    (sent,) = await desk.log.deliveries([State.SENT], 10)
    assert sent.key == key


async def test_what_the_living_have_is_left_and_what_the_dead_had_is_looked_for(
    desk: Desk,
) -> None:
    await desk.add()
    await desk.scheduler.tick()
    other, _ = desk.executor("other")
    await other._world.lease.beat()
    await desk.log.take("other", NOW, 1, lambda scope: 1)
    key = delivery_key("abcde", NOW)
    claim = Claim("other", NOW, since=NOW, until=NOW + timedelta(seconds=25))
    assert await desk.log.claim(key, claim)
    for _ in range(6):
        assert await desk.run() == 0
        await desk.scheduler._keep_up()
        desk.clock.move(seconds=5)
    # Its beat was seen to stand still for a lease: whoever lives takes it.
    await desk.scheduler._keep_up()
    freed = await desk.one()
    assert (freed.state, freed.uncertain) == (State.RETRY, True)
    assert await desk.later() == SETTLE_S - LEASE_S
    assert [p.maybe_posted for p in desk.poster.taken] == [True]
    # Should the other wake up after all, it writes nothing any more.
    (done,) = await desk.log.deliveries([State.SENT], 10)
    assert not await desk.log.settle(replace(done, state=State.FAILED), "other", NOW)
    assert (await desk.one()).state is State.SENT


async def test_what_is_done_with_while_more_is_taken_may_be_taken_anew(desk: Desk) -> None:
    await desk.add()
    await desk.scheduler.tick()
    desk.poster.next = [RateLimited("slow", 60.0)]
    takes: Any = desk.log.take

    async def late(*given: Any) -> Any:
        """The database is slow to answer: meanwhile what was in hand is given back."""
        if desk.deliverer.in_hand:
            await desk.deliverer.idle()
            desk.clock.move(seconds=61)
        return await takes(*given[:1], desk.clock(), *given[2:])

    desk.log.take = late  # type: ignore[method-assign, assignment]
    assert await desk.deliverer.take() == 1
    assert await desk.deliverer.take() == 1
    await desk.deliverer.idle()
    assert (await desk.one()).state is State.SENT


async def test_who_was_stopped_after_the_claim_comes_back_without_posting(desk: Desk) -> None:
    await desk.add()

    class Stopping(Pacer):
        async def gate(self, target: Target) -> None:
            desk.clock.move(seconds=45)

    stopped = Stopping(RULES, desk.sharing, desk.clock)
    desk.change(pacer=stopped)
    await desk.scheduler.tick()
    await desk.deliverer.take()
    await desk.deliverer.idle()
    assert desk.poster.asked == 0
    waiting = await desk.one()
    assert (waiting.state, waiting.uncertain) == (State.RETRY, False)


async def test_what_cannot_be_looked_for_stays_uncertain_until_it_can(desk: Desk) -> None:
    await desk.add()
    await desk.add("other")
    lost, refused = Uncertain("timeout"), CannotLook("missing_scope", needed="channels:history")
    desk.poster.next = [lost, lost]
    await desk.tick_and_run()
    desk.poster.next = [refused, refused]
    await desk.later()
    assert desk.poster.asked == 5, "two posts, two looks, one notice for both schedules"
    (told,) = desk.poster.taken
    assert told.target.user == "U1"
    assert "channels:history" in plain(told.reply.lines[0])
    both = await desk.log.deliveries([State.UNCERTAIN], 10)
    assert {d.reason for d in both} == {"cannot look for it: missing_scope channels:history"}
    kept = await desk.store.find("abcde")
    assert kept
    assert kept.standing is SubscriptionStatus.ACTIVE
    # The schedule goes on: the next day's run is sent, whatever became of this one.
    desk.poster.next = [refused] * 2
    desk.clock.move(days=1)
    await desk.tick_and_run()
    assert len([p for p in desk.poster.taken if p.target.user is None]) == 2
    # The scope is mended: each is looked for before anything is sent.
    desk.poster.taken.clear()
    assert await desk.later() > 0
    assert [p.maybe_posted for p in desk.poster.taken] == [True, True]
    assert await desk.log.deliveries([State.UNCERTAIN], 10) == []


async def test_a_limit_on_looking_holds_up_no_post(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Uncertain("timeout")]
    await desk.tick_and_run()
    desk.poster.next = [CannotLook("ratelimited", retry_after_s=60.0)]
    await desk.later()
    await desk.add("other", next_at=desk.clock())
    await desk.tick_and_run()
    assert [p.key[:5] for p in desk.poster.taken] == ["other"]
    assert await desk.later() == 60.0
    assert [p.maybe_posted for p in desk.poster.taken] == [False, True]


async def test_an_error_that_the_platform_told_is_tried_again_soon(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Uncertain("503", answered=True)]
    await desk.tick_and_run()
    assert await desk.later() == backoff_s(1)
    assert [p.maybe_posted for p in desk.poster.taken] == [True]


async def test_a_row_that_cannot_be_read_stops_only_itself(
    desk: Desk, engine: AsyncEngine
) -> None:
    await desk.add("other")
    for name in ("abcde", "fghij"):
        await desk.add(name)
    async with engine.begin() as connection:
        for name, trigger in (
            ("abcde", """{"cron": "0 9 * * *", "zone": "Mars/Olympus"}"""),
            ("fghij", """["no", "rhythm"]"""),
        ):
            given = {"rhythm": trigger, "id": name}
            await connection.execute(
                text("UPDATE subscriptions SET rhythm = :rhythm WHERE id = :id"), given
            )
    await desk.tick_and_run()
    await desk.run()
    assert [p.key[:5] for p in desk.poster.taken if p.target.user is None] == ["other"]
    assert [p.target.user for p in desk.poster.taken if p.target.user] == ["U1", "U1"]
    failed = await desk.log.deliveries([State.FAILED], 10)
    assert {d.subscription for d in failed} == {"abcde", "fghij"}
    assert all("cannot be read" in (d.reason or "") for d in failed)
    assert [s.id for s in await desk.store.all_subscriptions()] == ["other"]
    assert await desk.scheduler.tick() > 0, "they are due no more"


async def test_when_the_database_was_away_does_not_count_as_late(desk: Desk) -> None:
    await desk.add(trigger=cron_trigger("0 9 * * *", "UTC", grace_s=600))
    away = timedelta(minutes=5)
    desk.change(outage=lambda past: min(past, away))
    await desk.scheduler.tick()
    desk.clock.move(minutes=11)
    await desk.run()
    assert len(desk.poster.taken) == 1


async def test_a_full_workspace_stands_in_nobodys_way(desk: Desk) -> None:
    """The first has more than it takes, the second is held by a 429, the third goes at once."""
    for name, team, count in (("aaa", "T1", 60), ("bbb", "T2", 40), ("ccc", "T3", 2)):
        for number in range(count):
            channel = Target("slack", team, f"C{number}")
            await desk.add(f"{name}{number}", target=channel)
    await desk.deliverer._world.pacer.hold(Target("slack", "T2", "C1"), 30.0)
    await desk.scheduler.tick()
    assert await desk.deliverer.take() == RULES.at_once("slack:T1") + 2
    in_hand = Counter(key[:3] for key in desk.deliverer.in_hand)
    assert in_hand == {"aaa": RULES.at_once("slack:T1"), "ccc": 2}
    await desk.deliverer.drain()


async def test_a_time_that_a_wrong_clock_set_is_mended(desk: Desk) -> None:
    await desk.add()
    desk.poster.next = [Uncertain("timeout")]
    await desk.tick_and_run()
    desk.clock.move(hours=-1)
    await desk.scheduler._sweep()
    assert await desk.run() == 1
    assert [p.maybe_posted for p in desk.poster.taken] == [True]


async def test_what_an_error_of_ours_has_dropped_is_taken_up_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.add()

    async def broken(*given: object, **more: object) -> bool:
        raise ValueError("no such thing")

    with monkeypatch.context() as patched:
        patched.setattr(desk.log, "settle", broken)
        await desk.tick_and_run()
    assert (await desk.one()).state is State.SENDING
    await desk.scheduler._pick_up()
    assert await desk.later() == SETTLE_S
    assert (await desk.one()).state is State.SENT
    assert len(desk.poster.taken) == 1


async def test_several_parts_go_on_where_they_stopped(desk: Desk) -> None:
    asks = ("china-vs-us", "key-players", "overview")
    await desk.add(content=Content(ContentKind.ASKS, asks))
    await desk.scheduler.tick()
    desk.poster.for_part["/1"] = Uncertain("lost")
    await desk.run()
    waiting = await desk.one()
    assert (waiting.state, waiting.parts_sent) == (State.RETRY, 1)
    await desk.later()
    assert [p.reply.answer.brief for p in desk.poster.taken] == list(asks)
    assert [p.maybe_posted for p in desk.poster.taken] == [False, True, False]


async def test_rotation_goes_on_and_changes_are_told_once(desk: Desk) -> None:
    await desk.add("rotat", content=Content(ContentKind.ROTATION))
    version = desk.catalog.library.version
    before = dict(digests(desk.catalog))
    gone = before.popitem()[0]
    await desk.log.keep_library("yesterday", before, NOW)
    await desk.add("chang", content=Content(ContentKind.CHANGES), last_library="yesterday")
    await desk.tick_and_run()
    shown = {p.key[:5]: p.reply.answer for p in desk.poster.taken}
    assert shown["rotat"].brief == min(desk.catalog.library.briefs)
    assert shown["chang"].snippets == (gone,)
    desk.clock.move(days=1)
    await desk.tick_and_run()
    second = [p.reply.answer for p in desk.poster.taken[2:]]
    assert [a.brief for a in second] == [sorted(desk.catalog.library.briefs)[1]]
    (silent,) = await desk.log.deliveries([State.NOTHING_NEW], 10)
    assert silent.subscription == "chang"
    told = await desk.store.find("chang")
    assert told
    assert told.last_library == version


async def test_paused_and_removed_are_not_sent(desk: Desk) -> None:
    paused = await desk.add("pause")
    removed = await desk.add("remov")
    await desk.scheduler.tick()
    change = (await desk.store.history("pause"))[0]
    await desk.store.put(replace(paused, standing=SubscriptionStatus.PAUSED), change)
    await desk.store.remove(removed.id, replace(change, subscription="remov"))
    await desk.run()
    assert desk.poster.taken == []
    assert {d.state for d in await desk.log.deliveries([], 10)} == {State.MISSED}
    desk.clock.move(hours=1)
    assert await desk.log.next_open() is None
    both = [delivery_key(name, NOW) for name in ("pause", "remov")]
    assert await desk.log.reopen(both, desk.clock()) == both[:1]


async def test_draining_hands_over(desk: Desk) -> None:
    await desk.add()
    await desk.scheduler.tick()
    await desk.deliverer.take()
    await desk.scheduler.drain()
    assert desk.poster.taken == []
    desk.deliverer, desk.scheduler = desk.executor("next")
    await desk.run()
    assert len(desk.poster.taken) == 1


async def test_it_runs_and_is_poked(desk: Desk) -> None:
    task = asyncio.create_task(desk.scheduler.run())
    while not desk.scheduler.ready():
        await asyncio.sleep(0.01)
    await desk.add()
    desk.scheduler.poke()
    while not desk.poster.taken:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert not desk.scheduler.ready()
