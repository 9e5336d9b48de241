"""The running bot: the components of whatever is set up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.bootstrap import (
    build_assistant,
    build_engine,
    build_store,
    clock,
    load_catalog,
    upgrade_database,
)
from bot.bootstrap.discord import build_discord
from bot.bootstrap.slack import build_slack
from bot.bootstrap.world import World
from bot.service.housekeeping import Housekeeping
from bot.service.supervisor import Supervisor, readiness
from bot.web.server import DEFAULT_PORT, EVERYWHERE, LOOPBACK, WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from aiohttp.web import AbstractRouteDef

    from bot.bootstrap.world import Part
    from bot.service.ports import Component
    from bot.settings import Settings

PLATFORMS: tuple[Callable[[World], Iterable[Part]], ...] = (build_slack, build_discord)
"""Each gives its components with the web routes that they answer, none where it is not set up;
another platform adds its own here."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Supervisor]:
    """Everything that the settings ask for, wired and not yet started.

    Raises:
        AibriefError: The content, a setting or the database is wrong.
    """
    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        store = build_store(engine)
        world = World(settings, build_assistant(catalog, store), store, engine)
        parts: list[Component] = [Housekeeping(store, clock)]
        routes: list[AbstractRouteDef] = []
        for build in PLATFORMS:
            for component, mounted in build(world):
                parts.append(component)
                routes.extend(mounted)
        web = _build_web(settings, lambda: readiness(parts), routes)
        yield Supervisor([web, *parts])
    finally:
        await engine.dispose()


def _build_web(
    settings: Settings,
    parts_ready: Callable[[], Mapping[str, bool]],
    routes: Sequence[AbstractRouteDef],
) -> Component:
    host = EVERYWHERE if settings.port else LOOPBACK
    return WebServer(parts_ready, routes, host=host, port=settings.port or DEFAULT_PORT)
