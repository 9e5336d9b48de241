"""The phrases of time that stand at the head of some words, one rule for each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.schedules.recurrence import cron_problem
from bot.schedules.schedule_draft import Draft, take_zone
from bot.schedules.schedule_options import mistake
from bot.schedules.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Callable

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = r"(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?s?"
_AND = r"(?:\s*(?:,|&|/|\+|\band\b)\s*(?:and\s+)?(?:on\s+)?|\s+)"
_ONE = rf"{_DAY}(?:\s*(?:-|–|to|through|till|until)\s*{_DAY})?"
_LIST = rf"{_ONE}(?:{_AND}{_ONE})*"
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_MONTH = r"(?:\s*,?\s*(?:of\s+)?(?:the|every|each|a)\s+month)"
_MONTHLY = r"(?:(?:monthly|(?:every|each) month)\s*,?\s*)"
_ON_THE = r"(?:on\s+)?(?:the\s+)?"
_TIME = (
    r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:(a\.?m\.?|p\.?m\.?)(?!\w))?(?:\s*(o'clock|uhr|hrs?|h)\b\.?)?"
)
_NUMBERS = r"[\d*][\d*/,-]*"
_CRON = (
    rf"{_NUMBERS}\s+{_NUMBERS}\s+(?:{_NUMBERS}|LW?)\s+(?:{_NUMBERS}|[A-Za-z]{{3}}[A-Za-z,-]*)\s+"
    r"(?:[\d*][\d*/,#L-]*|(?:mon|tue|wed|thu|fri|sat|sun)[\w,#-]*)"
)
_QUOTE = "[\"'`]"
_EVERY = ("every", "each", "daily")


def read_draft(draft: Draft) -> Draft:
    """Take one phrase after the other from the head of the words."""
    while draft.rest and not draft.mistake:
        for pattern, take in _RULES:
            found = pattern.match(draft.rest)
            if found and (taken := take(draft, found)):
                draft = taken
                break
        else:
            between = _take_zone_between(draft)
            if between is None:
                break
            draft = between
    known = draft.hour is not None and draft.zone is None and not draft.mistake
    return take_zone(draft) if known else draft


def _after(draft: Draft, found: re.Match[str]) -> str:
    return draft.rest[found.end() :].lstrip(" ,;:")


def _take_days(dow: str) -> Callable[[Draft, re.Match[str]], Draft | None]:
    def take(draft: Draft, found: re.Match[str]) -> Draft | None:
        if draft.days:
            return None
        return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))

    return take


def _take_list(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.days:
        return None
    dow = ",".join(map(str, sorted(_named_days(found["days"]))))
    return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))


def _take_others(draft: Draft, found: re.Match[str]) -> Draft | None:
    """`daily except sundays`."""
    if draft.days:
        return None
    weekend = found["days"].lower().startswith("weekend")
    left = set(range(7)) - ({0, 6} if weekend else _named_days(found["days"]))
    if not left:
        return replace(draft, mistake=mistake("never", given=found[0].strip()))
    dow = ",".join(map(str, sorted(left)))
    return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))


def _named_days(text: str) -> set[int]:
    """`mon-wed and fri` -> days of the week, Sunday is 0."""
    found: set[int] = set()
    for one in re.findall(_ONE, text.lower()):
        ends = [_DAYS.index(day[:3]) for day in re.findall(_DAY, one)]
        first, last = ends[0], ends[-1]
        found |= {(first + i) % 7 for i in range((last - first) % 7 + 1)}
    return found


def _take_nth_day(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.days:
        return None
    day, nth = _DAYS.index(found["day"].lower()[:3]), found["nth"].lower()
    dow = f"{day}L" if nth == "last" else f"{day}#{_NTH[nth]}"
    return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))


def _take_dates(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.days:
        return None
    dates = sorted({int(n) for n in re.findall(r"\d+", found["dates"])})
    if not all(1 <= n <= 31 for n in dates):  # noqa: PLR2004 - days of a month
        return replace(draft, mistake=mistake("never", given=found[0].strip()))
    dom = ",".join(map(str, dates)) or "1"
    return replace(draft, dom=dom, days=found[0].strip(), rest=_after(draft, found))


def _take_last_date(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.days:
        return None
    dom = "LW" if found["work"] else "L"
    return replace(draft, dom=dom, days=found[0].strip(), rest=_after(draft, found))


def _take_half(draft: Draft, found: re.Match[str]) -> Draft | None:
    """`every morning`, `monday mornings`, `at 9 in the morning`; not a `morning briefing`."""
    all_days = found["how"] in _EVERY or (found["half"].endswith("s") and not draft.days)
    if draft.half or (all_days and draft.days) or not (all_days or draft.days or draft.hour):
        return None
    if draft.hour and not found["how"]:
        return None
    half = found["half"].lower().removesuffix("s")
    days = "daily" if all_days else draft.days
    return replace(draft, half=half, days=days, rest=_after(draft, found))


def _take_time(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.hour is not None:
        return None
    if not (found[2] or found[3] or found[4] or found[0].lower().startswith(("at", "@"))):
        return None
    half = (found[3] or "").replace(".", "").lower()
    return _take_clock(draft, found, _clock(int(found[1]), int(found[2] or 0), half), half)


def _take_compact_time(draft: Draft, found: re.Match[str]) -> Draft | None:
    """`at 1730`, `0900`."""
    if draft.hour is not None or not (found["at"] or found["clock"].startswith("0")):
        return None
    clock = _clock(int(found["clock"][:2]), int(found["clock"][2:]), "")
    return _take_clock(draft, found, clock, "")


def _take_clock(
    draft: Draft, found: re.Match[str], clock: tuple[int, int] | None, half: str
) -> Draft:
    if clock is None:
        return replace(draft, mistake=mistake("bad-time", given=found[0].strip()))
    rest = _after(draft, found)
    return take_zone(
        replace(draft, hour=str(clock[0]), minute=clock[1], sure=bool(half), rest=rest)
    )


def _clock(hour: int, minute: int, half: str) -> tuple[int, int] | None:
    """Hour and minute of the day; None where there is no such time."""
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24  # noqa: PLR2004
    return (hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004


def _take_named_time(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.hour is not None:
        return None
    hour = "0" if "midnight" in found[0].lower() else "12"
    return take_zone(replace(draft, hour=hour, sure=True, rest=_after(draft, found)))


def _take_hours(draft: Draft, found: re.Match[str]) -> Draft | None:
    if draft.hour is not None:
        return None
    hours = int(found[1] or 1)
    if not 1 <= hours <= 12 or 24 % hours:  # noqa: PLR2004 - hours of a day
        return replace(draft, mistake=mistake("hours", given=found[0].strip()))
    hour = f"*/{hours}" if hours > 1 else "*"
    return take_zone(replace(draft, hour=hour, rest=_after(draft, found)))


def _take_cron(draft: Draft, found: re.Match[str]) -> Draft | None:
    cron = next(filter(None, found.groups()), "").strip()
    if problem := cron_problem(cron):
        return replace(draft, mistake=mistake(problem, given=cron))
    return take_zone(replace(draft, cron=cron, days=found[0], rest=_after(draft, found)))


def _take_weekly(draft: Draft, found: re.Match[str]) -> Draft | None:
    """Mondays, unless a day is named before or after."""
    dow = draft.dow if draft.days else "1"
    return replace(draft, dow=dow, rest=_after(draft, found))


def _refuse(key: str) -> Callable[[Draft, re.Match[str]], Draft | None]:
    def take(draft: Draft, found: re.Match[str]) -> Draft | None:
        return replace(draft, mistake=mistake(key, given=found[0].strip()))

    return take


def _take_zone_between(draft: Draft) -> Draft | None:
    """`mondays Tokyo 9:00`: a zone between the days and the time."""
    if not draft.days or draft.hour is not None or draft.zone or draft.cron:
        return None
    found = find_zone(draft.rest)
    if found is None or not re.match(rf"(?:at\s+|@\s*){_TIME}|\d{{1,2}}[:.]\d\d", found.rest):
        return None
    return replace(draft, zone=found.zone, rest=found.rest)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)


_EACH = r"(?:on\s+)?(?:every\s+|each\s+|all\s+)?"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[Draft, re.Match[str]], Draft | None]], ...] = (
    (
        re.compile(
            rf"cron\s*:?\s*(?:{_QUOTE}([^\"'`]*){_QUOTE}|(\S+ \S+ \S+ \S+ \S+)(?!\S))"
            rf"|{_QUOTE}?(?=[^A-Za-z]*\*)({_CRON}){_QUOTE}?(?!\S)",
            re.IGNORECASE,
        ),
        _take_cron,
    ),
    (_rule(r"cron|@(?:hourly|daily|weekly|monthly|yearly|annually)"), _refuse("fields")),
    (
        _rule(
            r"(?:every|each)\s+(?:other|second|2nd|two|2)\s+(?:weeks?|days?|months?|"
            rf"{_DAY}(?!{_MONTH}))|bi-?weekly|fortnightly"
        ),
        _refuse("fortnight"),
    ),
    (_rule(r"weekly|(?:every|each|once a) week"), _take_weekly),
    (
        _rule(
            r"(?:daily|(?:every|each) ?day|all days),?\s+(?:except|but(?: not)?|excluding|not)\s+"
            rf"(?:on\s+)?(?P<days>weekends?|{_LIST})"
        ),
        _take_others,
    ),
    (_rule(r"daily|(?:every|each) ?day|all days"), _take_days("*")),
    (_rule(rf"{_EACH}(?:weekdays?|work(?:ing)? ?days?|business days?)"), _take_days("1-5")),
    (_rule(rf"{_EACH}weekends?"), _take_days("0,6")),
    (
        _rule(
            rf"{_MONTHLY}?(?:on\s+)?(?:the\s+|every\s+|each\s+)?(?P<nth>{'|'.join(_NTH)}|last)\s+"
            rf"(?P<day>{_DAY}){_MONTH}?"
        ),
        _take_nth_day,
    ),
    (
        _rule(
            rf"{_MONTHLY}?{_ON_THE}last\s+(?:(?P<work>week|work(?:ing)?\s?|business\s)day{_MONTH}"
            rf"|day(?:{_MONTH}|\s+monthly)?)"
        ),
        _take_last_date,
    ),
    (
        _rule(
            rf"(?:{_MONTHLY}{_ON_THE}first(?:\s+day)?|{_ON_THE}first(?:\s+day)?{_MONTH}"
            r"|on\s+the\s+first(?=\s+(?:at\s+)?\d))(?P<dates>)"
        ),
        _take_dates,
    ),
    (
        _rule(rf"{_MONTHLY}?{_ON_THE}day\s+(?P<dates>\d{{1,2}}){_MONTH}"),
        _take_dates,
    ),
    (
        _rule(
            rf"{_MONTHLY}?{_ON_THE}"
            rf"(?P<dates>{_ORDINAL}(?:{_AND}(?:the\s+)?{_ORDINAL})*)(?:\s+day)?{_MONTH}?"
        ),
        _take_dates,
    ),
    (_rule(r"(?:monthly|(?:every|each) month)(?P<dates>)"), _take_dates),
    (_rule(rf"{_EACH}(?P<days>{_LIST})"), _take_list),
    (
        _rule(
            r"(?:(?P<how>every|each|daily|in\s+the|at)\s+)?"
            r"(?P<half>(?:morning|afternoon|evening|night)s?)"
        ),
        _take_half,
    ),
    (_rule(r"hourly|every hour|every\s+(\d{1,3})\s+hours?"), _take_hours),
    (_rule(r"(?:(?:at|@)\s*)?(?:12\s*)?(?:noon|midday|midnight)"), _take_named_time),
    (
        _rule(r"(?P<at>(?:at|@)\s*)?(?P<clock>[0-2]\d[0-5]\d)(?:\s*(?:h|hrs|hours))?"),
        _take_compact_time,
    ),
    (_rule(rf"(?:(?:at|@)\s*)?{_TIME}"), _take_time),
)
