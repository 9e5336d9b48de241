"""The running bot: the components of whatever is set up."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.bootstrap import (
    build_assistant,
    build_engine,
    build_store,
    clock,
    load_catalog,
    upgrade_database,
)
from bot.bootstrap.gaps import build_gap_store, build_gaps, build_watches
from bot.bootstrap.library import build_library, watch_library
from bot.bootstrap.news import build_news
from bot.bootstrap.pages import build_site_pages, log_off, pages_on
from bot.bootstrap.reader import build_decisions, open_reader
from bot.bootstrap.schedules import (
    Given,
    build_scheduler,
    build_schedules,
    log_scheduling,
    rules_of,
    schedules_on,
)
from bot.bootstrap.world import AppContext
from bot.errors import SettingsError, StorageError
from bot.library.documents import Documents
from bot.platforms.registry import PLATFORMS
from bot.service.housekeeping import Housekeeping
from bot.service.supervisor import Supervisor, readiness
from bot.settings import wiping_host
from bot.storage.statements import SqlStatements
from bot.storage.subscriptions import SqlSubscriptions
from bot.web.metrics import PrometheusMetrics, build_metrics_route
from bot.web.server import (
    DEFAULT_PORT,
    EVERYWHERE,
    LOOPBACK,
    SPARE_PORTS,
    ServerOptions,
    WebServer,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from aiohttp.web import AbstractRouteDef

    from bot.platforms.base import Part, Platform
    from bot.schedules.scheduler import Scheduler
    from bot.schedules.subscriptions import Schedules
    from bot.service.library import LiveLibrary
    from bot.service.ports import Component, Metrics, Prunable
    from bot.settings import Settings

log = structlog.get_logger(__name__)

DATABASE_WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""A database that is being restarted gets half a minute."""


@asynccontextmanager
async def running(
    settings: Settings,
    stop: asyncio.Event | None = None,
    on_pages: Callable[[str], None] | None = None,
    platforms: Sequence[Platform] = PLATFORMS,
) -> AsyncIterator[Supervisor]:
    """Everything that the settings ask for, wired and not yet started.

    `stop` ends the wait for a database that cannot be reached yet; `on_pages` is told the
    address of the playground.

    Raises:
        AibriefError: The content, a setting or the database is wrong.
    """
    folders = watch_library(settings)
    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    engine = build_engine(settings)
    try:
        await _prepare_database(settings, stop or asyncio.Event())
        gap_store = build_gap_store(settings, engine)
        gaps = build_gaps(settings, gap_store)
        store = build_store(engine)
        assistant = build_assistant(catalog, store, gaps)
        metrics = PrometheusMetrics(lambda: assistant.catalog, clock)
        assistant.metrics = metrics
        assistant.news = build_news(engine, assistant)
        assistant.documents = Documents(settings.documents)
        library = build_library(settings, assistant, folders)
        decisions = build_decisions(settings, engine)
        world = AppContext(
            settings,
            assistant,
            store,
            engine,
            posters={},
            gaps=gap_store,
            library=library,
            decisions=decisions,
            platforms=platforms,
        )
        async with open_reader(settings, decisions, metrics) as assistant.reader:
            yield Supervisor(_components(world, library, metrics, on_pages), metrics=metrics)
        if gaps is not None:
            await gaps.finish()
    finally:
        await engine.dispose()


def _components(
    world: AppContext,
    library: LiveLibrary,
    metrics: PrometheusMetrics,
    on_pages: Callable[[str], None] | None,
) -> list[Component]:
    """Every part that runs, the web server first."""
    scheduler = None
    host = wiping_host()
    if schedules_on(world.settings, host):
        scheduler, schedules = _build_scheduling(world, metrics)
        world = replace(world, schedules=schedules)
    found = _build_platforms(world)
    routes = [route for part in found for route in part.routes]
    if world.posters:
        log_scheduling(world.settings, host)
    also: list[Prunable | None] = [world.gaps, world.decisions, *(p.prunable for p in found)]
    parts: list[Component] = [
        Housekeeping(
            world.store,
            clock,
            SqlSubscriptions(world.engine),
            SqlStatements(world.engine),
            *(each for each in also if each is not None),
        ),
        library,
        *(part.component for part in found),
        *build_watches(world, world.assistant.catalog),
    ]
    if (news := world.assistant.news) is not None:
        library.listeners.append(news.library_changed)
        parts.append(news)
    if scheduler is not None and world.posters:
        library.listeners.append(scheduler.library_changed)
        parts.append(scheduler)
    metrics.readiness = partial(readiness, parts)
    routes = [*routes, _metrics_route(world.settings, metrics)]
    return [_build_web(world, metrics.readiness, routes, on_pages), *parts]


def _build_scheduling(world: AppContext, metrics: Metrics) -> tuple[Scheduler, Schedules]:
    assistant = world.assistant
    rules = rules_of(world.platforms)
    given = Given(world.engine, world.posters, lambda: assistant.catalog, clock, rules, metrics)
    scheduler = build_scheduler(given)
    managers = world.settings.schedule_managers
    return scheduler, build_schedules(given, managers, scheduler.poke)


def _metrics_route(settings: Settings, metrics: PrometheusMetrics) -> AbstractRouteDef:
    token = settings.metrics_token
    return build_metrics_route(
        metrics, token.reveal() if token else None, loopback=settings.port is None
    )


async def _prepare_database(settings: Settings, stop: asyncio.Event) -> None:
    """Bring the tables up to date; a server that does not answer is waited for a while."""
    for wait_s in DATABASE_WAITS_S:
        try:
            await upgrade_database(settings)
        except StorageError as error:
            if stop.is_set():
                raise
            log.warning("database.waiting", reason=str(error), again_in_s=wait_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
        else:
            return
    await upgrade_database(settings)


def _build_platforms(world: AppContext) -> list[Part]:
    """Every platform that is set up; wrong settings all at once."""
    parts: list[Part] = []
    problems: list[str] = []
    for platform in world.platforms:
        try:
            part = platform.build(world)
        except SettingsError as error:
            problems.append(str(error))
            continue
        if part is not None:
            parts.append(part)
            world.posters[platform.name] = part.poster
    if problems:
        raise SettingsError("\n".join(problems))
    if not parts:
        log.info(
            "serve.no_platform",
            why=f"none is set up of {', '.join(p.label for p in world.platforms)}",
            fix=" ".join(
                (*(f"{p.label}: {p.set_up}." for p in world.platforms), "Then: aibrief doctor")
            ),
        )
    return parts


def _build_web(
    world: AppContext,
    parts_ready: Callable[[], Mapping[str, bool]],
    routes: Sequence[AbstractRouteDef],
    on_pages: Callable[[str], None] | None,
) -> Component:
    port = world.settings.port
    library = world.library
    options = ServerOptions(
        spare_ports=0 if port else SPARE_PORTS,
        on_listening=on_pages or _log_pages,
        library=(lambda: library.state) if library else None,
    )
    if pages_on(world.settings):
        pages, guard = build_site_pages(world)
        options = replace(options, pages=pages, guard=guard)
    else:
        log_off(world.settings)
    host = EVERYWHERE if port else LOOPBACK
    return WebServer(parts_ready, routes, host=host, port=port or DEFAULT_PORT, options=options)


def _log_pages(address: str) -> None:
    log.info("playground.listening", address=address)
