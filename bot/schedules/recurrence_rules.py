"""The days that are said, and cron expressions -> rules of a recurrence (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

from cronsim import CronSim, CronSimError

from bot.schedules.recurrence import CLOSEST, Recurrence, parts_of, rule_of, with_times
from bot.schedules.said import PartialDate, Said, Unclear
from bot.schedules.texts import mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


NAMES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_INTERVAL: Final = 99
WHOLE_WEEK: Final = frozenset(range(7))


def day_rules(said: Said) -> tuple[str, ...]:
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
        parts["BYMONTH"] = numbers_of(said.months)
    return (rule_of(parts),)


def refuse(said: Said, *fields: str) -> None:
    """Refuse what does not go with the days that are said.

    Raises:
        Unclear: One of the fields is said.
    """
    if said.named() & set(fields):
        raise Unclear(mistake("contradiction", given=said.word(*fields)))


def _any(said: Said) -> dict[str, str]:
    if said.nth or said.nth_of or said.monthdays:
        return _monthly(said)
    return _weekly(said) if said.week else {"FREQ": "DAILY"}


def _daily(said: Said) -> dict[str, str]:
    refuse(said, "nth", "nth_of", "monthdays")
    if said.week and said.interval == (1, "day"):
        return _weekly(said)
    refuse(said, "week")
    return {"FREQ": "DAILY"}


def _weekly(said: Said) -> dict[str, str]:
    refuse(said, "nth", "nth_of", "monthdays")
    week = said.week
    if not week and said.interval != (1, "week"):
        raise Unclear(mistake("which-day", given=said.word("interval")))
    if week == WHOLE_WEEK and said.interval in {None, (1, "week"), (1, "day")}:
        return {"FREQ": "DAILY"}
    return {"FREQ": "WEEKLY", "BYDAY": _names(week or {0})}


def _monthly(said: Said) -> dict[str, str]:
    if said.nth_of:
        refuse(said, "week", "nth", "monthdays")
        number, days = said.nth_of
        return {"FREQ": "MONTHLY", "BYDAY": _names(days), "BYSETPOS": str(number)}
    if said.nth:
        refuse(said, "week", "monthdays")
        days_said = ",".join(f"{nth}{NAMES[day]}" for nth, day in sorted(set(said.nth)))
        return {"FREQ": "MONTHLY", "BYDAY": days_said}
    if said.week and not said.monthdays:
        raise Unclear(mistake("which-week", given=said.word("week")))
    refuse(said, "week")
    days = said.monthdays or (1,)
    if not all(1 <= day <= 31 or -31 <= day <= -1 for day in days):  # noqa: PLR2004 - of a month
        raise Unclear(mistake("never", given=said.word("monthdays")))
    return {"FREQ": "MONTHLY", "BYMONTHDAY": numbers_of(days)}


def _quarterly(said: Said) -> dict[str, str]:
    refuse(said, "months")
    if said.interval != (1, "quarter"):
        raise Unclear(mistake("leftover", given=said.word("interval")))
    return {**_monthly(said), "BYMONTH": "1,4,7,10"}


def _yearly(said: Said) -> dict[str, str]:
    if said.dates:
        refuse(said, "nth", "nth_of", "monthdays", "months", "week")
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
    """`MO,WE`."""
    return ",".join(NAMES[day] for day in sorted(days))


def numbers_of(numbers: Iterable[int]) -> str:
    """`1,15`."""
    return ",".join(map(str, sorted(numbers)))


CRON_FIELDS = 5
DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
"""RFC 5545's days as cron counts them."""
_ALL_DAYS, _ALL_MONTHS = set(range(1, 32)), set(range(1, 13))
_ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - local time


def cron_problem(cron: str) -> str | None:
    """Why an expression cannot be used, a key of the phrases; None where it can."""
    if len(cron.split()) != CRON_FIELDS:
        return "fields"
    try:
        runs = list(islice(CronSim(cron, _ANY_DAY), 100))
        rules_of_cron(cron)
    except (CronSimError, ValueError):
        return "cron"
    if not runs:
        return "never"
    if any(later - earlier < CLOSEST for earlier, later in pairwise(runs)):
        return "often"
    return None


def rules_of_cron(cron: str) -> tuple[str, ...]:
    """The rules that fire when the expression does: two where it names days in two ways.

    Raises:
        ValueError: The last working day of the month together with days of the week, which has
            no rule.
        CronSimError: It is no cron expression.
    """
    parsed: Any = CronSim(cron, _ANY_DAY)
    times = [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]
    return tuple(rule for days in _days(parsed) for rule in with_times(days, times))


def cron_recurrence(cron: str, start: datetime, skips: tuple[date, ...] = ()) -> Recurrence:
    """What an expression says, from `start` (local time) on.

    Raises:
        ValueError: See `rules_of_cron`.
        CronSimError: See `rules_of_cron`.
    """
    return Recurrence(start, rules_of_cron(cron), skips=skips)


def _days(parsed: Any) -> Iterator[str]:
    months = "" if parsed.months == _ALL_MONTHS else f";BYMONTH={_numbers(parsed.months)}"
    week = "" if _whole_week(parsed.weekdays) else f";BYDAY={_week(parsed.weekdays)}"
    plain = sorted(day for day in parsed.days if day != CronSim.LAST_WEEKDAY)
    month = _numbers(-1 if day == CronSim.LAST else day for day in plain)
    dated = "" if parsed.days >= _ALL_DAYS else f";BYMONTHDAY={month}"
    if CronSim.LAST_WEEKDAY in parsed.days and week:
        raise ValueError(parsed.parts)
    if dated and week and not parsed.day_and:
        yield f"FREQ=MONTHLY{months}{dated}"
        yield _weekly_cron(parsed, months, week)
    elif dated:
        if plain:
            yield f"FREQ=MONTHLY{months}{dated}{week}"
        if CronSim.LAST_WEEKDAY in parsed.days:
            yield f"FREQ=MONTHLY{months};BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    elif week:
        yield _weekly_cron(parsed, months, week)
    else:
        yield f"FREQ=DAILY{months}"


def _weekly_cron(parsed: Any, months: str, week: str) -> str:
    counted = any(isinstance(day, tuple) for day in parsed.weekdays)
    return f"FREQ={'MONTHLY' if counted else 'WEEKLY'}{months}{week}"


def _whole_week(days: Any) -> bool:
    return {day % 7 for day in days if isinstance(day, int)} == set(range(7))


def _week(days: Any) -> str:
    found = {(0, d % 7) if isinstance(d, int) else (_nth(d[1]), d[0] % 7) for d in days}
    return ",".join(f"{nth or ''}{DAYS[day]}" for nth, day in sorted(found, key=_monday_first))


def _monday_first(day: tuple[int, int]) -> tuple[int, int]:
    return day[0], (day[1] - 1) % 7


def _nth(nth: int) -> int:
    return -1 if nth == CronSim.LAST else nth


def _numbers(numbers: Any) -> str:
    return ",".join(map(str, sorted(numbers)))


def cron_of(rules: tuple[str, ...]) -> str | None:
    """The expression that says the same as the rules; None where cron cannot say it."""
    if len(rules) != 1:
        return None
    parts = parts_of(rules[0])
    if parts.keys() & {"INTERVAL", "COUNT", "UNTIL"}:
        return None
    found = _cron_days(parts)
    if found is None:
        return None
    day, week = found
    cron = f"{parts['BYMINUTE']} {parts['BYHOUR']} {day} {parts.get('BYMONTH', '*')} {week}"
    return cron if cron_problem(cron) is None and rules_of_cron(cron) == rules else None


def _cron_days(parts: Mapping[str, str]) -> tuple[str, str] | None:
    """The fields of the day of the month and of the week."""
    week = parts.get("BYDAY", "")
    if parts.get("BYSETPOS") == "-1" and week == "MO,TU,WE,TH,FR":
        return "LW", "*"
    if "BYSETPOS" in parts or ("BYMONTHDAY" in parts and week):
        return None
    days = parts.get("BYMONTHDAY", "*").replace("-1", "L") if "BYMONTHDAY" in parts else "*"
    return days, ",".join(map(_cron_day, week.split(","))) if week else "*"


def _cron_day(text: str) -> str:
    number, day = text[:-2], DAYS.index(text[-2:])
    return f"{day}L" if number == "-1" else f"{day}#{number}" if number else str(day)
