"""Wiring of scheduled briefings: the scheduler, and the use cases that platforms offer."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.parts import schedules_on
from bot.platforms.registry import PLATFORMS
from bot.schedules.attempting import DeliveryContext as DeliveryWorld
from bot.schedules.delivery import Deliverer
from bot.schedules.posting import SETTLE_S, Rules
from bot.schedules.schedule_ports import LEASE_S
from bot.schedules.scheduler import Corrector, Scheduler
from bot.schedules.subscriptions import Schedules
from bot.schedules.turns import Lease, Pacer
from bot.service.ports import NoMetrics
from bot.storage.database import DEFAULT_URL
from bot.storage.deliveries import SqlDeliveries
from bot.storage.delivery_queue import SqlSharing
from bot.storage.statement_rows import SqlCorrections
from bot.storage.subscription_rows import SqlSubscriptions
from bot.storage.transactions import Outages, Transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.platforms.base import Platform
    from bot.schedules.posting import Poster
    from bot.service.ports import Metrics
    from bot.settings import Settings

log = structlog.get_logger(__name__)


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


def build_schedules(
    given: Given, managers: frozenset[str], changed: Callable[[], None]
) -> Schedules:
    """The use cases that the platforms offer."""
    schedules = Schedules(
        SqlSubscriptions(given.engine),
        SqlDeliveries(given.engine),
        given.catalog,
        new_schedule_id,
        given.rules,
        managers=managers,
    )
    schedules.on_change = changed
    return schedules


@dataclass(frozen=True, slots=True)
class Given:
    """What schedules are built from."""

    engine: AsyncEngine
    posters: Mapping[str, Poster]
    catalog: Callable[[], Catalog]
    clock: Callable[[], datetime]
    rules: Rules = field(default_factory=rules_of)
    metrics: Metrics = NoMetrics()
    lease_s: float = LEASE_S
    settle_s: float = SETTLE_S


def build_scheduler(given: Given) -> Scheduler:
    """The component that delivers, under a name of its own."""
    executor = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    outages = Outages()
    patient = Transactions(given.engine, outages, patient=True)
    delivery_log = SqlDeliveries(given.engine, patient)
    sharing = SqlSharing(given.engine, patient)
    lease = Lease(sharing, executor, given.clock, given.lease_s)
    world = DeliveryWorld(
        log=delivery_log,
        rules=given.rules,
        pacer=Pacer(given.rules, sharing, given.clock),
        posters=given.posters,
        catalog=given.catalog,
        clock=given.clock,
        lease=lease,
        metrics=given.metrics,
        outage=outages.within,
        settle_s=given.settle_s,
    )
    corrector = Corrector(
        SqlCorrections(given.engine, patient), given.catalog, given.clock, given.rules.scope_of
    )
    deliverer = Deliverer(world)
    return Scheduler(deliverer, delivery_log, lease, given.clock, corrector, given.metrics)
