"""`ports.StatementLog`: which statements the library has had, from when until when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.answering.changes import Known, Snapshot, is_another, known_differences
from bot.storage.tables import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

KEEP = timedelta(days=400)
"""What was withdrawn or replaced longer ago is forgotten."""
_THERE = statements.c.until.is_(None)
AT_ONCE = 500
"""Ids in one statement; SQLite takes at most 32,766 values."""


class SqlStatements:
    """Implements `ports.StatementLog` on SQLite and PostgreSQL; no word of a text is in it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        on_postgres = engine.dialect.name == "postgresql"
        self._lock = on_postgres
        self._insert: Any = postgresql.insert if on_postgres else sqlite.insert

    async def record(
        self, after: Mapping[str, Known], unread: frozenset[str], now: datetime
    ) -> None:
        """See `ports.StatementLog`; one process after another, whoever comes first."""
        async with self._engine.begin() as connection:
            if self._lock:
                await connection.execute(text("LOCK TABLE statements IN SHARE ROW EXCLUSIVE MODE"))
            # First of all a change: with it SQLite lets no other process write.
            await connection.execute(_prune(now))
            before = await _known(connection, _THERE)
            readable = {name: k for name, k in before.items() if k.brief not in unread}
            if is_another(readable, after):
                await connection.execute(delete(statements))
                before = {}
            found = known_differences(before, after, unread)
            await self._end(connection, (*found.changed, *found.withdrawn), now)
            await self._move(connection, before, after)
            rows = [
                {"snippet": name, "since": now, "until": None, **after[name]._asdict()}
                for name in found.new
            ]
            if rows:
                await connection.execute(self._begin(), rows)

    async def snapshot(self, day: date, now: datetime) -> Snapshot | None:
        """See `ports.StatementLog`."""
        at = max(datetime.combine(day, time(), UTC), now - KEEP)
        async with self._engine.connect() as connection:
            first = (await connection.execute(select(func.min(statements.c.since)))).scalar_one()
            if first is None:
                return None
            at = max(at, first)
            then = and_(statements.c.since <= at, or_(_THERE, statements.c.until > at))
            return Snapshot(at.date(), await _known(connection, then))

    async def prune(self, *, now: datetime) -> None:
        """See `ports.Prunable`."""
        async with self._engine.begin() as connection:
            await connection.execute(_prune(now))

    def _begin(self) -> Any:
        """A statement that comes back in the moment in which it went was never away."""
        put = self._insert(statements)
        keys = [column.name for column in statements.primary_key]
        return put.on_conflict_do_update(index_elements=keys, set_={"until": None})

    async def _move(
        self, connection: AsyncConnection, before: Mapping[str, Known], after: Mapping[str, Known]
    ) -> None:
        """What stands in another brief now, or in one with another title, is known there."""
        moved = [
            {"id": name, "slug": known.brief, "named": known.title}
            for name, known in after.items()
            if name in before and before[name] != known
        ]
        if moved:
            there = update(statements).where(_THERE, statements.c.snippet == bindparam("id"))
            put = there.values(brief=bindparam("slug"), title=bindparam("named"))
            await connection.execute(put, moved)

    async def _end(self, connection: AsyncConnection, names: Sequence[str], now: datetime) -> None:
        for at in range(0, len(names), AT_ONCE):
            ended = statements.c.snippet.in_(names[at : at + AT_ONCE])
            await connection.execute(update(statements).where(_THERE, ended).values(until=now))


def _prune(now: datetime) -> Any:
    return delete(statements).where(statements.c.until < now - KEEP)


async def _known(connection: AsyncConnection, where: ColumnElement[bool]) -> Mapping[str, Known]:
    columns = [statements.c[name] for name in ("snippet", *Known._fields)]
    rows = await connection.execute(select(*columns).where(where).order_by(statements.c.since))
    return {name: Known(*rest) for name, *rest in rows}
