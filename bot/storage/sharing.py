"""What the replicas share: who lives, and the budgets of posts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.schedules.schedule_ports import LEASE_S
from bot.storage.tables import Instant, executors, rate_slots

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.schedules.schedule_ports import Rate


class SqlSharing:
    """Implements `schedule_ports.Executors` and `schedule_ports.Rates`."""

    def __init__(self, engine: AsyncEngine, lease_s: float = LEASE_S) -> None:
        self._engine = engine
        self._lease = timedelta(seconds=lease_s)
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def beat(self, executor: str, now: datetime) -> None:
        """See `schedule_ports.Executors`."""
        insert = self._insert(executors).values(executor=executor, beat_at=now)
        beat = insert.on_conflict_do_update(index_elements=["executor"], set_={"beat_at": now})
        async with self._engine.begin() as connection:
            await connection.execute(beat)

    async def leave(self, executor: str) -> None:
        """See `schedule_ports.Executors`."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(executors).where(executors.c.executor == executor))

    async def living(self, now: datetime) -> frozenset[str]:
        """See `schedule_ports.Executors`."""
        query = select(executors.c.executor).where(executors.c.beat_at > now - self._lease)
        async with self._engine.connect() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def reserve(self, rate: Rate, count: int, now: datetime) -> datetime:
        """See `schedule_ports.Rates`; one statement, so that no slot is given out twice."""
        takes_us = round(count / rate.per_s * 1_000_000)
        takes = timedelta(microseconds=takes_us)
        insert = self._insert(rate_slots).values(scope=rate.scope, next_at=now + takes)
        free = rate_slots.c.next_at
        # Columns of `Instant` are microseconds, so a number can be added to them.
        begin = case((free > literal(now, Instant), free), else_=literal(now, Instant))
        take = insert.on_conflict_do_update(
            index_elements=["scope"],
            set_={"next_at": begin.op("+")(literal(takes_us))},
        ).returning(rate_slots.c.next_at)
        async with self._engine.begin() as connection:
            end: datetime = (await connection.execute(take)).scalar_one()
        return end - takes

    async def hold(self, scope: str, until: datetime) -> None:
        """See `schedule_ports.Rates`."""
        insert = self._insert(rate_slots).values(scope=scope, next_at=until)
        hold = insert.on_conflict_do_update(
            index_elements=["scope"],
            set_={"next_at": until},
            where=rate_slots.c.next_at < until,
        )
        async with self._engine.begin() as connection:
            await connection.execute(hold)
