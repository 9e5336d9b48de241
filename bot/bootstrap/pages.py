"""Wiring of the playground and the library pages; Jinja2 is loaded only where they are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.bootstrap import clock
from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp.web import AbstractRouteDef, Request, StreamResponse

    from bot.bootstrap.world import World
    from bot.settings import Settings

    Handler = Callable[[Request], Awaitable[StreamResponse]]
    Guarding = Callable[[Request, Handler], Awaitable[StreamResponse]]

log = structlog.get_logger(__name__)


def pages_on(settings: Settings) -> bool:
    """Whether the pages are served: on loopback, and beyond it behind a token only.

    Raises:
        SettingsError: They are to be served to everybody without a token.
    """
    if settings.playground == "off":
        return False
    if settings.port is None or settings.playground_token is not None:
        return True
    fix = "set PLAYGROUND_TOKEN; make one with: openssl rand -hex 24"
    if settings.playground == "on":
        raise SettingsError(
            "PLAYGROUND is on and PORT is given, so everybody who reaches the port could use the "
            f"pages: {fix}. Or unset PORT, and they are served on loopback."
        )
    log.info("playground.off", why="PORT is given, so others may reach it", fix=fix)
    return False


def build_site_pages(world: World) -> tuple[Sequence[AbstractRouteDef], Guarding]:
    """The routes of the pages, and what guards them."""
    from bot.storage.subscriptions import SqlSubscriptions  # noqa: PLC0415 - only to serve
    from bot.web.access import Access  # noqa: PLC0415 - only to serve
    from bot.web.pages import build_pages  # noqa: PLC0415 - Jinja2
    from bot.web.site import Site  # noqa: PLC0415 - Jinja2
    from bot.web.trust import balance_slot  # noqa: PLC0415 - Jinja2

    token = world.settings.playground_token
    site = Site(
        assistant=world.assistant,
        clock=clock,
        subscriptions=SqlSubscriptions(world.engine) if world.schedules else None,
        signed=token is not None,
        slots=(balance_slot,),
    )
    routes, guard = build_pages(site, Access(token.reveal() if token else None))
    return routes, guard.handle
