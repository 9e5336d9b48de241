"""What is said of time, in parts, and the recurrence that the parts make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.schedules.mistakes import Mistake, mistake
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_COUNT, MOST_INTERVAL = 1000, 99
_WHOLE_WEEK = frozenset(range(7))
_HALVES: Final = {
    "morning": range(12),
    "afternoon": range(12, 19),
    "evening": range(16, 24),
    "night": (*range(18, 24), *range(6)),
    "am": range(12),
    "pm": range(12, 24),
}
"""The hours that a part of the day may mean."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as people write it: the year may be left out."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class NextDay:
    """Next Monday, or this Monday where `this`; of the days of the week, Monday is 0."""

    day: int
    this: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many days from today."""

    days: int


When: TypeAlias = PartialDate | NextDay | Ahead


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as said: `half` is a part of the day, am or pm."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True, slots=True)
class Skips:
    """What is left out."""

    week: frozenset[int] = frozenset()
    dates: tuple[tuple[PartialDate, PartialDate], ...] = ()
    months: frozenset[int] = frozenset()

    def joined(self, other: Skips) -> Skips:
        """Both."""
        return Skips(
            self.week | other.week, (*self.dates, *other.dates), self.months | other.months
        )


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that some words say of time; None or empty is not said."""

    week: frozenset[int] = frozenset()
    nth: tuple[tuple[int, int], ...] = ()
    """Which of the month, and the day of the week: (-1, 4) is the last Friday."""
    nth_of: tuple[int, tuple[int, ...]] | None = None
    """The nth in the month of the days named: (-1, Monday to Friday)."""
    monthdays: tuple[int, ...] = ()
    months: frozenset[int] = frozenset()
    interval: tuple[int, str] | None = None
    dates: tuple[When, ...] = ()
    after: tuple[int, str] | None = None
    """Once, so long from now."""
    times: tuple[Clock, ...] = ()
    half: str | None = None
    step: tuple[int, str] | None = None
    """Every so many hours or minutes."""
    window: tuple[Clock, Clock] | None = None
    skips: Skips | None = None
    until: When | None = None
    start: When | None = None
    count: int | None = None
    span: tuple[int, str] | None = None
    per: tuple[int, str] | None = None
    """"3 times a week": has to agree with what is said beside."""
    cron: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    """The words that said each field."""

    def named(self) -> frozenset[str]:
        """The fields that are said."""
        return frozenset(self.words)

    def word(self, *fields: str) -> str:
        """The words of the first of these fields that is said."""
        return next((self.words[name] for name in fields if name in self.words), "")


class Unclear(Exception):
    """Carries the mistake out of the small functions of this module."""

    def __init__(self, found: Mistake) -> None:
        super().__init__(found.key)
        self.mistake = found


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
        _refuse(said, *(set(DAYS_SAID) - {"after"}), "step", "cron", "start")
        return Recurrence(begin, dates=(_after(said.after, begin, times),))
    if said.cron:
        _refuse(said, *DAYS_SAID, "step", "times", "half", "window")
        return Recurrence(begin, said.cron, skips=before.skips if before else ())
    yearly = said.interval is not None and said.interval[1] == "year"
    if said.dates and not yearly:
        return Recurrence(begin, dates=_dates(said, times, begin))
    if before is not None and not said.named() & {*DAYS_SAID, "step"}:
        return _at_other_times(before, times) if said.times or said.half else before
    rules = tuple(rule for days in _days(said) for rule in with_times(days, times))
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


def _days(said: Said) -> tuple[str, ...]:
    """The rules without times of day.

    Raises:
        Unclear: The parts contradict each other, or something is missing.
    """
    number, unit = said.interval or (1, "")
    if unit == "fortnight":
        number, unit = number * 2, "week"
    if not 1 <= number <= MOST_INTERVAL:
        raise Unclear(mistake("never", given=said.word("interval")))
    parts = _UNIT_RULES[unit](said)
    if number > 1:
        parts["INTERVAL"] = str(number)
    if said.months:
        parts["BYMONTH"] = _numbers(said.months)
    return (rule_of(parts),)


def _refuse(said: Said, *fields: str) -> None:
    if said.named() & set(fields):
        raise Unclear(mistake("contradiction", given=said.word(*fields)))


def _any(said: Said) -> dict[str, str]:
    if said.nth or said.nth_of or said.monthdays:
        return _monthly(said)
    return _weekly(said) if said.week else {"FREQ": "DAILY"}


def _daily(said: Said) -> dict[str, str]:
    _refuse(said, "nth", "nth_of", "monthdays")
    if said.week and said.interval == (1, "day"):
        return _weekly(said)
    _refuse(said, "week")
    return {"FREQ": "DAILY"}


def _weekly(said: Said) -> dict[str, str]:
    _refuse(said, "nth", "nth_of", "monthdays")
    week = said.week
    if not week and said.interval != (1, "week"):
        raise Unclear(mistake("which-day", given=said.word("interval")))
    if week == _WHOLE_WEEK and said.interval in {None, (1, "week"), (1, "day")}:
        return {"FREQ": "DAILY"}
    return {"FREQ": "WEEKLY", "BYDAY": _names(week or {0})}


def _monthly(said: Said) -> dict[str, str]:
    if said.nth_of:
        _refuse(said, "week", "nth", "monthdays")
        number, days = said.nth_of
        return {"FREQ": "MONTHLY", "BYDAY": _names(days), "BYSETPOS": str(number)}
    if said.nth:
        _refuse(said, "week", "monthdays")
        days_said = ",".join(f"{nth}{NAMES[day]}" for nth, day in sorted(set(said.nth)))
        return {"FREQ": "MONTHLY", "BYDAY": days_said}
    if said.week and not said.monthdays:
        raise Unclear(mistake("which-week", given=said.word("week")))
    _refuse(said, "week")
    days = said.monthdays or (1,)
    if not all(1 <= day <= 31 or -31 <= day <= -1 for day in days):  # noqa: PLR2004 - of a month
        raise Unclear(mistake("never", given=said.word("monthdays")))
    return {"FREQ": "MONTHLY", "BYMONTHDAY": _numbers(days)}


def _quarterly(said: Said) -> dict[str, str]:
    _refuse(said, "months")
    if said.interval != (1, "quarter"):
        raise Unclear(mistake("leftover", given=said.word("interval")))
    return {**_monthly(said), "BYMONTH": "1,4,7,10"}


def _yearly(said: Said) -> dict[str, str]:
    if said.dates:
        _refuse(said, "nth", "nth_of", "monthdays", "months", "week")
        days = [each for each in said.dates if isinstance(each, PartialDate) and each.year is None]
        if len(days) != 1 or len(said.dates) != 1:
            raise Unclear(mistake("contradiction", given=said.word("dates")))
        date(2024, days[0].month, days[0].day)
        return {"FREQ": "YEARLY", "BYMONTH": str(days[0].month), "BYMONTHDAY": str(days[0].day)}
    if not said.months or not (said.nth or said.nth_of or said.monthdays):
        raise Unclear(mistake("which-date-of-year", given=said.word("interval")))
    if said.interval != (1, "year"):
        raise Unclear(mistake("leftover", given=said.word("interval")))
    return _monthly(said)


_UNIT_RULES: Final = {
    "": _any,
    "day": _daily,
    "week": _weekly,
    "month": _monthly,
    "quarter": _quarterly,
    "year": _yearly,
}


def _names(days: Iterable[int]) -> str:
    return ",".join(NAMES[day] for day in sorted(days))


def _numbers(numbers: Iterable[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


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
    return rule_of({**parts, "BYMONTH": _numbers(kept)})


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
