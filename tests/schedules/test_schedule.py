"""What is due, what was missed, and what a run sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.changes import digests
from bot.schedules.content import compose_briefing, describe_content, parse_content
from bot.schedules.subscription import (
    Content,
    ContentKind,
    Delivery,
    MisfirePolicy,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
    delivery_key,
    jitter_s,
    next_runs,
    plan_runs,
    short_key,
    start,
    too_late,
)
from bot.schedules.texts import Mistake
from tests.days import TODAY
from tests.never_invents import invented, known_texts
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def subscription(**changes: object) -> Subscription:
    made = Subscription(
        id="abcde",
        target=Target("slack", "T1", "C1"),
        content=Content(ContentKind.ASKS, ("china-vs-us",)),
        trigger=cron_trigger("0 * * * *", "UTC"),
        owner="U1",
        created_at=NOW - HOUR,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def states(s: Subscription, now: datetime) -> list[tuple[str, str]]:
    return [(f"{d.due_at:%d %H:%M}", d.state.value) for d in plan_runs(s, now).deliveries]


def test_what_starts_now_is_never_due_for_the_past() -> None:
    started = start(subscription(), NOW)
    assert started.next_at == NOW + HOUR
    assert plan_runs(started, NOW).deliveries == ()


def test_one_run_on_time() -> None:
    plan = plan_runs(subscription(next_at=NOW), NOW + timedelta(seconds=2))
    assert [d.key for d in plan.deliveries] == ["abcde:20261124T080000Z"]
    assert plan.deliveries[0].state is State.DUE
    assert plan.next_at == NOW + HOUR


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            MisfirePolicy.SKIP,
            [("24 08:00", "missed"), ("24 09:00", "missed"), ("24 10:00", "due")],
        ),
        (MisfirePolicy.LATE, [("24 08:00", "missed"), ("24 09:00", "due"), ("24 10:00", "due")]),
        (
            MisfirePolicy.MERGE,
            [("24 08:00", "missed"), ("24 09:00", "merged"), ("24 10:00", "due")],
        ),
    ],
)
def test_after_downtime(policy: MisfirePolicy, expected: list[tuple[str, str]]) -> None:
    trigger = cron_trigger("0 * * * *", "UTC", misfire=policy, grace_s=5400)
    found = states(subscription(trigger=trigger, next_at=NOW), NOW + timedelta(hours=2, minutes=1))
    assert found == expected


def test_a_year_of_downtime_is_told_in_a_few_lines() -> None:
    s = subscription(
        next_at=NOW, trigger=cron_trigger("*/5 * * * *", "UTC", misfire=MisfirePolicy.LATE)
    )
    plan = plan_runs(s, NOW + timedelta(days=365))
    assert plan.deliveries[0].state is State.MISSED
    assert sum(d.state is State.DUE for d in plan.deliveries) == 25
    assert plan.next_at == NOW + timedelta(days=365, minutes=5)


def test_the_same_decision_twice() -> None:
    s = subscription(next_at=NOW)
    assert plan_runs(s, NOW + HOUR) == plan_runs(s, NOW + HOUR)


def test_paused_is_never_due() -> None:
    assert (
        plan_runs(subscription(next_at=NOW, standing=SubscriptionStatus.PAUSED), NOW).deliveries
        == ()
    )


def test_jitter_is_the_same_for_one_and_differs_between_many() -> None:
    trigger = cron_trigger("0 * * * *", "UTC", jitter_s=600)
    many = [subscription(id=f"s{i}", trigger=trigger) for i in range(50)]
    assert {jitter_s(s) for s in many} == {jitter_s(s) for s in many}
    assert len({jitter_s(s) for s in many}) > 20
    assert all(0 <= jitter_s(s) <= 600 for s in many)
    started = start(many[0], NOW)
    assert started.next_at == NOW + HOUR + timedelta(seconds=jitter_s(many[0]))
    plan = plan_runs(started, started.next_at)
    assert [d.key for d in plan.deliveries] == [delivery_key("s0", NOW + HOUR)]
    assert plan.next_at == started.next_at + HOUR


def test_too_late() -> None:
    d = Delivery("k", "abcde", NOW)
    assert not too_late(d, cron_trigger("0 9 * * *", "UTC", grace_s=3600), NOW + HOUR)
    assert too_late(d, cron_trigger("0 9 * * *", "UTC", grace_s=3600), NOW + 2 * HOUR)
    assert not too_late(d, cron_trigger("0 9 * * *", "UTC", grace_s=0), NOW + timedelta(minutes=4))


def test_next_runs_are_local() -> None:
    runs = next_runs(cron_trigger("0 9 * * 1-5", "Europe/Berlin"), NOW)
    assert [f"{run:%a %H:%M %Z}" for run in runs] == [
        f"{day} 09:00 CET" for day in ("Wed", "Thu", "Fri", "Mon", "Tue")
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=12),
    st.sampled_from(list(MisfirePolicy)),
    st.sampled_from([0, 1800, 7200]),
    st.sampled_from([0, 90]),
)
def test_however_often_one_looks_each_run_is_decided_once(
    gaps: list[int], policy: MisfirePolicy, grace_s: int, jitter: int
) -> None:
    """Ticks at any distance: no run twice, none left out within the grace time, in order."""
    trigger = cron_trigger("*/30 * * * *", "UTC", misfire=policy, grace_s=grace_s, jitter_s=jitter)
    s = start(subscription(trigger=trigger), NOW)
    now = NOW
    seen: list[Delivery] = []
    for gap in gaps:
        now += timedelta(minutes=gap)
        plan = plan_runs(s, now)
        assert plan.next_at is not None
        assert plan.next_at > now
        seen += plan.deliveries
        s = replace(s, next_at=plan.next_at)
    keys = [d.key for d in seen]
    assert len(keys) == len(set(keys))
    assert [d.due_at for d in seen] == sorted(d.due_at for d in seen)
    assert all(d.due_at <= now for d in seen)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("china-vs-us", Content(ContentKind.ASKS, ("china-vs-us",))),
        ("China-vs-US", Content(ContentKind.ASKS, ("china-vs-us",))),
        ("china-vs-us, key-players", Content(ContentKind.ASKS, ("china-vs-us", "key-players"))),
        ("overview and key-players", Content(ContentKind.ASKS, ("overview", "key-players"))),
        ("what comes next", Content(ContentKind.ASKS, ("what-comes-next",))),
        ("rotation", Content(ContentKind.ROTATION)),
        ("changes", Content(ContentKind.CHANGES)),
        ("what's new", Content(ContentKind.CHANGES)),
        ("changes since the last briefing", Content(ContentKind.CHANGES)),
        (
            "compare china and us on cost",
            Content(ContentKind.ASKS, ("compare china and us on cost",)),
        ),
    ],
)
def test_content(text: str, content: Content, catalog: Catalog) -> None:
    assert parse_content(text, catalog) == content
    assert describe_content(content, catalog)


@pytest.mark.parametrize("text", ["", "best pizza in town", "help", "list"])
def test_content_that_there_is_not(text: str, catalog: Catalog) -> None:
    assert isinstance(parse_content(text, catalog), Mistake)


def test_rotation_goes_through_the_whole_library(catalog: Catalog) -> None:
    s = subscription(content=Content(ContentKind.ROTATION))
    seen = []
    for _ in catalog.library.briefs:
        briefing = compose_briefing(s, catalog, None, TODAY)
        assert briefing.last_brief
        seen.append(briefing.last_brief)
        s = replace(s, last_brief=briefing.last_brief)
    assert sorted(seen) == sorted(catalog.library.briefs)
    gone = compose_briefing(replace(s, last_brief="zzz"), catalog, None, TODAY)
    assert gone.last_brief == min(catalog.library.briefs)


def test_changes_are_what_is_new_or_differs(catalog: Catalog) -> None:
    s = subscription(content=Content(ContentKind.CHANGES))
    before = dict(digests(catalog))
    new, changed = sorted(before)[3:5]
    del before[new]
    before[changed] = "different"
    briefing = compose_briefing(s, catalog, before, TODAY)
    assert {i for post in briefing.posts for i in post.answer.snippets} == {new, changed}
    assert not [x for post in briefing.posts for x in invented(post.answer, known_texts(catalog))]


def test_everything_new_is_sent_in_whole_pages(catalog: Catalog) -> None:
    briefing = compose_briefing(
        subscription(content=Content(ContentKind.CHANGES)), catalog, {}, TODAY
    )
    shown = [i for post in briefing.posts for i in post.answer.snippets]
    assert len(shown) == len(set(shown)) > 20


def test_nothing_new_is_silent_or_said(catalog: Catalog) -> None:
    quiet = subscription(content=Content(ContentKind.CHANGES))
    said = subscription(content=Content(ContentKind.CHANGES, say_nothing_new=True))
    same = digests(catalog)
    assert compose_briefing(quiet, catalog, same, TODAY).posts == ()
    assert compose_briefing(quiet, catalog, None, TODAY).posts == ()
    (post,) = compose_briefing(said, catalog, same, TODAY).posts
    assert post.answer.snippets == ()


def test_keys() -> None:
    key = delivery_key("abcde", NOW)
    assert key == "abcde:20261124T080000Z"
    assert len(short_key(key)) == 24
    assert short_key(key) != short_key(f"{key}/1")
