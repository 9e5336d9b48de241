"""The running bot: settings -> the components of whatever is set up, wired and not yet started."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.briefings import Given, build_scheduler, build_schedules, log_scheduling, rules_of
from bot.errors import SettingsError, StorageError
from bot.gaps.collecting import Gaps
from bot.gaps.watches import Watches
from bot.library.documents import Documents
from bot.library.watch import LiveLibrary
from bot.parts import (
    PAGES_FIX,
    build_assistant,
    build_engine,
    build_gap_store,
    build_store,
    clock,
    load_catalog,
    pages_on,
    schedules_on,
    upgrade_database,
)
from bot.platforms.base import PlatformContext
from bot.platforms.registry import PLATFORMS
from bot.readers import build_decisions, open_reader
from bot.service.assistant import News
from bot.service.supervisor import Housekeeping, Supervisor, readiness
from bot.settings import wiping_host
from bot.storage.statement_rows import SqlStatements
from bot.storage.subscription_rows import SqlSubscriptions
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
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from aiohttp.web import AbstractRouteDef, Request, StreamResponse

    from bot.answering.catalog import Catalog
    from bot.gaps.gap_ports import GapStore
    from bot.library.watch import FolderWatch
    from bot.platforms.base import Part, Platform
    from bot.schedules.posting import Poster
    from bot.schedules.scheduler import Scheduler
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant
    from bot.service.ports import Component, DecisionStore, Metrics, Prunable
    from bot.settings import Settings

    Handler = Callable[[Request], Awaitable[StreamResponse]]
    Guarding = Callable[[Request, Handler], Awaitable[StreamResponse]]

log = structlog.get_logger(__name__)

DATABASE_WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""A database that is being restarted gets half a minute."""


@dataclass(frozen=True, slots=True)
class AppContext(PlatformContext):
    """What the parts of the bot are built from."""

    posters: dict[str, Poster] = field(default_factory=dict)
    """How deliveries reach each platform that is set up."""
    gaps: GapStore | None = None
    """Questions that were not answered well, for the pages."""
    library: LiveLibrary | None = None
    """What keeps the assistant's catalog like the files; None where nothing is watched."""
    decisions: DecisionStore | None = None
    """What the reader chose; None where none is set up."""
    platforms: Sequence[Platform] = PLATFORMS


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
        gaps = Gaps(gap_store) if settings.gaps == "on" else None
        store = build_store(engine)
        assistant = build_assistant(catalog, store, gaps)
        metrics = PrometheusMetrics(lambda: assistant.catalog, clock)
        assistant.metrics = metrics
        assistant.news = News(SqlStatements(engine), lambda: assistant.catalog, clock)
        assistant.documents = Documents(settings.documents)
        library = build_library(settings, assistant, folders)
        decisions = build_decisions(settings, engine)
        world = AppContext(
            settings,
            assistant,
            store,
            engine,
            clock,
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


def build_watches(world: AppContext, catalog: Catalog) -> list[Watches]:
    """The component that tells people; none where nothing is collected or nobody can be told."""
    if world.settings.gaps == "off" or world.gaps is None or not world.posters:
        return []
    watches = Watches(world.gaps, world.store, world.posters, clock)
    watches.library_changed(catalog)
    if world.library is not None:
        world.library.listeners.append(watches.on_change)
    return [watches]


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
    elif world.settings.playground != "off":
        log.info("playground.off", why="PORT is given, so others may reach it", fix=PAGES_FIX)
    host = EVERYWHERE if port else LOOPBACK
    return WebServer(parts_ready, routes, host=host, port=port or DEFAULT_PORT, options=options)


def _log_pages(address: str) -> None:
    log.info("playground.listening", address=address)


def watch_library(settings: Settings) -> FolderWatch | None:
    """What tells of changes from now on, so call it before the files are read."""
    if settings.reload == "off":
        return None
    from bot.library.watch import FolderWatch  # noqa: PLC0415 - watchfiles only where it is used

    folders = (settings.briefs_dir, settings.config_dir / "vocabulary")
    return FolderWatch(folders, poll=settings.reload == "poll")


def build_library(
    settings: Settings, assistant: Assistant, folders: FolderWatch | None
) -> LiveLibrary:
    """The component that keeps the assistant's catalog like the files."""
    load = partial(load_catalog, settings.briefs_dir, settings.config_dir)
    return LiveLibrary(assistant, load, clock, folders.changes if folders else None)


def build_site_pages(world: AppContext) -> tuple[Sequence[AbstractRouteDef], Guarding]:
    """The routes of the pages, and what guards them."""
    from bot.web.gap_pages import GapDesk, asked_about  # noqa: PLC0415 - Jinja2
    from bot.web.guard import Access  # noqa: PLC0415 - only to serve
    from bot.web.pages import build_pages  # noqa: PLC0415 - Jinja2
    from bot.web.site import Sessions, Site  # noqa: PLC0415 - Jinja2
    from bot.web.surveys import balance_slot  # noqa: PLC0415 - Jinja2

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
