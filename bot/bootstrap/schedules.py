"""Wiring of scheduled briefings; DBOS is loaded when the scheduler starts."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.service.delivery import Deliverer
from bot.service.delivery import World as DeliveryWorld
from bot.service.pacing import Pacer
from bot.service.schedule_ports import LEASE_S
from bot.service.scheduler import Heart, Scheduler
from bot.storage.deliveries import SqlDeliveries
from bot.storage.sharing import SqlSharing
from bot.storage.work import PROTOCOL, DbosQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.core.catalog import Catalog
    from bot.service.ports import AnswerStore
    from bot.service.schedule_ports import Poster


@dataclass(frozen=True, slots=True)
class Given:
    """What a scheduler is built from."""

    engine: AsyncEngine
    answers: AnswerStore
    posters: Mapping[str, Poster]
    catalog: Callable[[], Catalog]
    clock: Callable[[], datetime]
    version: str = PROTOCOL
    polling_s: float = 1.0
    lease_s: float = LEASE_S


def build_scheduler(given: Given) -> Scheduler:
    """The component that delivers, under a name of its own."""
    executor = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    url = given.engine.url.render_as_string(hide_password=False)
    queue = DbosQueue(url, version=given.version, polling_s=given.polling_s)
    log = SqlDeliveries(given.engine, given.lease_s)
    sharing = SqlSharing(given.engine, given.lease_s)
    heart = Heart(sharing, executor, given.clock, given.lease_s)
    world = DeliveryWorld(
        log=log,
        queue=queue,
        pacer=Pacer(sharing, given.clock),
        answers=given.answers,
        posters=given.posters,
        catalog=given.catalog,
        clock=given.clock,
        alive=heart.alive,
    )
    return Scheduler(Deliverer(world, executor), log, queue, heart, given.clock)
