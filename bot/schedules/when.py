"""What is said of time (`schedules.said`) -> the recurrence that its parts make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Final

from dateutil.relativedelta import relativedelta

from bot.schedules.recurrence import (
    MOST_SKIPS,
    NAMES,
    Recurrence,
    anchored,
    days_of,
    numbers_of,
    parts_of,
    problem_of,
    rule_of,
    times_of,
    walls,
    with_times,
    without,
)
from bot.schedules.said import Ahead, Clock, NextDay, PartialDate, Said, Unclear, When
from bot.schedules.texts import Mistake, mistake

MOST_COUNT: Final = 1000
MOST_INTERVAL: Final = 99
WHOLE_WEEK: Final = frozenset(range(7))
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
        times = _times(said, before)
        begin = now if said.start is None else datetime.combine(resolve(said.start, now), time())
        found = _skipping(_recurrence(said, times, begin, before), said, now, before)
        _agree(said, found, now)
        if said.start is not None or before is None or said.named() & set(DAYS_SAID):
            found = anchored(found, max(now, begin - timedelta(minutes=1)))
        found = _ended(found, said, now)
    except Unclear as unclear:
        return unclear.mistake
    except (ValueError, OverflowError):
        return mistake("never", given=said.word("dates", "until", "skips", "start", *DAYS_SAID))
    if problem := problem_of(found, now):
        return mistake(problem, given=said.word(*DAYS_SAID, "cron", "until", "step", "times"))
    return found


def _unclear(key: str, said: Said, *fields: str) -> Unclear:
    return Unclear(mistake(key, given=said.word(*fields)))


def _refuse(said: Said, *fields: str) -> None:
    """Raise `Unclear` where one of the fields is said: it does not go with the others."""
    if said.named() & set(fields):
        raise _unclear("contradiction", said, *fields)


def _recurrence(
    said: Said, times: Sequence[time], begin: datetime, before: Recurrence | None
) -> Recurrence:
    skips = before.skips if before else ()
    if said.after is not None:
        _refuse(said, *(set(DAYS_SAID) - {"after"}), "step", "cron", "start")
        return Recurrence(begin, dates=(_after(said.after, begin, times),))
    if said.cron:
        _refuse(said, *DAYS_SAID, "step", "times", "half", "window")
        return Recurrence(begin, said.cron, skips=skips)
    if said.dates and not (said.interval and said.interval[1] == "year"):
        return Recurrence(begin, dates=_dates(said, times, begin))
    if before is not None and not said.named() & {*DAYS_SAID, "step"}:
        return _at_other_times(before, times) if said.times or said.half else before
    return Recurrence(begin, with_times(_day_rule(said), times), skips=skips)


def _at_other_times(before: Recurrence, times: Sequence[time]) -> Recurrence:
    rules = tuple(rule for days in days_of(before) for rule in with_times(days, times))
    days = dict.fromkeys(each.date() for each in before.dates)
    dates = tuple(datetime.combine(day, each) for day in days for each in times)
    return replace(before, rules=rules, dates=dates)


def _day_rule(said: Said) -> str:
    """The rule without times of day; raises `Unclear` where parts contradict each other."""
    number, unit = said.interval or (1, "")
    if unit == "fortnight":
        number, unit = number * 2, "week"
    if not 1 <= number <= MOST_INTERVAL:
        raise _unclear("never", said, "interval")
    if not unit:
        monthly = said.nth or said.nth_of or said.monthdays
        unit = "month" if monthly else "week" if said.week else "day"
    parts = _UNIT_RULES[unit](said)
    if number > 1:
        parts["INTERVAL"] = str(number)
    if said.months:
        parts["BYMONTH"] = numbers_of(said.months)
    return rule_of(parts)


def _daily(said: Said) -> dict[str, str]:
    if said.week and said.interval == (1, "day"):
        return _weekly(said)
    _refuse(said, "nth", "nth_of", "monthdays", "week")
    return {"FREQ": "DAILY"}


def _weekly(said: Said) -> dict[str, str]:
    _refuse(said, "nth", "nth_of", "monthdays")
    if not said.week and said.interval != (1, "week"):
        raise _unclear("which-day", said, "interval")
    if said.week == WHOLE_WEEK and said.interval in {None, (1, "week"), (1, "day")}:
        return {"FREQ": "DAILY"}
    return {"FREQ": "WEEKLY", "BYDAY": _names(said.week or {0})}


def _monthly(said: Said) -> dict[str, str]:
    if said.nth_of:
        _refuse(said, "week", "nth", "monthdays")
        number, days = said.nth_of
        return {"FREQ": "MONTHLY", "BYDAY": _names(days), "BYSETPOS": str(number)}
    if said.nth:
        _refuse(said, "week", "monthdays")
        if not all(1 <= abs(nth) <= 5 for nth, _ in said.nth):  # noqa: PLR2004 - in a month
            raise _unclear("never", said, "nth")
        days_said = ",".join(f"{nth}{NAMES[day]}" for nth, day in sorted(set(said.nth)))
        return {"FREQ": "MONTHLY", "BYDAY": days_said}
    if said.week and not said.monthdays:
        raise _unclear("which-week", said, "week")
    _refuse(said, "week")
    days = said.monthdays or (1,)
    if not all(1 <= abs(day) <= 31 for day in days):  # noqa: PLR2004 - of a month
        raise _unclear("never", said, "monthdays")
    return {"FREQ": "MONTHLY", "BYMONTHDAY": numbers_of(days)}


def _quarterly(said: Said) -> dict[str, str]:
    _refuse(said, "months")
    if said.interval != (1, "quarter"):
        raise _unclear("leftover", said, "interval")
    return {**_monthly(said), "BYMONTH": "1,4,7,10"}


def _yearly(said: Said) -> dict[str, str]:
    if said.dates:
        _refuse(said, "nth", "nth_of", "monthdays", "months", "week")
        day, *others = said.dates
        if others or not isinstance(day, PartialDate) or day.year is not None:
            raise _unclear("contradiction", said, "dates")
        date(2024, day.month, day.day)  # raises ValueError where there is no such day
        return {"FREQ": "YEARLY", "BYMONTH": str(day.month), "BYMONTHDAY": str(day.day)}
    if not said.months or not (said.nth or said.nth_of or said.monthdays):
        raise _unclear("which-date-of-year", said, "interval")
    if said.interval != (1, "year"):
        raise _unclear("leftover", said, "interval")
    return _monthly(said)


_UNIT_RULES: Final = {
    "day": _daily,
    "week": _weekly,
    "month": _monthly,
    "quarter": _quarterly,
    "year": _yearly,
}


def _names(days: Iterable[int]) -> str:
    return ",".join(NAMES[day] for day in sorted(days))


def resolve(when: When, now: datetime) -> date:
    """The date that is meant; raises ValueError where there is none, `Unclear` where two."""
    if isinstance(when, Ahead):
        return now.date() + timedelta(days=when.days)
    return _next_day(when, now) if isinstance(when, NextDay) else _date(when, now.date())


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
        with suppress(ValueError):  # 29 February
            if (found := date(year, day.month, day.day)) >= today:
                return found
    raise ValueError(day)


_UNITS: Final = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "fortnight": 14}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def _after(given: tuple[int, str], now: datetime, times: Sequence[time]) -> datetime:
    number, unit = given
    if unit not in _UNITS:
        raise Unclear(mistake("leftover", given=f"{number} {unit}"))
    then = (now + timedelta(days=number * _UNITS[unit])).replace(second=0, microsecond=0)
    if unit not in {"minute", "hour"}:
        return datetime.combine(then.date(), times[0] if times else then.time())
    if times:
        raise Unclear(mistake("contradiction", given=f"{number} {unit}"))
    return then


def _dates(said: Said, times: Sequence[time], now: datetime) -> tuple[datetime, ...]:
    days = [resolve(each, now) for each in said.dates]
    if said.week and {each.weekday() for each in days} != set(said.week):
        raise _unclear("contradiction", said, "week")
    if said.named() & {"nth", "nth_of", "monthdays", "interval", "months"}:
        raise _unclear("contradiction", said, "dates")
    return tuple(sorted(datetime.combine(day, each) for day in days for each in times))


def _times(said: Said, before: Recurrence | None) -> tuple[time, ...]:
    """Raises `Unclear` where none is said, or one that there is not."""
    if said.step:
        return _stepped(said, *said.step)
    if said.window:
        raise _unclear("contradiction", said, "window")
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
    hour = _in_half(clock.hour, half)
    none_of_12 = half in {"am", "pm"} and clock.hour not in range(1, 13)
    if none_of_12 or hour not in range(24) or clock.minute not in range(60):
        raise _unclear("bad-time", said, "times")
    if half and hour not in _HALVES[half]:
        raise _unclear("bad-time", said, "times", "half")
    return time(hour, clock.minute)


def _in_half(hour: int, half: str | None) -> int:
    """Nine in the evening is 21, twelve at night and twelve in the morning are 0."""
    if hour == 12 and half in {"am", "morning", "night"}:  # noqa: PLR2004 - hours
        return 0
    first = {"pm": 1, "afternoon": 1, "evening": 1, "night": 6}.get(half or "", 12)
    return hour + 12 if hour in range(first, 12) else hour


def _stepped(said: Said, number: int, unit: str) -> tuple[time, ...]:
    """Raises `Unclear` where the step does not divide the day, or a time is said beside it."""
    whole = 24 if unit == "hour" else 60
    if said.times or said.half or not 1 <= number <= whole or whole % number:
        raise _unclear("hours", said, "step")
    first, last = time(), time.max
    if said.window:
        first, last = (_time(each, said) for each in said.window)
    if unit == "hour":
        found = [time(hour, first.minute) for hour in range(first.hour, 24, number)]
    else:
        found = [time(hour, minute) for hour in range(24) for minute in range(0, 60, number)]
    kept = tuple(each for each in found if first <= each <= last)
    if not kept:
        raise _unclear("bad-time", said, "window")
    return kept


def _skipping(
    found: Recurrence, said: Said, now: datetime, before: Recurrence | None
) -> Recurrence:
    skips = said.skips
    if skips is None:
        return found
    if found.dates and (skips.week or skips.months):
        raise _unclear("contradiction", said, "skips")
    rules = (_skipping_days(rule, skips.week, said) for rule in found.rules)
    found = replace(found, rules=tuple(_skipping_months(r, skips.months, said) for r in rules))
    if before is not None and not skips.dates and (skips.week or skips.months):
        return found
    dates: set[date] = set()
    for first, last in skips.dates:
        begin = _date(first, now.date())
        end = begin if last == first else _date(last, begin)
        count = (end - begin).days + 1
        if count < 1 or len(dates) + count > MOST_SKIPS:
            raise _unclear("date", said, "skips")
        dates |= {begin + timedelta(days=day) for day in range(count)}
    return replace(found, skips=tuple(sorted(dates)))


def _skipping_days(rule: str, days: frozenset[int], said: Said) -> str:
    if not days:
        return rule
    parts = parts_of(rule)
    if parts["FREQ"] == "DAILY" and "INTERVAL" not in parts:
        parts |= {"FREQ": "WEEKLY", "BYDAY": ",".join(NAMES)}
    named = parts.get("BYDAY", "").split(",")
    if parts["FREQ"] == "DAILY" or "BYMONTHDAY" in parts:  # every 3 days, but not on weekends
        named = list(NAMES)
    elif "BYDAY" not in parts or "BYSETPOS" in parts:
        raise _unclear("contradiction", said, "skips")
    kept = [day for day in named if day not in {NAMES[index] for index in days}]
    if not kept:
        raise _unclear("never", said, "skips")
    return rule_of({**parts, "BYDAY": ",".join(kept)})


def _skipping_months(rule: str, months: frozenset[int], said: Said) -> str:
    if not months:
        return rule
    named = parts_of(rule).get("BYMONTH", numbers_of(range(1, 13)))
    kept = {int(month) for month in named.split(",")} - months
    if not kept:
        raise _unclear("never", said, "skips")
    return without(rule, BYMONTH=numbers_of(kept))


def _agree(said: Said, found: Recurrence, now: datetime) -> None:
    """Raise `Unclear` where "3 times a week" is said of what runs otherwise often."""
    if said.per is None:
        return
    number, unit = said.per
    days = {"day": 1, "week": 7}.get(unit, 0)
    begin = datetime.combine(now.date() + timedelta(days=7 - now.weekday()), time())
    runs = walls(replace(found, start=begin, skips=()), begin)
    count = len(list(takewhile(lambda wall: wall < begin + timedelta(days=days), runs)))
    if not days or count != number or (unit == "week" and not said.week):
        raise _unclear("how-often", said, "per")


def _ended(found: Recurrence, said: Said, now: datetime) -> Recurrence:
    """With its end; raises `Unclear` where two are said, or what has no one rule is counted."""
    ends = said.named() & {"until", "count", "span"}
    if not ends or (ends == {"count"} and not found.rules and said.count == len(found.dates)):
        return found
    if len(ends) > 1 or not found.rules:
        raise _unclear("contradiction", said, "until", "span", "count")
    if said.count is not None:
        return _counted(found, said, said.count, now)
    last = found.start
    if said.until is not None:
        last = datetime.combine(resolve(said.until, now), time(23, 59))
    elif said.span is not None:
        last = _ahead(found.start, said, *said.span) - timedelta(minutes=1)
    return _each_ending(found, UNTIL=f"{last:%Y%m%dT%H%M%S}")


def _counted(found: Recurrence, said: Said, count: int, now: datetime) -> Recurrence:
    if not 1 <= count <= MOST_COUNT:
        raise _unclear("never", said, "count")
    if count == 1:
        first = next((w for w in walls(found, now) if w > now), None)
        return found if first is None else Recurrence(first, dates=(first,))
    if len(found.rules) > 1:
        raise _unclear("count", said, "count")
    return _each_ending(found, COUNT=str(count))


def _each_ending(found: Recurrence, **end: str) -> Recurrence:
    return replace(
        found, rules=tuple(without(rule, "COUNT", "UNTIL", **end) for rule in found.rules)
    )


def _ahead(begin: datetime, said: Said, number: int, unit: str) -> datetime:
    if not 1 <= number <= MOST_COUNT:
        raise _unclear("never", said, "span")
    if months := _MONTHS.get(unit):
        first = begin.replace(day=1) + relativedelta(months=number * months)
        return first + timedelta(days=begin.day - 1)
    return begin + timedelta(days=number * _UNITS[unit])
