from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.discord_component import Cooldown, Identifies, throttled_s

DAY_S = 86_400
DISCORDS_LIMIT = 1000


@given(st.lists(st.floats(0, 600), max_size=200))
def test_identifies_stay_below_the_rate_whatever_happens(gaps_s: list[float]) -> None:
    bucket = Identifies()
    at = start = datetime(2026, 1, 1)  # noqa: DTZ001 - any time does
    taken = 0
    for gap_s in gaps_s:
        at += timedelta(seconds=gap_s)
        taken += bucket.take(at) == 0
    passed_s = (at - start).total_seconds()
    assert taken <= bucket.capacity + passed_s / bucket.refill_s + 1


def test_a_day_of_failing_identifies_is_half_of_what_discord_allows(now: datetime) -> None:
    bucket = Identifies()
    taken = sum(bucket.take(now + timedelta(seconds=s)) == 0 for s in range(0, DAY_S, 5))
    assert taken <= DISCORDS_LIMIT / 2 + bucket.capacity


def test_the_wait_that_is_told_is_enough(now: datetime) -> None:
    bucket = Identifies()
    while not (wait_s := bucket.take(now)):
        pass
    assert bucket.take(now + timedelta(seconds=wait_s - 1)) > 0
    assert bucket.take(now + timedelta(seconds=wait_s + 1)) == 0


def test_many_shards_may_all_start(now: datetime) -> None:
    bucket = Identifies()
    bucket.allow(40, 1000)
    assert [bucket.take(now) for _ in range(80)] == [0.0] * 80


def test_the_clock_may_go_back(now: datetime) -> None:
    bucket = Identifies()
    assert bucket.take(now) == 0
    assert bucket.take(now - timedelta(hours=1)) == 0


@pytest.mark.parametrize(
    ("times", "asked_s", "wait_s"),
    [(1, 0.0, 60.0), (2, 0.0, 120.0), (50, 0.0, 3600.0), (1, 7200.0, 7200.0)],
)
def test_refusals_in_a_row_keep_us_away_longer(times: int, asked_s: float, wait_s: float) -> None:
    assert throttled_s(times, asked_s) == wait_s


def test_cooldown_lets_a_burst_through_then_one_at_a_time(now: datetime) -> None:
    cooldown = Cooldown(burst=3, every_s=2.0)
    assert [cooldown.wait_s(1, now) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert cooldown.wait_s(2, now) == 0.0
    assert cooldown.wait_s(1, now + timedelta(seconds=2)) == 0.0
    assert cooldown.wait_s(1, now + timedelta(seconds=2)) > 0


def test_somebody_who_asks_every_few_seconds_never_waits(now: datetime) -> None:
    cooldown = Cooldown(burst=3, every_s=2.0)
    waits = [cooldown.wait_s(1, now + timedelta(seconds=2 * n)) for n in range(500)]
    assert set(waits) == {0.0}


def test_cooldown_forgets_people(now: datetime) -> None:
    cooldown = Cooldown(burst=3, every_s=2.0)
    for person in range(10_001):
        cooldown.wait_s(person, now + timedelta(seconds=person))
    assert len(cooldown._free_at) < 100
