"""Wiring of the playground and the library pages; Jinja2 is loaded only where they are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.bootstrap import clock
from bot.errors import SettingsError
from bot.service.health import Check

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from aiohttp.web import AbstractRouteDef, Request, StreamResponse

    from bot.bootstrap.world import AppContext
    from bot.settings import Settings

    Handler = Callable[[Request], Awaitable[StreamResponse]]
    Guarding = Callable[[Request, Handler], Awaitable[StreamResponse]]

log = structlog.get_logger(__name__)

FIX = "set PLAYGROUND_TOKEN; make one with: openssl rand -hex 24"


def pages_on(settings: Settings) -> bool:
    """Whether the pages are served: on loopback, and beyond it behind a token only.

    Raises:
        SettingsError: They are to be served to everybody without a token.
    """
    alone = settings.port is None or settings.playground_token is not None
    if settings.playground == "on" and not alone:
        raise SettingsError(
            "PLAYGROUND is on and PORT is given, so everybody who reaches the port could use the "
            f"pages: {FIX}. Or unset PORT, and they are served on loopback."
        )
    return alone and settings.playground != "off"


def log_off(settings: Settings) -> None:
    """Say why the pages are not served, where that is not what the settings ask for."""
    if settings.playground != "off":
        log.info("playground.off", why="PORT is given, so others may reach it", fix=FIX)


async def check_pages(settings: Settings) -> AsyncIterator[Check]:
    """Where the pages are served."""
    try:
        on = pages_on(settings)
    except SettingsError as error:
        yield Check("playground", ok=False, message=str(error), fix=f"Please {FIX}.")
        return
    if on:
        told = "Behind PLAYGROUND_TOKEN." if settings.playground_token else "On loopback."
    elif settings.playground == "off":
        told = "Off, by PLAYGROUND."
    else:
        told = f"Off, since PORT is given; to have it, {FIX}."
    yield Check("playground", ok=True, message=told)


def build_site_pages(world: AppContext) -> tuple[Sequence[AbstractRouteDef], Guarding]:
    """The routes of the pages, and what guards them."""
    from bot.storage.subscriptions import SqlSubscriptions  # noqa: PLC0415 - only to serve
    from bot.web.access import Access  # noqa: PLC0415 - only to serve
    from bot.web.forecasts import balance_slot  # noqa: PLC0415 - Jinja2
    from bot.web.gaps import GapDesk, asked_about  # noqa: PLC0415 - Jinja2
    from bot.web.pages import build_pages  # noqa: PLC0415 - Jinja2
    from bot.web.site import Sessions, Site  # noqa: PLC0415 - Jinja2

    settings, library = world.settings, world.library
    token = settings.playground_token
    site = Site(
        assistant=world.assistant,
        clock=clock,
        platforms=world.platforms,
        sessions=Sessions(world.store),
        subscriptions=SqlSubscriptions(world.engine) if world.schedules else None,
        signed=token is not None,
        library=(lambda: library.state) if library else None,
        gaps=GapDesk(world.gaps, settings.briefs_dir, collecting=settings.gaps == "on")
        if world.gaps
        else None,
        slots=(asked_about, balance_slot),
    )
    routes, guard = build_pages(site, Access(token.reveal() if token else None))
    return routes, guard.handle
