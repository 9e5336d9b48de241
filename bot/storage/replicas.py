"""What the replicas share: who lives, and the budgets of posts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, literal, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StorageError
from bot.storage.tables import Instant, executors, rate_slots
from bot.storage.transactions import Transactions, is_passing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.schedules.schedule_ports import Rate

MOST_AHEAD = timedelta(minutes=15)
"""A slot farther ahead comes from a clock that was wrong, not from a platform's Retry-After."""
LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '1s'")
"""Whoever paces posts does without the others sooner than it waits for one that is frozen."""


class SqlSharing:
    """Implements `schedule_ports.Executors` and `schedule_ports.Rates`."""

    def __init__(self, engine: AsyncEngine, transactions: Transactions | None = None) -> None:
        self._engine = engine
        self._transactions = transactions or Transactions(engine)
        self._server = engine.dialect.name == "postgresql"
        self._insert: Any = postgresql.insert if self._server else sqlite.insert

    async def beat(self, executor: str, now: datetime) -> None:
        """See `schedule_ports.Executors`."""
        insert = self._insert(executors).values(executor=executor, beat_at=now)
        beat = insert.on_conflict_do_update(index_elements=["executor"], set_={"beat_at": now})
        await self._write(beat)

    async def leave(self, executor: str) -> None:
        """See `schedule_ports.Executors`."""
        await self._write(delete(executors).where(executors.c.executor == executor))

    async def beats(self) -> Mapping[str, datetime]:
        """See `schedule_ports.Executors`."""

        async def work(connection: AsyncConnection) -> Mapping[str, datetime]:
            query = select(executors.c.executor, executors.c.beat_at)
            return {row.executor: row.beat_at for row in await connection.execute(query)}

        return await self._transactions.run(work)

    async def reserve(
        self, rate: Rate, count: int, now: datetime, patience_s: float
    ) -> tuple[datetime, bool]:
        """See `schedule_ports.Rates`; one statement, so that no slot is given out twice."""
        takes_us = round(count / rate.per_s * 1_000_000)
        takes = timedelta(microseconds=takes_us)
        insert = self._insert(rate_slots).values(scope=rate.scope, next_at=now + takes)
        free = rate_slots.c.next_at
        begin = case((_ahead(now), free), else_=literal(now, Instant))
        take = insert.on_conflict_do_update(
            index_elements=["scope"],
            # Columns of `Instant` are microseconds, so a number can be added to them.
            set_={"next_at": begin.op("+")(literal(takes_us))},
            where=or_(~_ahead(now), free <= now + timedelta(seconds=patience_s)),
        ).returning(rate_slots.c.next_at)
        try:
            async with self._engine.begin() as connection:
                if self._server:
                    await connection.execute(LOCK_TIMEOUT)
                end = (await connection.execute(take)).scalar_one_or_none()
                if end is not None:
                    return end - takes, True
                query = select(free).where(rate_slots.c.scope == rate.scope)
                return (await connection.execute(query)).scalar_one(), False
        except Exception as error:
            if is_passing(error):
                raise StorageError(f"No budget: {type(error).__name__}") from error
            raise

    async def hold(self, scope: str, until: datetime) -> None:
        """See `schedule_ports.Rates`."""
        insert = self._insert(rate_slots).values(scope=scope, next_at=until)
        hold = insert.on_conflict_do_update(
            index_elements=["scope"],
            set_={"next_at": until},
            where=or_(rate_slots.c.next_at < until, rate_slots.c.next_at > until + MOST_AHEAD),
        )
        await self._write(hold)

    async def _write(self, statement: Any) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self._transactions.run(work)


def _ahead(now: datetime) -> Any:
    free = rate_slots.c.next_at
    return and_(free > literal(now, Instant), free <= literal(now + MOST_AHEAD, Instant))
