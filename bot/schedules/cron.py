"""Cron expressions, the experts' way to say when, as rules of RFC 5545."""

from __future__ import annotations

from datetime import datetime, time
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from cronsim import CronSim, CronSimError

from bot.schedules.recurrence import CLOSEST, Recurrence, parts_of, with_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

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
        yield _weekly(parsed, months, week)
    elif dated:
        if plain:
            yield f"FREQ=MONTHLY{months}{dated}{week}"
        if CronSim.LAST_WEEKDAY in parsed.days:
            yield f"FREQ=MONTHLY{months};BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    elif week:
        yield _weekly(parsed, months, week)
    else:
        yield f"FREQ=DAILY{months}"


def _weekly(parsed: Any, months: str, week: str) -> str:
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
