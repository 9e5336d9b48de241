"""What is new: remembers which statements there are, and tells what was added or changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot.answering.changes import known_statements, news_plan, since_day, unread_briefs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.answering.plan import Plan
    from bot.service.ports import StatementLog

log = structlog.get_logger(__name__)


class News:
    """A `ports.Component` that writes down what there is, at its start and after each change."""

    name = "news"

    def __init__(
        self,
        statements: StatementLog,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
    ) -> None:
        self._statements = statements
        self._catalog = catalog
        self._clock = clock
        self._changed = asyncio.Event()

    async def library_changed(self, before: Catalog, after: Catalog) -> None:
        """Write down, soon, what there is now."""
        del before, after
        self._changed.set()

    async def run(self) -> None:
        """Write down whatever library is in use, until cancelled."""
        while True:
            self._changed.clear()
            await self.record()
            await self._changed.wait()

    async def record(self) -> None:
        """Write down what there is now."""
        catalog = self._catalog()
        known = known_statements(catalog)
        await self._statements.record(known, unread_briefs(catalog), self._clock())

    async def tell(self, plan: Plan, catalog: Catalog, now: datetime) -> Plan:
        """The plan of "what is new" with what is; as it was where nothing is known."""
        today = now.date()
        try:
            snapshot = await self._statements.snapshot(since_day(today), now)
        except Exception as error:  # noqa: BLE001 - an answer must not fail with its database
            log.warning("news.not_told", error=repr(error))
            return plan
        return news_plan(plan, snapshot, catalog, today) if snapshot else plan

    def ready(self) -> bool:
        """Always: nobody waits for it."""
        return True

    async def drain(self) -> None:
        """Nothing to finish."""
