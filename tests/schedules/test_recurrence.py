"""Local times of every zone and year: each fires once, in order, none in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedules.recurrence import (
    cron_problem,
    explain_cron,
    is_zone,
    occurrences,
    resolve,
    zone_names,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_DAY = timedelta(days=1)
HARD_ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Antarctica/Troll",
    "Pacific/Kwajalein",
)
zones = st.one_of(st.sampled_from(HARD_ZONES), st.sampled_from(zone_names()))
YEARS = datetime(1971, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
instants = st.integers(*(int(year.timestamp()) for year in YEARS)).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def local(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    info = ZoneInfo(zone)
    found = islice(occurrences(cron, zone, after), count)
    return [f"{each.astimezone(info):%Y-%m-%d %H:%M %Z}" for each in found]


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # The hour that does not exist goes forward.
        (
            "30 2 * * *",
            "Europe/Berlin",
            datetime(2026, 3, 28, 2, tzinfo=UTC),
            ["2026-03-29 03:30 CEST", "2026-03-30 02:30 CEST"],
        ),
        # The hour that comes twice fires the first time.
        (
            "30 2 * * *",
            "Europe/Berlin",
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            ["2026-10-25 02:30 CEST", "2026-10-26 02:30 CET"],
        ),
        # Between the two, it has fired already.
        (
            "30 2 * * *",
            "Europe/Berlin",
            datetime(2026, 10, 25, 0, 45, tzinfo=UTC),
            ["2026-10-26 02:30 CET"],
        ),
        (
            "30 1 * * *",
            "America/New_York",
            datetime(2026, 11, 1, tzinfo=UTC),
            ["2026-11-01 01:30 EDT"],
        ),
        # Half an hour is skipped: what falls into it joins what comes after it.
        (
            "*/15 2 * * *",
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 15, tzinfo=UTC),
            ["2026-10-04 02:30 +11", "2026-10-04 02:45 +11", "2026-10-05 02:00 +11"],
        ),
        # A whole day is skipped.
        (
            "0 9 * * *",
            "Pacific/Apia",
            datetime(2011, 12, 29, 12, tzinfo=UTC),
            ["2011-12-29 09:00 -10", "2011-12-31 09:00 +14"],
        ),
        (
            "0 9 29 2 *",
            "UTC",
            datetime(2026, 1, 1, tzinfo=UTC),
            ["2028-02-29 09:00 UTC", "2032-02-29 09:00 UTC"],
        ),
        ("0 9 L * *", "UTC", datetime(2026, 2, 1, tzinfo=UTC), ["2026-02-28 09:00 UTC"]),
        ("0 9 * * 1#1", "UTC", datetime(2026, 11, 24, tzinfo=UTC), ["2026-12-07 09:00 UTC"]),
    ],
)
def test_examples(cron: str, zone: str, after: datetime, expected: list[str]) -> None:
    assert local(cron, zone, after, len(expected)) == expected


def test_skip_dates_are_local() -> None:
    tokyo = occurrences(
        "0 1 * * *", "Asia/Tokyo", datetime(2026, 12, 23, tzinfo=UTC), [date(2026, 12, 25)]
    )
    assert [f"{each:%d %H}" for each in islice(tokyo, 2)] == ["23 16", "25 16"]


@settings(deadline=None, max_examples=100)
@given(zones, instants, st.integers(0, 23), st.integers(0, 59))
def test_each_local_day_fires_once(zone: str, after: datetime, hour: int, minute: int) -> None:
    """Every local date has exactly one run, whatever the clocks do."""
    info = ZoneInfo(zone)
    found = list(islice(occurrences(f"{minute} {hour} * * *", zone, after), 200))
    assert found[0] > after
    in_order(found)
    expected = wall_days(after, found[-1], hour, minute, info)
    assert found == expected


def wall_days(
    after: datetime, until: datetime, hour: int, minute: int, info: ZoneInfo
) -> list[datetime]:
    """The same by another way: each date of the calendar, resolved, sorted, told once."""
    day = (after - timedelta(days=3)).date()
    instants = set()
    while day <= (until + timedelta(days=3)).date():
        instants.add(resolve(datetime.combine(day, time(hour, minute)), info)[0])
        day += EVERY_DAY
    return sorted(i for i in instants if after < i <= until)


crons = st.one_of(
    st.builds("{} {} * * {}".format, st.integers(0, 59), st.integers(0, 23), st.integers(0, 6)),
    st.builds("{} {} {} * *".format, st.integers(0, 59), st.integers(0, 23), st.integers(1, 28)),
    st.builds("*/{} * * * *".format, st.sampled_from([5, 10, 15, 30])),
    st.builds("{} */{} * * *".format, st.integers(0, 59), st.sampled_from([1, 2, 3, 6])),
)


@settings(deadline=None, max_examples=150)
@given(zones, instants, crons)
def test_in_order_and_none_in_the_past(zone: str, after: datetime, cron: str) -> None:
    found = list(islice(occurrences(cron, zone, after), 60))
    assert found[0] > after
    in_order(found)


@settings(deadline=None, max_examples=100)
@given(zones, instants, crons, st.integers(1, 30))
def test_it_does_not_matter_when_one_looks(
    zone: str, after: datetime, cron: str, count: int
) -> None:
    """Going on from any run gives the same runs: nothing is lost or told twice in between."""
    found = list(islice(occurrences(cron, zone, after), count + 5))
    again = list(islice(occurrences(cron, zone, found[count - 1]), 5))
    assert again == found[count:]


def in_order(found: Sequence[datetime]) -> None:
    assert all(earlier < later for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 9 * * 1-5", None),
        ("0 9 * * MON#1", None),
        ("0 9 29 2 *", None),
        ("*/5 * * * *", None),
        ("*/4 * * * *", "often"),
        ("* * * * *", "often"),
        ("0,1 9 * * *", "often"),
        ("0 9 * *", "fields"),
        ("0 0 9 * * 1", "fields"),
        ("0 9 30 2 *", "cron"),
        ("61 9 * * *", "cron"),
        ("a b c d e", "cron"),
        ("", "fields"),
    ],
)
def test_what_is_wrong_with_a_cron_expression(cron: str, problem: str | None) -> None:
    assert cron_problem(cron) == problem


@given(st.text(alphabet="0123456789*/-,#L? MONTUE", max_size=24))
def test_any_text_is_judged(cron: str) -> None:
    if cron_problem(cron) is None:
        assert explain_cron(cron)
        after = datetime(2026, 1, 1, tzinfo=UTC)
        assert next(occurrences(cron, "Europe/Berlin", after)) > after


def test_zones() -> None:
    assert is_zone("Europe/Berlin")
    assert not is_zone("Europe/Berln")
    assert len(zone_names()) > 300
    assert all(is_zone(zone) for zone in zone_names())
