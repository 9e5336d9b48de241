"""When a schedule fires: RFC 5545 rules on the local clock of an IANA zone, made into instants.

A local time that does not exist goes forward by the length of the gap (RFC 5545, 3.3.5); one
that comes twice counts the first time only. Two local times that fall on one instant are one.
Cron expressions are read as such rules.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, islice, pairwise, takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule, rrulestr

NAMES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS: Final = "MO,TU,WE,TH,FR"
LONGEST_GAP = timedelta(hours=25)
"""No zone has ever jumped forward by more than a day."""
CLOSEST = timedelta(minutes=5)
"""Runs of one schedule are at least so far apart."""
MOST_SKIPS = 400
"""Dates without a run, those of spans included."""
LONG = timedelta(days=366 * 9)
"""Whatever recurs at all does so within nine years: 29 February of 2096 to that of 2104 is the
longest wait."""
_TIMED = frozenset({"BYHOUR", "BYMINUTE"})
_NO_START = datetime(1, 1, 1)  # noqa: DTZ001 - local time
_STAMP, _DAY = "%Y%m%dT%H%M%S", "%Y%m%d"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What RFC 5545 calls a recurrence set, in local time: no part of it knows a zone.

    Each rule names its days and its times of day itself; `start` says from when on, and what
    intervals are counted from.
    """

    start: datetime
    """DTSTART, without zone, whole minutes; it is a run only where a rule says so."""
    rules: tuple[str, ...] = ()
    """Values of RRULE: `FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0`."""
    dates: tuple[datetime, ...] = ()
    """RDATE: single runs, local time without zone."""
    skips: tuple[date, ...] = ()
    """EXDATE: local dates without a run."""


def dump_recurrence(recurrence: Recurrence) -> list[str]:
    """The content lines of RFC 5545, unfolded."""
    lines = [f"DTSTART:{recurrence.start:{_STAMP}}"]
    lines += [f"RRULE:{rule}" for rule in recurrence.rules]
    if recurrence.dates:
        lines.append("RDATE:" + ",".join(f"{each:{_STAMP}}" for each in recurrence.dates))
    if recurrence.skips:
        days = ",".join(f"{each:{_DAY}}" for each in recurrence.skips)
        lines.append(f"EXDATE;VALUE=DATE:{days}")
    return lines


def parse_recurrence(lines: Iterable[str]) -> Recurrence:
    """Content lines as `dump_recurrence` writes them.

    Raises:
        ValueError: They are not; the text names the line.
    """
    found = Recurrence(_NO_START)
    for line in lines:
        name, _, value = line.strip().partition(":")
        try:
            found = _with_line(found, name.upper(), value)
        except ValueError:
            raise ValueError(f"{line!r} is not as `schedules export` writes it") from None
    if found.start == _NO_START or not (found.rules or found.dates):
        raise ValueError("a recurrence needs DTSTART and an RRULE or RDATE")
    return found


def _with_line(found: Recurrence, name: str, value: str) -> Recurrence:
    match name:
        case "DTSTART":
            return replace(found, start=_stamp(value))
        case "RRULE":
            rule = canonical(value)
            _parsed(rule, datetime(2024, 1, 1))  # noqa: DTZ001 - local; raises ValueError
            return replace(found, rules=(*found.rules, rule))
        case "RDATE":
            return replace(found, dates=tuple(sorted(map(_stamp, value.split(",")))))
        case "EXDATE;VALUE=DATE":
            days = (datetime.strptime(day, _DAY) for day in value.split(","))  # noqa: DTZ007
            return replace(found, skips=tuple(sorted({each.date() for each in days})))
    raise ValueError(name)


def _stamp(text: str) -> datetime:
    return datetime.strptime(text, _STAMP)  # noqa: DTZ007 - local time


_ORDER = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS")


def canonical(rule: str) -> str:
    """One spelling for each rule.

    Raises:
        ValueError: A part has no name, or the rule does not say at what time.
    """
    parts = parts_of(rule)
    known = {*_ORDER, *_TIMED}
    if "FREQ" not in parts or not parts.keys() >= _TIMED or not parts.keys() <= known:
        raise ValueError(rule)
    return rule_of(parts)


def parts_of(rule: str) -> dict[str, str]:
    """`FREQ=DAILY;BYHOUR=9` -> its parts by name.

    Raises:
        ValueError: A part has no name or no value.
    """
    pairs = [part.partition("=") for part in rule.upper().split(";") if part]
    if not all(value for _, _, value in pairs):
        raise ValueError(rule)
    return {name: value for name, _, value in pairs}


def rule_of(parts: Mapping[str, str]) -> str:
    """Parts by name -> the rule, in one order."""
    order = (*_ORDER, "BYHOUR", "BYMINUTE")
    return ";".join(f"{name}={parts[name]}" for name in order if name in parts)


def with_times(days: str, times: Iterable[time]) -> tuple[str, ...]:
    """A rule without times of day -> the fewest rules that fire at these."""
    parts = parts_of(days)
    if "BYSETPOS" in parts:  # it would choose among the times of one day
        groups = [([each.hour], [each.minute]) for each in sorted(set(times))]
    else:
        groups = _products(times)
    return tuple(
        rule_of({**parts, "BYHOUR": numbers_of(hours), "BYMINUTE": numbers_of(minutes)})
        for hours, minutes in groups
    )


def _products(times: Iterable[time]) -> list[tuple[list[int], list[int]]]:
    """Hours and minutes so that each hour goes with each minute: 9:00, 9:30, 17:00, 17:30."""
    by_hour: dict[int, list[int]] = {}
    for each in sorted(set(times)):
        by_hour.setdefault(each.hour, []).append(each.minute)
    ordered = sorted(by_hour.items(), key=lambda item: (item[1], item[0]))
    return [
        ([hour for hour, _ in group], minutes)
        for minutes, group in groupby(ordered, key=lambda item: item[1])
    ]


def numbers_of(numbers: Iterable[int]) -> str:
    """`1,15`."""
    return ",".join(map(str, sorted(numbers)))


def times_of(recurrence: Recurrence) -> tuple[time, ...]:
    """The times of day, in order."""
    found = {each.time() for each in recurrence.dates}
    for rule in recurrence.rules:
        parts = parts_of(rule)
        hours, minutes = parts["BYHOUR"].split(","), parts["BYMINUTE"].split(",")
        found |= {time(int(hour), int(minute)) for hour in hours for minute in minutes}
    return tuple(sorted(found))


def days_of(recurrence: Recurrence) -> tuple[str, ...]:
    """The rules without their times of day, each once."""
    return tuple(dict.fromkeys(without(rule, *_TIMED) for rule in recurrence.rules))


def without(rule: str, *names: str, **instead: str) -> str:
    """A rule without some of its parts, and with others instead."""
    kept = {name: value for name, value in parts_of(rule).items() if name not in names}
    return rule_of({**kept, **instead})


def walls(recurrence: Recurrence, near: datetime) -> Iterator[datetime]:
    """Local times without zone from `near` on, in order, each once; skipped days are left out."""
    rules = [
        _parsed(rule, _nearer(rule, recurrence.start, near)).xafter(near, inc=True)
        for rule in recurrence.rules
    ]
    last = None
    for wall in heapq.merge(*rules, sorted(d for d in recurrence.dates if d >= near)):
        if wall != last and wall.date() not in recurrence.skips:
            yield wall
        last = wall


@lru_cache(maxsize=4096)
def _parsed(rule: str, start: datetime) -> rrule:
    parsed = rrulestr(rule, dtstart=start)
    if not isinstance(parsed, rrule):
        raise TypeError
    return parsed


_PERIODS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
_MONTHS = {"MONTHLY": 1, "YEARLY": 12}


def _nearer(rule: str, start: datetime, near: datetime) -> datetime:
    """A later start from which the rule gives the same runs from `near` on.

    A rule is evaluated from its start on, which may be years ago; intervals must still be
    counted alike, and what is counted must be counted from the first.
    """
    parts = parts_of(rule)
    if "COUNT" in parts or near <= start:
        return start
    interval = int(parts.get("INTERVAL", "1"))
    midnight = start.replace(hour=0, minute=0)
    if period := _PERIODS.get(parts["FREQ"]):
        ahead = (near - midnight) // (period * interval) - 1
        return midnight + ahead * period * interval if ahead > 0 else start
    months = _MONTHS.get(parts["FREQ"], 0) * interval
    if not months:
        return start
    ahead = ((near.year - start.year) * 12 + near.month - start.month) // months - 1
    return midnight.replace(day=1) + relativedelta(months=ahead * months) if ahead > 0 else start


def occurrences(recurrence: Recurrence, zone: str, after: datetime) -> Iterator[datetime]:
    """The instants (UTC) after `after`, in order, each once.

    It ends where the recurrence never fires again, and at the end of the calendar.
    """
    info = ZoneInfo(zone)
    begin = _wall(after, info)
    if _wall(after - LONGEST_GAP, info) + LONGEST_GAP < begin:
        begin = _wall(after - LONGEST_GAP, info)
    waiting: list[datetime] = []
    last = after
    for wall in walls(recurrence, begin):
        if wall.year >= MAXYEAR:
            break
        instant, exists = resolve(wall, info)
        heapq.heappush(waiting, instant)
        # What comes later on the clock comes later in time, but for what a gap has moved: wait
        # for a local time that exists before letting anything go.
        while exists and waiting and waiting[0] <= instant:
            ripe = heapq.heappop(waiting)
            if ripe > last:
                last = ripe
                yield ripe
    yield from sorted({instant for instant in waiting if instant > last})


def resolve(wall: datetime, info: ZoneInfo) -> tuple[datetime, bool]:
    """A local time without zone -> its instant in UTC, and whether that local time exists."""
    instant = wall.replace(tzinfo=info, fold=0).astimezone(UTC)
    return instant, _wall(instant, info) == wall


def local_time(instant: datetime, zone: str) -> datetime:
    """An instant on the clock of a zone, without zone."""
    return _wall(instant, ZoneInfo(zone))


def anchored(recurrence: Recurrence, now: datetime) -> Recurrence:
    """Counted from its first run after `now` (local time without zone) on.

    "Every other Monday" begins with the next one. Where nothing is left it is as it was.
    """
    bare = tuple(without(rule, "INTERVAL") for rule in recurrence.rules)
    begin = max(now, recurrence.start)
    once = replace(recurrence, start=begin, rules=bare, skips=())
    first = next((wall for wall in _soon(once, begin) if wall > now), None)
    return recurrence if first is None else replace(recurrence, start=first)


def _soon(recurrence: Recurrence, begin: datetime) -> Iterator[datetime]:
    return takewhile(lambda wall: wall <= begin + LONG, walls(recurrence, begin))


def problem_of(recurrence: Recurrence, now: datetime) -> str | None:
    """Why it cannot be used from `now` (local time without zone) on; None where it can."""
    found = list(islice(_soon(recurrence, now), 100))
    if not any(wall > now for wall in found):
        return "never"
    return "often" if _too_close(found) else None


def _too_close(runs: Iterable[datetime]) -> bool:
    return any(later - earlier < CLOSEST for earlier, later in pairwise(runs))


def _wall(instant: datetime, info: ZoneInfo) -> datetime:
    return instant.astimezone(info).replace(tzinfo=None)


CRON_FIELDS = 5
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
    return "often" if _too_close(runs) else None


def rules_of_cron(cron: str) -> tuple[str, ...]:
    """The rules that fire when the expression does: two where it names days in two ways.

    Raises:
        ValueError: The last working day of the month together with days of the week, which has
            no rule.
        CronSimError: It is no cron expression.
    """
    parsed: Any = CronSim(cron, _ANY_DAY)
    times = [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]
    return tuple(rule for days in _cron_days(parsed) for rule in with_times(days, times))


def _cron_days(parsed: Any) -> Iterator[str]:
    months = "" if len(parsed.months) == 12 else f";BYMONTH={numbers_of(parsed.months)}"  # noqa: PLR2004
    # Of the days of the week Sunday is 0 or 7; one with a number is a pair.
    days = {(0, d) if isinstance(d, int) else (d[1], d[0]) for d in parsed.weekdays}
    named = sorted((-1 if nth == CronSim.LAST else nth, (day - 1) % 7) for nth, day in days)
    whole = {day for nth, day in named if not nth} == set(range(7))
    week = ",".join(dict.fromkeys(f"{nth or ''}{NAMES[day]}" for nth, day in named))
    week = "" if whole else f";BYDAY={week}"
    plain = [-1 if d == CronSim.LAST else d for d in parsed.days if d != CronSim.LAST_WEEKDAY]
    dated = "" if parsed.days >= set(range(1, 32)) else f";BYMONTHDAY={numbers_of(plain)}"
    counted = any(nth for nth, _ in named)
    weekly = f"FREQ={'MONTHLY' if counted else 'WEEKLY'}{months}{week}"
    last_working_day = CronSim.LAST_WEEKDAY in parsed.days
    if last_working_day and week:
        raise ValueError(parsed.parts)
    if not dated:
        yield weekly if week else f"FREQ=DAILY{months}"
    elif plain:
        together = week if parsed.day_and else ""
        yield f"FREQ=MONTHLY{months}{dated}{together}"
        if week and not parsed.day_and:
            yield weekly
    if dated and last_working_day:
        yield f"FREQ=MONTHLY{months};BYDAY={WORKING_DAYS};BYSETPOS=-1"


def cron_recurrence(cron: str, start: datetime, skips: tuple[date, ...] = ()) -> Recurrence:
    """What an expression says, from `start` (local time) on.

    Raises:
        ValueError: See `rules_of_cron`.
        CronSimError: See `rules_of_cron`.
    """
    return Recurrence(start, rules_of_cron(cron), skips=skips)


def cron_of(rules: tuple[str, ...]) -> str | None:
    """The expression that says the same as the rules; None where cron cannot say it."""
    parts = parts_of(rules[0]) if len(rules) == 1 else {}
    if not parts or parts.keys() & {"INTERVAL", "COUNT", "UNTIL"}:
        return None
    month_days, week = parts.get("BYMONTHDAY", "*").replace("-1", "L"), parts.get("BYDAY", "")
    if "BYSETPOS" in parts:
        month_days, week = "LW", ""
    days = ",".join(map(_cron_day, week.split(","))) if week else "*"
    times = f"{parts['BYMINUTE']} {parts['BYHOUR']}"
    cron = f"{times} {month_days} {parts.get('BYMONTH', '*')} {days}"
    # What cron says otherwise, such as days of the month and of the week, does not come back.
    return cron if cron_problem(cron) is None and rules_of_cron(cron) == rules else None


def _cron_day(text: str) -> str:
    number, day = text[:-2], (NAMES.index(text[-2:]) + 1) % 7
    return f"{day}L" if number == "-1" else f"{day}#{number}" if number else str(day)
