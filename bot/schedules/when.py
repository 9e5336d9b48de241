"""What is said of time (`schedules.said`) -> the recurrence that its parts make."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot.schedules.recurrence import (
    MOST_SKIPS,
    Recurrence,
    anchored,
    days_of,
    parts_of,
    problem_of,
    rule_of,
    skipped,
    times_of,
    walls,
    with_times,
)
from bot.schedules.recurrence_rules import NAMES, day_rules, numbers_of, refuse
from bot.schedules.said import Ahead, Clock, NextDay, PartialDate, Said, Unclear, When
from bot.schedules.texts import Mistake, mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_COUNT: Final = 1000
_HALVES: Final = {
    "morning": range(12),
    "afternoon": range(12, 19),
    "evening": range(16, 24),
    "night": (*range(18, 24), *range(6)),
    "am": range(12),
    "pm": range(12, 24),
}
"""The hours that a part of the day may mean."""

DAYS_SAID = ("week", "nth", "nth_of", "monthdays", "months", "interval", "dates", "after", "per")


def build(said: Said, now: datetime, before: Recurrence | None = None) -> Recurrence | Mistake:
    """The recurrence from `now` on (local time without zone); as a change where `before` is."""
    try:
        found = _built(said, now, before)
    except Unclear as unclear:
        return unclear.mistake
    except (ValueError, OverflowError):
        return mistake("never", given=said.word("dates", "until", "skips", "start", *DAYS_SAID))
    if problem := problem_of(found, now):
        given = said.word(*DAYS_SAID, "cron", "until", "step", "times")
        return mistake(problem, given=given)
    return found


def _built(said: Said, now: datetime, before: Recurrence | None) -> Recurrence:
    times = _times(said, before)
    begin = now if said.start is None else datetime.combine(resolve(said.start, now), time())
    found = _recurrence(said, times, begin, before)
    found = _skipping(found, said, now, before)
    _agree(said, found, now)
    if said.start is not None or before is None or said.named() & set(DAYS_SAID):
        found = anchored(found, max(now, begin - timedelta(minutes=1)))
    return _ended(found, said, now)


def _recurrence(
    said: Said, times: Sequence[time], begin: datetime, before: Recurrence | None
) -> Recurrence:
    if said.after is not None:
        refuse(said, *(set(DAYS_SAID) - {"after"}), "step", "cron", "start")
        return Recurrence(begin, dates=(_after(said.after, begin, times),))
    if said.cron:
        refuse(said, *DAYS_SAID, "step", "times", "half", "window")
        return Recurrence(begin, said.cron, skips=before.skips if before else ())
    yearly = said.interval is not None and said.interval[1] == "year"
    if said.dates and not yearly:
        return Recurrence(begin, dates=_dates(said, times, begin))
    if before is not None and not said.named() & {*DAYS_SAID, "step"}:
        return _at_other_times(before, times) if said.times or said.half else before
    rules = tuple(rule for days in day_rules(said) for rule in with_times(days, times))
    return Recurrence(begin, rules, skips=before.skips if before else ())


def _at_other_times(before: Recurrence, times: Sequence[time]) -> Recurrence:
    rules = tuple(rule for days in days_of(before) for rule in with_times(days, times))
    days = dict.fromkeys(each.date() for each in before.dates)
    dates = tuple(datetime.combine(day, each) for day in days for each in times)
    return replace(before, rules=rules, dates=dates)


def resolve(when: When, now: datetime) -> date:
    """The date that is meant; without a year the next one.

    Raises:
        ValueError: There is no such date.
        Unclear: It may be one of two.
    """
    match when:
        case Ahead():
            return now.date() + timedelta(days=when.days)
        case NextDay():
            return _next_day(when, now)
        case PartialDate():
            return _date(when, now.date())


def _next_day(when: NextDay, now: datetime) -> date:
    """Where next Friday is said on a Tuesday, it is one of two: it is asked about."""
    ahead = (when.day - now.weekday()) % 7 or 7
    found = now.date() + timedelta(days=ahead)
    if not when.this and ahead > 1 and now.weekday() + ahead < 7:  # noqa: PLR2004 - days
        later = found + timedelta(days=7)
        raise Unclear(mistake("which-date", one=found.isoformat(), other=later.isoformat()))
    return found


def _date(day: PartialDate, today: date) -> date:
    if day.year is not None:
        return date(day.year, day.month, day.day)
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, day.month, day.day)
        except ValueError:  # 29 February
            continue
        if found >= today:
            return found
    raise ValueError(day)


_UNITS: Final = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "fortnight": 14}


def _after(given: tuple[int, str], now: datetime, times: Sequence[time]) -> datetime:
    number, unit = given
    if unit not in _UNITS:
        raise Unclear(mistake("leftover", given=f"{number} {unit}"))
    then = (now + timedelta(days=number * _UNITS[unit])).replace(second=0, microsecond=0)
    if unit in {"minute", "hour"}:
        if times:
            raise Unclear(mistake("contradiction", given=f"{number} {unit}"))
        return then
    return datetime.combine(then.date(), times[0] if times else then.time())


def _dates(said: Said, times: Sequence[time], now: datetime) -> tuple[datetime, ...]:
    days = [resolve(each, now) for each in said.dates]
    if said.week and {each.weekday() for each in days} != set(said.week):
        raise Unclear(mistake("contradiction", given=said.word("week", "dates")))
    if said.named() & {"nth", "nth_of", "monthdays", "interval", "months"}:
        raise Unclear(mistake("contradiction", given=said.word("dates")))
    return tuple(sorted(datetime.combine(day, each) for day in days for each in times))


def _times(said: Said, before: Recurrence | None) -> tuple[time, ...]:
    """The times of day.

    Raises:
        Unclear: None is said, or one that there is not.
    """
    if said.step:
        return _stepped(said, *said.step)
    if said.window:
        raise Unclear(mistake("contradiction", given=said.word("window")))
    if said.times:
        return tuple(dict.fromkeys(_time(each, said) for each in said.times))
    if said.cron or said.after:
        return ()
    if before is not None and not said.half:
        return times_of(before)
    days = said.word("week", "nth", "monthdays", "nth_of", "interval", "dates")
    raise Unclear(mistake("time", days=days or "weekdays"))


def _time(clock: Clock, said: Said) -> time:
    """Raises `Unclear` where there is no such time of day."""
    half = clock.half or said.half
    hour = clock.hour
    if half in {"am", "pm"} and not 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
        raise Unclear(mistake("bad-time", given=said.word("times")))
    if half:
        hour = _in_half(hour, half)
    if hour not in range(24) or clock.minute not in range(60):
        raise Unclear(mistake("bad-time", given=said.word("times")))
    if half and hour not in _HALVES[half]:
        raise Unclear(mistake("bad-time", given=said.word("times", "half")))
    return time(hour, clock.minute)


def _in_half(hour: int, half: str) -> int:
    """Nine in the evening is 21, twelve at night and twelve in the morning are 0."""
    if hour == 12 and half in {"am", "morning", "night"}:  # noqa: PLR2004 - hours
        return 0
    late = {"pm": range(1, 12), "afternoon": range(1, 12), "evening": range(1, 12)}
    return hour + 12 if hour in late.get(half, range(6, 12) if half == "night" else ()) else hour


def _stepped(said: Said, number: int, unit: str) -> tuple[time, ...]:
    """Raises `Unclear` where the step does not divide the day, or a time is said beside it."""
    whole = 24 if unit == "hour" else 60
    if said.times or said.half or not 1 <= number <= whole or whole % number:
        raise Unclear(mistake("hours", given=said.word("step")))
    hours = range(0, 24, number if unit == "hour" else 1)
    minutes = range(0, 60, number) if unit == "minute" else range(1)
    found = [time(hour, minute) for hour in hours for minute in minutes]
    if said.window is None:
        return tuple(found)
    first, last = (_time(each, said) for each in said.window)
    if unit == "hour":
        found = [time(hour, first.minute) for hour in range(first.hour, 24, number)]
    kept = tuple(each for each in found if first <= each <= last)
    if not kept:
        raise Unclear(mistake("bad-time", given=said.word("window")))
    return kept


def _skipping(
    found: Recurrence, said: Said, now: datetime, before: Recurrence | None
) -> Recurrence:
    skips = said.skips
    if skips is None:
        return found
    if found.dates and (skips.week or skips.months):
        raise Unclear(mistake("contradiction", given=said.word("skips")))
    if skips.week:
        found = replace(
            found, rules=tuple(_without_days(r, skips.week, said) for r in found.rules)
        )
    if skips.months:
        found = replace(
            found, rules=tuple(_without_months(r, skips.months, said) for r in found.rules)
        )
    dates: set[date] = set()
    for first, last in skips.dates:
        begin = _date(first, now.date())
        end = begin if last == first else _date(last, begin)
        if end < begin or len(dates) + (end - begin).days >= MOST_SKIPS:
            raise Unclear(mistake("date", given=said.word("skips")))
        dates |= set(skipped(begin, end))
    given = bool(skips.dates) or not (skips.week or skips.months)
    return replace(found, skips=tuple(sorted(dates))) if given or before is None else found


def _without_days(rule: str, days: frozenset[int], said: Said) -> str:
    parts = parts_of(rule)
    if parts["FREQ"] == "DAILY" and "INTERVAL" not in parts:
        parts |= {"FREQ": "WEEKLY", "BYDAY": ",".join(NAMES)}
    kept = [d for d in parts.get("BYDAY", "").split(",") if d not in {NAMES[i] for i in days}]
    if parts["FREQ"] == "DAILY" or "BYMONTHDAY" in parts:  # every 3 days, but not on weekends
        kept = [name for index, name in enumerate(NAMES) if index not in days]
    elif "BYDAY" not in parts or "BYSETPOS" in parts:
        raise Unclear(mistake("contradiction", given=said.word("skips")))
    if not kept:
        raise Unclear(mistake("never", given=said.word("skips")))
    return rule_of({**parts, "BYDAY": ",".join(kept)})


def _without_months(rule: str, months: frozenset[int], said: Said) -> str:
    parts = parts_of(rule)
    named = {int(month) for month in parts["BYMONTH"].split(",")} if "BYMONTH" in parts else None
    kept = (named or set(range(1, 13))) - months
    if not kept:
        raise Unclear(mistake("never", given=said.word("skips")))
    return rule_of({**parts, "BYMONTH": numbers_of(kept)})


def _agree(said: Said, found: Recurrence, now: datetime) -> None:
    """Raise `Unclear` where "3 times a week" is said of what runs otherwise often."""
    if said.per is None:
        return
    number, unit = said.per
    days = {"day": 1, "week": 7}.get(unit)
    week = datetime.combine(now.date() + timedelta(days=7), time())
    begin = week - timedelta(days=week.weekday())
    until = begin + timedelta(days=days or 0)
    runs = list(_until(replace(found, start=begin, skips=()), begin, until))
    if days is None or len(runs) != number or (unit == "week" and not said.week):
        raise Unclear(mistake("how-often", given=said.word("per")))


def _until(found: Recurrence, begin: datetime, until: datetime) -> Iterable[datetime]:
    for wall in walls(found, begin):
        if wall >= until:
            return
        yield wall


def _ended(found: Recurrence, said: Said, now: datetime) -> Recurrence:
    """With its end: a date, so many runs, or so long.

    Raises:
        Unclear: Two ends are said, or runs of a day that have no one rule are counted.
    """
    ends = said.named() & {"until", "count", "span"}
    if not ends:
        return found
    if ends == {"count"} and not found.rules and said.count == len(found.dates):
        return found
    if len(ends) > 1 or not found.rules:
        raise Unclear(mistake("contradiction", given=said.word("until", "span", "count")))
    if said.count is not None:
        return _counted(found, said, said.count, now)
    last = found.start
    if said.until is not None:
        last = datetime.combine(resolve(said.until, now), time(23, 59))
    elif said.span is not None:
        last = _ahead(found.start, said, *said.span) - timedelta(minutes=1)
    end = f"{last:%Y%m%dT%H%M%S}"
    return _each_rule(found, "UNTIL", end)


def _counted(found: Recurrence, said: Said, count: int, now: datetime) -> Recurrence:
    if not 1 <= count <= MOST_COUNT:
        raise Unclear(mistake("never", given=said.word("count")))
    if count == 1:
        first = next((w for w in walls(found, now) if w > now), None)
        return found if first is None else Recurrence(first, dates=(first,))
    if len(found.rules) > 1:
        raise Unclear(mistake("count", given=said.word("count")))
    return _each_rule(found, "COUNT", str(count))


def _each_rule(found: Recurrence, name: str, value: str) -> Recurrence:
    others = {"COUNT", "UNTIL"}
    rules = tuple(
        rule_of({**{n: v for n, v in parts_of(rule).items() if n not in others}, name: value})
        for rule in found.rules
    )
    return replace(found, rules=rules)


def _ahead(begin: datetime, said: Said, number: int, unit: str) -> datetime:
    if not 1 <= number <= MOST_COUNT:
        raise Unclear(mistake("never", given=said.word("span")))
    if unit in {"month", "quarter", "year"}:
        months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
        total = begin.year * 12 + begin.month - 1 + months
        first = begin.replace(year=total // 12, month=total % 12 + 1, day=1)
        return first + timedelta(days=begin.day - 1)
    return begin + timedelta(days=number * _UNITS[unit])
