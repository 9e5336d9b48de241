"""What a reader chose, by a hash of what it was asked; instances share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.answering.reader_choice import Choice
from bot.answering.reader_request import ChoiceKind
from bot.service.ports import DECISION_LIFE, Decision
from bot.storage.tables import readings

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping
    from sqlalchemy.ext.asyncio import AsyncEngine


class SqlReadings:
    """Implements `ports.DecisionStore`; no word of a question is in it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def load_decision(self, key: str, *, now: datetime) -> Decision | None:
        """See `ports.DecisionStore`."""
        query = select(readings).where(
            readings.c.key == key, readings.c.made_at > now - DECISION_LIFE
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return _decision(row) if row else None

    async def save_decision(self, key: str, decision: Decision, *, now: datetime) -> Decision:
        """See `ports.DecisionStore`; one statement decides whose choice stands."""
        choice = decision.choice
        put = self._insert(readings).values(
            key=key,
            kind=choice.kind.value,
            ids=list(choice.ids),
            ms=decision.ms,
            made_at=decision.made_at,
        )
        fresh = {name: put.excluded[name] for name in ("kind", "ids", "ms", "made_at")}
        replace_old = put.on_conflict_do_update(
            index_elements=["key"],
            set_=fresh,
            where=readings.c.made_at <= now - DECISION_LIFE,
        )
        async with self._engine.begin() as connection:
            await connection.execute(replace_old)
        return await self.load_decision(key, now=now) or decision

    async def prune(self, *, now: datetime) -> None:
        """See `ports.DecisionStore`."""
        old = delete(readings).where(readings.c.made_at <= now - DECISION_LIFE)
        async with self._engine.begin() as connection:
            await connection.execute(old)


def _decision(row: RowMapping) -> Decision | None:
    """A row; None where another version wrote what this one cannot read."""
    try:
        choice = Choice(ChoiceKind(row["kind"]), tuple(map(str, row["ids"])))
    except (TypeError, ValueError):
        return None
    return Decision(choice, row["ms"], row["made_at"])
