"""The running bot: settings -> the components of whatever is set up, wired and not yet started."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.errors import SettingsError, StorageError
from bot.gaps.collecting import Gaps
from bot.gaps.watches import Watches
from bot.library.documents import Documents
from bot.library.watch import FolderWatch, LiveLibrary
from bot.parts import (
    PAGES_FIX,
    build_engine,
    clock,
    load_catalog,
    new_id,
    open_reader,
    pages_on,
    schedules_on,
    upgrade_database,
)
from bot.platforms.base import PlatformContext
from bot.platforms.registry import PLATFORMS
from bot.schedules.attempting import SETTLE_S, DeliveryContext
from bot.schedules.posting import Lease, Pacer, Rules
from bot.schedules.schedule_ports import LEASE_S
from bot.schedules.scheduler import Scheduler
from bot.schedules.subscriptions import Schedules
from bot.service.assistant import Assistant, News
from bot.service.ports import Metrics
from bot.service.supervisor import Housekeeping, Supervisor, readiness
from bot.settings import wiping_host
from bot.storage.database import DEFAULT_URL
from bot.storage.deliveries import SqlDeliveries
from bot.storage.delivery_queue import SqlSharing
from bot.storage.gap_rows import SqlGaps
from bot.storage.statement_rows import SqlCorrections, SqlStatements
from bot.storage.store import SqlReadings, SqlStore
from bot.storage.subscription_rows import SqlSubscriptions
from bot.storage.transactions import Outages, Transactions
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
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from aiohttp.web import AbstractRouteDef, Request, StreamResponse
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.gaps.collecting import GapStore
    from bot.platforms.base import Part, Platform
    from bot.schedules.schedule_ports import Poster
    from bot.service.ports import Component
    from bot.settings import Settings

    Handler = Callable[[Request], Awaitable[StreamResponse]]
    Guarding = Callable[[Request, Handler], Awaitable[StreamResponse]]

log = structlog.get_logger(__name__)

DATABASE_WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""A database that is being restarted gets half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext(PlatformContext):
    """What the parts of the bot are built from."""

    posters: dict[str, Poster] = field(default_factory=dict)
    """How deliveries reach each platform that is set up."""
    gaps: GapStore
    """Questions that were not answered well, for the pages."""
    library: LiveLibrary
    """What keeps the assistant's catalog like the files."""
    metrics: PrometheusMetrics
    platforms: Sequence[Platform]


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
        gap_store = SqlGaps(engine, settings.gaps_days)
        gaps = Gaps(gap_store) if settings.gaps == "on" else None
        store = SqlStore(engine)
        assistant = Assistant(catalog, store, new_id, gaps)
        metrics = PrometheusMetrics(lambda: assistant.catalog, clock)
        assistant.metrics = metrics
        assistant.documents = Documents(settings.documents)
        context = AppContext(
            settings,
            assistant,
            store,
            engine,
            clock,
            gaps=gap_store,
            library=build_library(settings, assistant, folders),
            metrics=metrics,
            platforms=platforms,
        )
        decisions = SqlReadings(engine) if settings.reader_url else None
        async with open_reader(settings, decisions, metrics) as assistant.reader:
            yield Supervisor(_components(context, decisions, on_pages), metrics=metrics)
        if gaps is not None:
            await gaps.finish()
    finally:
        await engine.dispose()


def _components(
    context: AppContext,
    decisions: SqlReadings | None,
    on_pages: Callable[[str], None] | None,
) -> list[Component]:
    """Every part that runs, the web server first."""
    settings, engine, listeners = context.settings, context.engine, context.library.listeners
    scheduler = None
    if schedules_on(settings, host := wiping_host()):
        scheduler, schedules = _build_scheduling(context)
        context = replace(context, schedules=schedules)
    found = _build_platforms(context)
    statements = SqlStatements(engine)
    kept = (SqlSubscriptions(engine), statements, context.gaps, decisions)
    prunable = [each for each in (*kept, *(part.prunable for part in found)) if each is not None]
    watches = build_watches(context, context.assistant.catalog)
    news = News(statements, lambda: context.assistant.catalog, clock)
    context.assistant.news = news
    listeners.append(news.library_changed)
    parts: list[Component] = [
        Housekeeping(context.store, clock, *prunable),
        context.library,
        *(part.component for part in found),
        *watches,
        news,
    ]
    if context.posters:
        log_scheduling(settings, host)
        if scheduler is not None:
            listeners.append(scheduler.library_changed)
            parts.append(scheduler)
    token = settings.metrics_token
    context.metrics.readiness = partial(readiness, parts)
    metrics_route = build_metrics_route(
        context.metrics, token.reveal() if token else None, loopback=settings.port is None
    )
    routes = [*(route for part in found for route in part.routes), metrics_route]
    return [_build_web(context, context.metrics.readiness, routes, on_pages), *parts]


def build_watches(context: AppContext, catalog: Catalog) -> list[Watches]:
    """The component that tells people; none where nothing is collected or nobody can be told."""
    if context.settings.gaps == "off" or not context.posters:
        return []
    watches = Watches(catalog, context.gaps, context.store, context.posters, clock)
    context.library.listeners.append(watches.library_changed)
    return [watches]


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


def _build_platforms(context: AppContext) -> list[Part]:
    """Every platform that is set up; wrong settings all at once."""
    parts: list[Part] = []
    problems: list[str] = []
    for platform in context.platforms:
        try:
            part = platform.build(context)
        except SettingsError as error:
            problems.append(str(error))
            continue
        if part is not None:
            parts.append(part)
            context.posters[platform.name] = part.poster
    if problems:
        raise SettingsError("\n".join(problems))
    if not parts:
        log.info(
            "serve.no_platform",
            why=f"none is set up of {', '.join(p.label for p in context.platforms)}",
            fix=" ".join(
                (*(f"{p.label}: {p.set_up}." for p in context.platforms), "Then: aibrief doctor")
            ),
        )
    return parts


def _build_web(
    context: AppContext,
    parts_ready: Callable[[], Mapping[str, bool]],
    routes: Sequence[AbstractRouteDef],
    on_pages: Callable[[str], None] | None,
) -> Component:
    port, library = context.settings.port, context.library
    options = ServerOptions(
        spare_ports=0 if port else SPARE_PORTS,
        on_listening=on_pages or _log_pages,
        library=lambda: library.state,
    )
    if pages_on(context.settings):
        pages, guard = build_site_pages(context)
        options = replace(options, pages=pages, guard=guard)
    elif context.settings.playground != "off":
        log.info("playground.off", why="PORT is given, so others may reach it", fix=PAGES_FIX)
    host = EVERYWHERE if port else LOOPBACK
    return WebServer(parts_ready, routes, host=host, port=port or DEFAULT_PORT, options=options)


def _log_pages(address: str) -> None:
    log.info("playground.listening", address=address)


def watch_library(settings: Settings) -> FolderWatch | None:
    """What tells of changes from now on, so call it before the files are read."""
    if settings.reload == "off":
        return None
    folders = (settings.briefs_dir, settings.config_dir / "vocabulary")
    return FolderWatch(folders, poll=settings.reload == "poll")


def build_library(
    settings: Settings, assistant: Assistant, folders: FolderWatch | None
) -> LiveLibrary:
    """The component that keeps the assistant's catalog like the files."""
    load = partial(load_catalog, settings.briefs_dir, settings.config_dir)
    return LiveLibrary(assistant, load, clock, folders.changes if folders else None)


def build_site_pages(context: AppContext) -> tuple[Sequence[AbstractRouteDef], Guarding]:
    """The routes of the pages, and what guards them."""
    from bot.web.pages import build_pages  # noqa: PLC0415 - Jinja2
    from bot.web.site import Site  # noqa: PLC0415 - Jinja2
    from bot.web.surveys import GapDesk  # noqa: PLC0415 - Jinja2

    settings, library = context.settings, context.library
    token = settings.playground_token
    site = Site(
        assistant=context.assistant,
        clock=clock,
        platforms=context.platforms,
        seen=context.store,
        subscriptions=SqlSubscriptions(context.engine) if context.schedules else None,
        token=token.reveal() if token else None,
        library=lambda: library.state,
        gaps=GapDesk(context.gaps, settings.briefs_dir, collecting=settings.gaps == "on"),
    )
    routes, guard = build_pages(site)
    return routes, guard.handle


def new_schedule_id() -> str:
    """Short enough to type, without letters that look alike."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(5))


def log_scheduling(settings: Settings, host: str | None) -> None:
    """Tell loudly where schedules are off or may be lost, though nobody asked for it."""
    if settings.schedules == "off" or settings.database_url is not None:
        return
    where = DEFAULT_URL.rpartition("/")[2]
    if schedules_on(settings, host):
        log.warning(
            "schedules.in_a_file",
            file=where,
            why="schedules last as long as this file; where the disk is wiped they are lost",
            fix="set DATABASE_URL",
        )
    else:
        log.error(
            "schedules.off",
            why=f"{host} wipes the disk, so {where} and every schedule would be lost",
            fix="set DATABASE_URL to a PostgreSQL database, or to a SQLite file on a volume",
        )


def rules_of(platforms: Iterable[Platform] = PLATFORMS) -> Rules:
    """What the platforms say of posts."""
    return Rules({platform.name: platform.post_rules for platform in platforms})


@dataclass(frozen=True, slots=True)
class SchedulingContext:
    """What schedules are built from."""

    engine: AsyncEngine
    posters: Mapping[str, Poster]
    catalog: Callable[[], Catalog]
    clock: Callable[[], datetime]
    rules: Rules = field(default_factory=rules_of)
    metrics: Metrics = Metrics()
    lease_s: float = LEASE_S
    settle_s: float = SETTLE_S


def _build_scheduling(context: AppContext) -> tuple[Scheduler, Schedules]:
    """What delivers, and the use cases that the platforms offer."""
    assistant, engine = context.assistant, context.engine
    rules = rules_of(context.platforms)
    given = SchedulingContext(
        engine, context.posters, lambda: assistant.catalog, clock, rules, context.metrics
    )
    scheduler = build_scheduler(given)
    schedules = Schedules(
        SqlSubscriptions(engine),
        SqlDeliveries(engine),
        given.catalog,
        new_schedule_id,
        rules,
        managers=context.settings.schedule_managers,
    )
    schedules.on_change = scheduler.poke
    return scheduler, schedules


def build_scheduler(given: SchedulingContext) -> Scheduler:
    """The component that delivers, under a name of its own."""
    executor = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    outages = Outages()
    patient = Transactions(given.engine, outages, patient=True)
    sharing = SqlSharing(given.engine, patient)
    context = DeliveryContext(
        log=SqlDeliveries(given.engine, patient),
        rules=given.rules,
        pacer=Pacer(given.rules, sharing, given.clock),
        posters=given.posters,
        catalog=given.catalog,
        clock=given.clock,
        lease=Lease(sharing, executor, given.clock, given.lease_s),
        metrics=given.metrics,
        outage=outages.within,
        settle_s=given.settle_s,
    )
    return Scheduler(context, SqlCorrections(given.engine, patient))
