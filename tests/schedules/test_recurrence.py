"""Local times of every zone and year: each fires once, in order, none in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.pack import LANGUAGES
from bot.schedules.recurrence import (
    Recurrence,
    anchored,
    cron_of,
    cron_problem,
    dump_recurrence,
    occurrences,
    parse_recurrence,
    problem_of,
    resolve,
    rules_of_cron,
    walls,
    with_times,
)
from bot.schedules.texts import describe_recurrence, describe_trigger
from bot.schedules.zones import is_zone, zone_names
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


def of_cron(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    return occurrences(cron_trigger(cron, zone).recurrence, zone, after)


def local(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    info = ZoneInfo(zone)
    found = islice(of_cron(cron, zone, after), count)
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
    trigger = cron_trigger("0 1 * * *", "Asia/Tokyo", skips=(date(2026, 12, 25),))
    tokyo = occurrences(trigger.recurrence, "Asia/Tokyo", datetime(2026, 12, 23, tzinfo=UTC))
    assert [f"{each:%d %H}" for each in islice(tokyo, 2)] == ["23 16", "25 16"]


@settings(deadline=None, max_examples=100)
@given(zones, instants, st.integers(0, 23), st.integers(0, 59))
def test_each_local_day_fires_once(zone: str, after: datetime, hour: int, minute: int) -> None:
    """Every local date has exactly one run, whatever the clocks do."""
    info = ZoneInfo(zone)
    found = list(islice(of_cron(f"{minute} {hour} * * *", zone, after), 200))
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
    found = list(islice(of_cron(cron, zone, after), 60))
    assert found[0] > after
    in_order(found)


@settings(deadline=None, max_examples=100)
@given(zones, instants, crons, st.integers(1, 30))
def test_it_does_not_matter_when_one_looks(
    zone: str, after: datetime, cron: str, count: int
) -> None:
    """Going on from any run gives the same runs: nothing is lost or told twice in between."""
    found = list(islice(of_cron(cron, zone, after), count + 5))
    again = list(islice(of_cron(cron, zone, found[count - 1]), 5))
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
        assert describe_trigger(cron_trigger(cron, "UTC"))
        after = datetime(2026, 1, 1, tzinfo=UTC)
        assert next(of_cron(cron, "Europe/Berlin", after)) > after


def test_zones() -> None:
    assert is_zone("Europe/Berlin")
    assert not is_zone("Europe/Berln")
    assert len(zone_names()) > 300
    assert all(is_zone(zone) for zone in zone_names())


# --- the same by other ways: an independent library, and a walk over the calendar

COMPARED = (
    "0 9 * * 1-5",
    "30 2 * * *",
    "0 12 1,15 * *",
    "0 18 L * *",
    "0 9 LW * *",
    "0 16 * * 5L",
    "15 8 * * MON#1,WED#3",
    "*/20 9-10 * 1-6 *",
    "0 7 1 * 1",
    "0 7 */2 * 1",
    "0 0 29 2 *",
)


@pytest.mark.parametrize("cron", COMPARED)
def test_years_of_runs_are_those_of_an_independent_library(cron: str) -> None:
    """Cron's own reading of local time, resolved as ours is, in every hard zone."""
    begin, years = datetime(2024, 1, 1), 6  # noqa: DTZ001 - local time
    expected = [*_until(CronSim(cron, begin - timedelta(seconds=1)), begin, years)]
    found = [*_until(walls(cron_trigger(cron, "UTC").recurrence, begin), begin, years)]
    assert found == expected
    for zone in HARD_ZONES:
        info = ZoneInfo(zone)
        after = datetime(2024, 1, 1, 12, tzinfo=UTC)
        stop = datetime(2026, 6, 1, tzinfo=UTC)
        mine = list(_runs(cron_trigger(cron, zone).recurrence, zone, after, stop))
        theirs = {resolve(wall, info)[0] for wall in expected}
        assert mine == sorted(each for each in theirs if after < each <= stop)


def _until(walls_found: Iterator[datetime], begin: datetime, years: int) -> Iterator[datetime]:
    for wall in walls_found:
        if wall >= begin.replace(year=begin.year + years):
            return
        yield wall


def _runs(
    recurrence: Recurrence, zone: str, after: datetime, stop: datetime
) -> Iterator[datetime]:
    for run in occurrences(recurrence, zone, after):
        if run > stop:
            return
        yield run


START = datetime(2026, 11, 30, 9, 0)  # noqa: DTZ001 - local time, a Monday
NINE, FIVE, HALF = time(9), time(17), time(17, 30)


def weeks(day: date) -> int:
    """Weeks since that of `START`, counted from Mondays."""
    return ((day - timedelta(days=day.weekday())) - START.date()).days // 7


def months(day: date) -> int:
    return (day.year - START.year) * 12 + day.month - START.month


def nth(day: date) -> tuple[int, int]:
    """Which of the month it is, from the front and from the back."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return (day.day - 1) // 7 + 1, -((last.day - day.day) // 7 + 1)


WALKED: list[tuple[str, tuple[time, ...], Callable[[date], bool]]] = [
    ("FREQ=DAILY;INTERVAL=3", (NINE,), lambda d: (d - START.date()).days % 3 == 0),
    (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        (NINE, FIVE),
        lambda d: weeks(d) % 2 == 0 and d.weekday() in {0, 3},
    ),
    (
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=SU",
        (NINE, HALF),
        lambda d: weeks(d) % 5 == 0 and d.weekday() == 6,
    ),
    (
        "FREQ=MONTHLY;BYDAY=1MO,3MO,-2FR",
        (NINE,),
        lambda d: (
            (d.weekday() == 0 and nth(d)[0] in {1, 3}) or (d.weekday() == 4 and nth(d)[1] == -2)
        ),
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,31,-1",
        (NINE, FIVE),
        lambda d: (
            months(d) % 2 == 0 and (d.day in {1, 31} or (d + timedelta(days=1)).month != d.month)
        ),
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
        (NINE,),
        lambda d: d.day == 13 and d.weekday() == 4,
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=24",
        (NINE,),
        lambda d: (d.month, d.day) == (12, 24) and d.year % 2 == 0,
    ),
    (
        "FREQ=WEEKLY;BYMONTH=1,2,3;BYDAY=MO,TU,WE,TH,FR",
        (HALF,),
        lambda d: d.month <= 3 and d.weekday() < 5,
    ),
]


@pytest.mark.parametrize(("days", "times", "fits"), WALKED)
@pytest.mark.parametrize("zone", HARD_ZONES)
def test_what_cron_cannot_say_is_the_same_by_a_walk_over_the_calendar(
    days: str, times: tuple[time, ...], fits: Callable[[date], bool], zone: str
) -> None:
    skips = tuple(date(2026, 12, 24) + timedelta(days=n) for n in range(10))
    recurrence = Recurrence(START, with_times(days, times), skips=skips)
    info, after = ZoneInfo(zone), datetime(2026, 11, 29, tzinfo=UTC)
    expected = set()
    for number in range(-1, 365 * 3):
        day = START.date() + timedelta(days=number)
        for each in times:
            wall = datetime.combine(day, each)
            if wall >= START and fits(day) and day not in skips:
                expected.add(resolve(wall, info)[0])
    stop = max(expected)
    assert [*_runs(recurrence, zone, after, stop)] == sorted(expected)
    # Going on from anywhere gives the same: nothing depends on when one looks.
    middle = sorted(expected)[len(expected) // 2]
    assert [*_runs(recurrence, zone, middle, stop)] == [e for e in sorted(expected) if e > middle]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_counts_and_ends(count: int) -> None:
    rules = with_times(f"FREQ=WEEKLY;INTERVAL=2;COUNT={count};BYDAY=MO,TH", (NINE, FIVE))
    found = [*walls(Recurrence(START, rules), START)]
    assert len(found) == count
    until = found[-1]
    ended = with_times(
        f"FREQ=WEEKLY;INTERVAL=2;UNTIL={until:%Y%m%dT%H%M%S};BYDAY=MO,TH", (NINE, FIVE)
    )
    assert [*walls(Recurrence(START, ended), START)] == found
    assert [*walls(Recurrence(START, rules), until)] == found[-1:]


rules = st.builds(
    with_times,
    st.sampled_from([days for days, _, _ in WALKED]),
    st.lists(st.builds(time, st.integers(0, 23), st.integers(0, 59)), min_size=1, max_size=4),
)
recurrences = st.builds(
    Recurrence,
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - local time
        lambda wall: wall.replace(second=0, microsecond=0)
    ),
    rules,
    st.lists(st.just(START), max_size=1).map(tuple),
    st.lists(st.dates(date(2024, 1, 1), date(2030, 1, 1)), max_size=5, unique=True).map(
        lambda days: tuple(sorted(days))
    ),
)


@settings(deadline=None, max_examples=100)
@given(recurrences)
def test_a_recurrence_comes_back_from_its_lines(recurrence: Recurrence) -> None:
    lines = dump_recurrence(recurrence)
    assert parse_recurrence(lines) == recurrence
    for language in LANGUAGES:
        assert "FREQ" not in describe_recurrence(recurrence, language)


@settings(deadline=None, max_examples=40)
@given(recurrences, st.integers(0, 1500))
def test_it_does_not_matter_how_long_ago_it_began(recurrence: Recurrence, days: int) -> None:
    """What is skipped on the way to a later time changes nothing that comes after it."""
    near = recurrence.start + timedelta(days=days)
    far = [wall for wall in islice(walls(recurrence, recurrence.start), 2000) if wall >= near]
    found = [*islice(walls(recurrence, near), 20)]
    assert found[: len(far)] == far[:20]


@settings(deadline=None, max_examples=100)
@given(recurrences)
def test_counted_from_its_first_run(recurrence: Recurrence) -> None:
    now = recurrence.start
    first = anchored(recurrence, now)
    if problem_of(first, now) == "never":
        return
    later = next(wall for wall in walls(replace(first, skips=()), now) if wall > now)
    assert first.start == later or first.dates


@pytest.mark.parametrize("cron", COMPARED)
def test_cron_there_and_back(cron: str) -> None:
    found = cron_of(rules_of_cron(cron))
    assert found is None or rules_of_cron(found) == rules_of_cron(cron)
    assert (found is None) == (cron in {"0 7 1 * 1", "0 7 */2 * 1"})


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0"],
        ["DTSTART:20261130T090000"],
        ["DTSTART:20261130T090000", "RRULE:FREQ=DAILY"],
        ["DTSTART:20261130T090000", "RRULE:FREQ=SOMETIMES;BYHOUR=9;BYMINUTE=0"],
        ["DTSTART:tomorrow", "RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0"],
        ["DTSTART:20261130T090000", "RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0;X=1"],
        ["SUMMARY:a briefing"],
    ],
)
def test_other_lines_are_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match=r"export|needs"):
        parse_recurrence(lines)
