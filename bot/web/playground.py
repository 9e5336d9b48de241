"""What can be tried: questions as in chat, drawn as each platform would, and schedules."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.schedules.calls import Preview, preview_words
from bot.schedules.recurrence import local_time
from bot.schedules.texts import Mistake
from bot.schedules.zones import POPULAR, is_zone, parse_zone
from bot.service.assistant import Incoming
from bot.web.conversation import (
    Asked,
    Conversation,
    Conversations,
    Deed,
    Extra,
    Presses,
    Turn,
    Way,
    draw_turn,
    label_of,
    parse_typed,
)
from bot.web.site import Page, field_of, read_form, redirect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.web.conversation import Drawn
    from bot.web.site import Site

log = structlog.get_logger(__name__)

OFFERED = 25
PART = "X-Part"
"""The header with which the page's script asks for the new turn alone."""


def build_playground(site: Site) -> Page:
    """The composer and the conversations."""
    pages = Playground(site)
    routes = [
        web.get("/", pages.start),
        web.get("/c/{thread}", pages.show),
        web.post("/ask", pages.ask),
        web.post("/press", pages.press),
        web.post("/complete", pages.complete),
    ]
    return Page(routes, "/", "Playground", ("/c/",))


class Playground:
    """The handlers; conversations are kept in memory."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept = Conversations(lambda: secrets.token_urlsafe(16))

    async def start(self, request: web.Request) -> web.Response:
        """An empty conversation, with what a newcomer could ask."""
        return await self._page(request, None)

    async def show(self, request: web.Request) -> web.Response:
        """A conversation that goes on."""
        conversation = self._kept.find(request.match_info["thread"])
        if conversation is None:
            raise web.HTTPNotFound
        return await self._page(request, conversation)

    async def ask(self, request: web.Request) -> web.Response:
        """Answer what was typed."""
        form = await read_form(request)
        typed = field_of(form, "text")
        text, way = parse_typed(typed)
        conversation = self._kept.find_or_start(form.get("thread", ""))
        turn = await self._answer(conversation, text, typed.strip() or text, way)
        return await self._shown(request, conversation, turn)

    async def press(self, request: web.Request) -> web.Response:
        """Do what a button of a preview does."""
        form = await read_form(request)
        conversation = self._kept.find(field_of(form, "thread"))
        number = field_of(form, "turn")
        known = number.isascii() and number.isdecimal() and len(number) < 10  # noqa: PLR2004
        turn = conversation.turns.get(int(number)) if conversation and known else None
        if conversation is None or turn is None:
            raise web.HTTPNotFound
        pressed = await self._pressed(conversation, turn, form)
        if isinstance(pressed, Asked):
            turn = await self._suggested(conversation, turn, pressed)
        else:
            # Another button may have been pressed meanwhile.
            turn = _after(conversation.turns.get(turn.number, turn), pressed)
            conversation.put(turn)
        return await self._shown(request, conversation, turn)

    async def complete(self, request: web.Request) -> web.Response:
        """What a person may be typing, as JSON: `[{"label": ..., "ask": ...}]`."""
        text = field_of(await read_form(request), "text")
        asked, _ = parse_typed(text)
        offers = self._site.assistant.complete(asked, OFFERED)
        return web.json_response([{"label": o.label, "ask": o.ask} for o in offers])

    async def _pressed(
        self, conversation: Conversation, turn: Turn, form: Mapping[str, str]
    ) -> Asked | Extra:
        user = f"playground:{conversation.thread}"
        presses = Presses(self._site.assistant, turn.answer_id, user, self._site.clock())
        value, named = field_of(form, "press"), field_of(form, "platform")
        for platform in self._site.platforms:
            if platform.name == named:
                return await presses.press(platform, value, form.get("choice", ""))
        raise web.HTTPBadRequest

    async def _suggested(self, conversation: Conversation, turn: Turn, asked: Asked) -> Turn:
        reply = await self._site.assistant.recall(turn.answer_id, self._site.clock())
        label = label_of(asked.text, reply.answer) if reply else asked.label
        way = Way.DIRECT if turn.way is Way.DIRECT else Way.COMMAND
        return await self._answer(conversation, asked.text, label, way)

    async def _answer(self, conversation: Conversation, text: str, shown: str, way: Way) -> Turn:
        if way is Way.SCHEDULE:
            return conversation.add(shown, way, "")
        thread = conversation.thread
        incoming = Incoming("playground", "", "", thread, text, thread)
        reply = await self._site.assistant.answer(incoming, self._site.clock())
        answer = reply.answer
        log.info(
            "playground.answered",
            status=answer.status.value,
            intent=answer.intent.value,
            brief=answer.brief,
            score=answer.score,
        )
        return conversation.add(shown, way, reply.id, can_tell=reply.can_tell)

    async def _shown(
        self, request: web.Request, conversation: Conversation, turn: Turn
    ) -> web.Response:
        """The turn alone for the page's script; else the whole page, by a redirect."""
        where = f"/c/{conversation.thread}"
        if PART not in request.headers:
            return redirect(f"{where}#turn-{turn.number}")
        drawn = await self._drawn(turn)
        part = self._site.part("turn.html", drawn=drawn, thread=conversation.thread)
        return web.Response(text=part, content_type="text/html", headers={"X-Thread": where})

    async def _drawn(self, turn: Turn) -> Drawn:
        site = self._site
        return await draw_turn(turn, site.assistant, site.platforms, site.clock())

    async def _page(self, request: web.Request, conversation: Conversation | None) -> web.Response:
        turns = conversation.turns.values() if conversation else ()
        offers = self._site.assistant.complete("", OFFERED)
        return self._site.page(
            request,
            "playground.html",
            thread=conversation.thread if conversation else "",
            turns=[await self._drawn(turn) for turn in turns],
            examples=_examples(self._site),
            offers=offers,
            briefs=len(self._site.catalog.library.briefs),
        )


def _after(turn: Turn, extra: Extra) -> Turn:
    """The turn with what a button made of it: another page in place, or something below."""
    if extra.deed is Deed.PAGE and turn.way is not Way.MENTION:
        return replace(turn, page=extra.page)
    if extra.deed is Deed.SHARE and extra in turn.extras:
        extra = replace(extra, deed=Deed.NOTICE, notice="already-shared")
    return turn.with_extra(extra)


def _examples(site: Site) -> list[tuple[str, str]]:
    """What a newcomer could type, each with a word on what it shows."""
    briefs = list(site.catalog.library.briefs.values())
    own = [(brief.asks[0], "in your own words") for brief in briefs[1:] if brief.asks][:1]
    return [
        *(
            (f"/aibrief {brief.slug}", "a command: only you see the answer")
            for brief in briefs[:1]
        ),
        ("@aibrief what comes next", "a mention: the channel sees the answer"),
        *own,
        ("best pizza in town", "what the briefs do not hold"),
        ("list", "every brief"),
    ]


SHOWN_RUNS = 5
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
    """When a phrase would run: the form, and what comes of it."""

    async def show(request: web.Request) -> web.Response:
        form = await read_form(request) if request.method == "POST" else {}
        phrase = field_of(form, "phrase").strip() if form else ""
        given = field_of(form, "zone").strip() if form else ""
        zone = given if is_zone(given) else parse_zone(given or DEFAULT_ZONE)
        found: Preview | None = None
        if phrase and isinstance(zone, Mistake):
            found = Preview(zone.text())
        elif phrase and isinstance(zone, str):
            # Every five minutes for a week; more do not come in the weeks that are shown.
            found = preview_words(phrase, site.catalog, zone, site.clock(), 2000)
        today = local_time(site.clock(), found.zone) if found and found.zone else None
        return site.page(
            request,
            "schedule.html",
            phrase=phrase,
            zone=given or DEFAULT_ZONE,
            zones=POPULAR,
            found=found,
            runs=[f"{run:%A %Y-%m-%d %H:%M}" for run in found.runs[:SHOWN_RUNS]] if found else [],
            weeks=calendar(found.runs, today.date()) if found and today else [],
        )

    return Page([web.get("/schedule", show), web.post("/schedule", show)], "/schedule", "Schedule")


def calendar(runs: Sequence[datetime], today: date) -> list[list[CalendarDay]]:
    """The weeks from that of `today` on, Mondays first, each day with its runs."""
    first = today - timedelta(days=today.weekday())
    by_day: dict[date, list[str]] = {}
    for run in runs:
        by_day.setdefault(run.date(), []).append(f"{run:%H:%M}")
    days = [first + timedelta(days=number) for number in range(35)]
    found = [CalendarDay(day, tuple(by_day.get(day, ()))) for day in days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]
