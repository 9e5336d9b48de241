"""For curators who wonder: what the matcher makes of a question, and when a phrase would run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.answering.compose import compose
from bot.answering.decide import answer_plan
from bot.answering.matching import rank, weigh
from bot.answering.query import parse
from bot.answering.text import MAX_QUESTION_CHARS
from bot.platforms.plain import render_text
from bot.schedules.describe import Preview, preview_words
from bot.schedules.recurrence import local_time
from bot.schedules.texts import Mistake
from bot.schedules.zones import POPULAR, is_zone, parse_zone
from bot.web.site import Page, field_of, read_form

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match
    from bot.web.site import Site


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One match on the page."""

    kind: str
    """"brief" or "snippet"."""
    name: str
    href: str
    text: str
    score: float
    coverage_percent: int
    """How much of what was asked it speaks of."""


def build_search(site: Site) -> Page:
    """The search; a question comes by POST, so that no log of addresses has it."""

    async def show(request: web.Request) -> web.Response:
        return site.page(request, "search.html", asked="", found=None)

    async def search(request: web.Request) -> web.Response:
        text = field_of(await read_form(request), "text").strip()
        found = look_up(text, site.catalog, site.clock().date())
        return site.page(request, "search.html", asked=text[:MAX_QUESTION_CHARS], found=found)

    return Page([web.get("/search", show), web.post("/search", search)])


def look_up(text: str, catalog: Catalog, today: date) -> dict[str, object]:
    """What chat would answer to this as a first message, and every match with its score."""
    plan = answer_plan(text, catalog)
    answer = compose(plan, catalog, today)
    hits: list[SearchHit] = []
    named: list[str] = []
    if 0 < len(text) <= MAX_QUESTION_CHARS:
        query = parse(text, catalog.lexicon)
        matches = rank(weigh(query, catalog), catalog)
        hits = [_hit(m, catalog) for m in matches if m.candidate.brief or m.candidate.statement]
        named = [catalog.vocabulary.label(concept) for concept in dict.fromkeys(query.concepts)]
    return {
        "status": answer.status.value.replace("_", " "),
        "intent": answer.intent.value,
        "score": answer.score,
        "brief": catalog.library.briefs.get(answer.brief or ""),
        "title": answer.title,
        "text": render_text(answer),
        "named": named,
        "hits": hits,
    }


def _hit(match: Match, catalog: Catalog) -> SearchHit:
    name, share = match.candidate.id, round(100 * match.coverage)
    if match.candidate.brief:
        title = catalog.library.briefs[name].title
        return SearchHit("brief", name, f"/library/{name}", title, match.score, share)
    if not match.candidate.statement:
        return SearchHit("must not cover", name, "", "", match.score, share)
    snippet = catalog.library.snippets[name]
    href = f"/library/{catalog.homes[name]}#{name}"
    return SearchHit("snippet", name, href, snippet.text, match.score, share)


SHOWN = 5
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
            # Every five minutes for a week; more do not come in the weeks that are shown.
            found = preview_words(phrase, self._site.catalog, zone, self._site.clock(), 2000)
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
    days = [first + timedelta(days=number) for number in range(35)]
    found = [CalendarDay(day, tuple(by_day.get(day, ()))) for day in days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]
