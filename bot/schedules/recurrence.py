"""When a schedule fires: cron on the local clock of an IANA zone, made into instants.

A local time that does not exist goes forward by the length of the gap (RFC 5545, 3.3.5); one
that comes twice counts the first time only. Two local times that fall on one instant are one.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

CRON_FIELDS = 5
LONGEST_GAP = timedelta(hours=25)
"""No zone has ever jumped forward by more than a day."""
CLOSEST = timedelta(minutes=5)
"""Runs of one schedule are at least so far apart."""
_YEARS = range(1, 9999)


def occurrences(
    cron: str, zone: str, after: datetime, skip: Collection[date] = ()
) -> Iterator[datetime]:
    """The instants (UTC) after `after`, in order, each once; local dates in `skip` are left out.

    It ends where the expression never fires again, and at the end of the calendar.
    """
    info = ZoneInfo(zone)
    start = _wall(after, info)
    if _wall(after - LONGEST_GAP, info) + LONGEST_GAP < start:
        start = _wall(after - LONGEST_GAP, info)
    waiting: list[datetime] = []
    last = after
    for wall in CronSim(cron, start - timedelta(seconds=1)):
        if wall.year not in _YEARS:
            break
        if wall.date() in skip:
            continue
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


def cron_problem(cron: str) -> str | None:
    """Why an expression cannot be used; None where it can."""
    if len(cron.split()) != CRON_FIELDS:
        return "fields"
    try:
        runs = list(islice(CronSim(cron, datetime(2024, 1, 1)), 100))  # noqa: DTZ001 - local
    except CronSimError:
        return "cron"
    if not runs:
        return "never"
    if any(later - earlier < CLOSEST for earlier, later in pairwise(runs)):
        return "often"
    return None


def explain_cron(cron: str) -> str:
    """`At 09:00 on Monday through Friday`."""
    return CronSim(cron, datetime(2024, 1, 1)).explain()  # noqa: DTZ001 - local time


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
