"""The days that are said -> rules of a recurrence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from bot.schedules.mistakes import mistake
from bot.schedules.recurrence import rule_of
from bot.schedules.said import PartialDate, Said, Unclear

if TYPE_CHECKING:
    from collections.abc import Iterable

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
