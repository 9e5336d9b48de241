"""When a schedule fires: RFC 5545 rules on the local clock of an IANA zone, made into instants.

A local time that does not exist goes forward by the length of the gap (RFC 5545, 3.3.5); one
that comes twice counts the first time only. Two local times that fall on one instant are one.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, islice, pairwise, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
        ValueError: A part has no name.
    """
    return dict(_pair(part) for part in rule.upper().split(";") if part)


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals or not value:
        raise ValueError(part)
    return name, value


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
        rule_of({**parts, "BYHOUR": _joined(hours), "BYMINUTE": _joined(minutes)})
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


def _joined(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


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
    bare = (
        {name: value for name, value in parts_of(rule).items() if name not in _TIMED}
        for rule in recurrence.rules
    )
    return tuple(dict.fromkeys(map(rule_of, bare)))


def walls(recurrence: Recurrence, near: datetime) -> Iterator[datetime]:
    """Local times without zone from `near` on, in order, each once; skipped days are left out."""
    rules = [_from(rule, recurrence.start, near) for rule in recurrence.rules]
    last = None
    for wall in heapq.merge(*rules, sorted(d for d in recurrence.dates if d >= near)):
        if wall != last and wall.date() not in recurrence.skips:
            yield wall
        last = wall


def _from(rule: str, start: datetime, near: datetime) -> Iterator[datetime]:
    found: Iterator[datetime] = _parsed(rule, _nearer(rule, start, near)).xafter(near, inc=True)
    return found


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
        return midnight + max(0, ahead) * period * interval if ahead > 0 else start
    months = _MONTHS.get(parts["FREQ"], 0) * interval
    if not months:
        return start
    ahead = ((near.year - start.year) * 12 + near.month - start.month) // months - 1
    if ahead <= 0:
        return start
    total = start.year * 12 + start.month - 1 + ahead * months
    return midnight.replace(year=total // 12, month=total % 12 + 1, day=1)


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
    bare = tuple(_without_interval(rule) for rule in recurrence.rules)
    begin = max(now, recurrence.start)
    once = replace(recurrence, start=begin, rules=bare, skips=())
    first = next((wall for wall in _within(once, begin, LONG) if wall > now), None)
    return recurrence if first is None else replace(recurrence, start=first)


def _without_interval(rule: str) -> str:
    parts = parts_of(rule)
    parts.pop("INTERVAL", None)
    return rule_of(parts)


def _within(recurrence: Recurrence, begin: datetime, span: timedelta) -> Iterator[datetime]:
    until = begin + span
    return takewhile(lambda wall: wall <= until, walls(recurrence, begin))


def problem_of(recurrence: Recurrence, now: datetime) -> str | None:
    """Why it cannot be used from `now` (local time without zone) on; None where it can."""
    found = list(islice(_within(recurrence, now, LONG), 100))
    if not any(wall > now for wall in found):
        return "never"
    if any(later - earlier < CLOSEST for earlier, later in pairwise(found)):
        return "often"
    return None


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every IANA zone that people choose from, in order of the alphabet."""
    hidden = ("Etc/", "SystemV/", "US/", "posix", "right")
    return tuple(
        sorted(
            name
            for name in _all_zones()
            if name == "UTC" or ("/" in name and not name.startswith(hidden))
        )
    )


def is_zone(name: str) -> bool:
    """Whether the name is an IANA zone that this machine knows."""
    return name in _all_zones()


@lru_cache(maxsize=1)
def _all_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _wall(instant: datetime, info: ZoneInfo) -> datetime:
    return instant.astimezone(info).replace(tzinfo=None)


def skipped(first: date, last: date) -> Sequence[date]:
    """Each date from the first to the last."""
    return [first + timedelta(days=day) for day in range((last - first).days + 1)]
