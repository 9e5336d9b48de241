"""When would it run? A phrase as it is typed in chat, its next runs, and a calendar of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.schedules.mistakes import Mistake
from bot.schedules.preview import Preview, preview_words
from bot.schedules.recurrence import is_zone, local_time
from bot.schedules.zones import POPULAR, parse_zone
from bot.web.forms import field_of, read_form
from bot.web.site import Page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.web.site import Site

WEEKS = 5
SHOWN = 5
MOST_RUNS = 2000
"""Every five minutes for a week; more do not come in the weeks that are shown."""
DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar and the times of its runs."""

    date: date
    times: tuple[str, ...]

    @property
    def label(self) -> str:
        """Times, or how many there are."""
        most = 3
        if len(self.times) > most:
            return f"{len(self.times)} runs"
        return ", ".join(self.times)


def build_schedule(site: Site) -> Page:
    """The page and its form."""
    pages = _Schedule(site)
    routes = [web.get("/schedule", pages.show), web.post("/schedule", pages.show)]
    return Page(routes, "/schedule", "Schedule")


class _Schedule:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: web.Request) -> web.Response:
        """The form, and what comes of a phrase."""
        form = await read_form(request) if request.method == "POST" else {}
        phrase = field_of(form, "phrase").strip() if form else ""
        given = field_of(form, "zone").strip() if form else ""
        zone = given if is_zone(given) else parse_zone(given or DEFAULT_ZONE)
        found: Preview | None = None
        if phrase and isinstance(zone, Mistake):
            found = Preview(zone.text())
        elif phrase and isinstance(zone, str):
            found = preview_words(phrase, self._site.catalog, zone, self._site.clock(), MOST_RUNS)
        today = local_time(self._site.clock(), found.zone) if found and found.zone else None
        return self._site.page(
            request,
            "schedule.html",
            phrase=phrase,
            zone=given or DEFAULT_ZONE,
            zones=POPULAR,
            found=found,
            runs=[f"{run:%A %Y-%m-%d %H:%M}" for run in found.runs[:SHOWN]] if found else [],
            weeks=calendar(found.runs, today.date()) if found and today else [],
        )


def calendar(runs: Sequence[datetime], today: date) -> list[list[CalendarDay]]:
    """The weeks from that of `today` on, Mondays first, each day with its runs."""
    first = today - timedelta(days=today.weekday())
    by_day: dict[date, list[str]] = {}
    for run in runs:
        by_day.setdefault(run.date(), []).append(f"{run:%H:%M}")
    days = [first + timedelta(days=number) for number in range(7 * WEEKS)]
    found = [CalendarDay(day, tuple(by_day.get(day, ()))) for day in days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]
