"""`gap_ports.GapStore` on SQLite and PostgreSQL; each method is one transaction."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.gaps.gap_ports import CLAIM_S, Notes, Tally, Watch
from bot.gaps.grouping import Gap, Why
from bot.storage.tables import answer_tallies, asked_questions, gaps, watches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncEngine

QUESTION_LIFE = timedelta(days=1)
"""How long a question is kept beside its answer, for a vote or a wish to be told."""
_GAP = ("day", "why", "question", "brief")
_TALLY = ("day", "status", "intent", "brief")


class SqlGaps:
    """Implements `gap_ports.GapStore`; gaps, counts and watches are kept `days` long."""

    # Read at once, the newest; to decide on 5,000 questions anew takes 7 s of one core.
    def __init__(self, engine: AsyncEngine, days: int, most: int = 10_000) -> None:
        self._engine = engine
        self._life = timedelta(days=days)
        self._most = most
        insert: Any = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._insert = insert
        self._add_gap = _adding(insert, gaps, _GAP, "shown")
        self._add_tally = _adding(insert, answer_tallies, _TALLY)

    async def note(self, notes: Notes, now: datetime) -> None:
        """See `gap_ports.GapStore`."""
        # In the order of their keys: two processes then never wait for each other in a circle.
        found = _summed(
            ((g.day, g.why.value, g.question, g.brief, g.shown), g.count) for g in notes.gaps
        )
        rows = [dict(zip((*_GAP, "shown"), key, strict=True), count=n) for key, n in found]
        counted = _summed(((t.day, t.status, t.intent, t.brief), t.count) for t in notes.tallies)
        tallies = [dict(zip(_TALLY, key, strict=True), count=n) for key, n in counted]
        asked = [
            {"answer_id": answer, "question": question, "asked_at": now}
            for answer, question in sorted(notes.questions.items())
        ]
        put = self._insert(asked_questions).on_conflict_do_nothing(index_elements=["answer_id"])
        async with self._engine.begin() as connection:
            for statement, given in ((self._add_gap, rows), (self._add_tally, tallies)):
                if given:
                    await connection.execute(statement, given)
            if asked:
                await connection.execute(put, asked)

    async def take_question(self, answer_id: str) -> str | None:
        """See `gap_ports.GapStore`."""
        take = (
            delete(asked_questions)
            .where(asked_questions.c.answer_id == answer_id)
            .returning(asked_questions.c.question)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(take)).scalar_one_or_none()

    async def question(self, answer_id: str) -> str | None:
        """See `gap_ports.GapStore`."""
        query = select(asked_questions.c.question).where(asked_questions.c.answer_id == answer_id)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def gaps(self, since: date | None = None) -> Sequence[Gap]:
        """See `gap_ports.GapStore`."""
        order = (gaps.c.day.desc(), gaps.c["count"].desc(), *(gaps.c[name] for name in _GAP[1:]))
        query = select(gaps).order_by(*order).limit(self._most)
        if since is not None:
            query = query.where(gaps.c.day >= since)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return sorted(Gap(**(dict(row) | {"why": Why(row["why"])})) for row in rows)

    async def tallies(self, since: date | None = None) -> Sequence[Tally]:
        """See `gap_ports.GapStore`."""
        query = select(answer_tallies).order_by(*(answer_tallies.c[name] for name in _TALLY))
        if since is not None:
            query = query.where(answer_tallies.c.day >= since)
        async with self._engine.connect() as connection:
            return [Tally(**row) for row in (await connection.execute(query)).mappings()]

    async def watch(self, watch: Watch) -> bool:
        """See `gap_ports.GapStore`."""
        put = (
            self._insert(watches)
            .values(
                id=watch.id,
                platform=watch.platform,
                workspace=watch.workspace,
                user_id=watch.user,
                question=watch.question,
                asked_at=watch.asked_at,
                attempts=0,
            )
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(watches.c.id)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(put)).scalar_one_or_none() is not None

    async def watches(self) -> Sequence[Watch]:
        """See `gap_ports.GapStore`."""
        query = select(watches).order_by(watches.c.asked_at, watches.c.id)
        async with self._engine.connect() as connection:
            return [_watch(row) for row in (await connection.execute(query)).mappings()]

    async def claim_watch(self, watch: str, now: datetime) -> Watch | None:
        """See `gap_ports.GapStore`; one statement, so that one of many callers wins."""
        lost = watches.c.claimed_at < now - timedelta(seconds=CLAIM_S)
        claim = (
            update(watches)
            .where(watches.c.id == watch, or_(watches.c.claimed_at.is_(None), lost))
            .values(claimed_at=now, attempts=watches.c.attempts + 1)
            .returning(*watches.c)
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(claim)).mappings().one_or_none()
        return _watch(row) if row is not None else None

    async def release_watch(self, watch: str) -> None:
        """See `gap_ports.GapStore`."""
        release = (
            update(watches)
            .where(watches.c.id == watch)
            .values(claimed_at=None, attempts=watches.c.attempts - 1)
        )
        async with self._engine.begin() as connection:
            await connection.execute(release)

    async def drop_watch(self, watch: str) -> None:
        """See `gap_ports.GapStore`."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(watches).where(watches.c.id == watch))

    async def prune(self, *, now: datetime) -> None:
        """See `gap_ports.GapStore`."""
        before = now - self._life
        asked = asked_questions.c.asked_at
        async with self._engine.begin() as connection:
            for table in (gaps, answer_tallies):
                await connection.execute(delete(table).where(table.c.day < before.date()))
            await connection.execute(delete(watches).where(watches.c.asked_at < before))
            await connection.execute(delete(asked_questions).where(asked < now - QUESTION_LIFE))


def _adding(insert: Any, table: Table, key: Sequence[str], *newest: str) -> Any:
    """Insert a count, or add it to the one that is there."""
    put = insert(table)
    added = {"count": table.c["count"] + put.excluded["count"]}
    replaced = {name: put.excluded[name] for name in newest}
    return put.on_conflict_do_update(index_elements=list(key), set_=added | replaced)


def _summed(counted: Iterable[tuple[tuple[Any, ...], int]]) -> list[tuple[tuple[Any, ...], int]]:
    sums: Counter[tuple[Any, ...]] = Counter()
    for key, count in counted:
        sums[key] += count
    return sorted(sums.items())


def _watch(row: RowMapping) -> Watch:
    return Watch(
        id=row["id"],
        platform=row["platform"],
        workspace=row["workspace"],
        user=row["user_id"],
        question=row["question"],
        asked_at=row["asked_at"],
        attempts=row["attempts"],
    )
