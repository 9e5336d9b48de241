"""`collecting.GapStore` on SQLite and PostgreSQL; each method is one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update

from bot.gaps.collecting import CLAIM_S, Notes, Tally, Watch
from bot.gaps.grouping import Gap, Why
from bot.storage.tables import answer_tallies, asked_questions, gaps, watches
from bot.storage.transactions import SqlRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncEngine

QUESTION_LIFE = timedelta(days=1)
"""How long a question is kept beside its answer, for a vote or a wish to be told."""
_GAP = ("day", "why", "question", "brief")
_TALLY = ("day", "status", "intent", "brief")


class SqlGaps(SqlRows):
    """Implements `collecting.GapStore`; gaps, counts and watches are kept `days` long."""

    # Read at once, the newest; to decide on 5,000 questions anew takes 7 s of one core.
    def __init__(self, engine: AsyncEngine, days: int, most: int = 10_000) -> None:
        super().__init__(engine)
        self._life = timedelta(days=days)
        self._most = most
        self._add_gap = _adding(self._insert, gaps, _GAP, "shown")
        self._add_tally = _adding(self._insert, answer_tallies, _TALLY)

    async def note(self, notes: Notes, now: datetime) -> None:
        # In the order of their keys: two processes then never wait for each other in a circle.
        found = (((g.day, g.why.value, g.question, g.brief, g.shown), g.count) for g in notes.gaps)
        counted = (((t.day, t.status, t.intent, t.brief), t.count) for t in notes.tallies)
        asked = [
            {"answer_id": answer, "question": question, "asked_at": now}
            for answer, question in sorted(notes.questions.items())
        ]
        keep = self._insert(asked_questions).on_conflict_do_nothing(index_elements=["answer_id"])
        given = (
            (self._add_gap, _summed(found, *_GAP, "shown")),
            (self._add_tally, _summed(counted, *_TALLY)),
            (keep, asked),
        )
        async with self._engine.begin() as connection:
            for statement, rows in given:
                if rows:
                    await connection.execute(statement, rows)

    async def take_question(self, answer_id: str) -> str | None:
        mine = asked_questions.c.answer_id == answer_id
        take = delete(asked_questions).where(mine).returning(asked_questions.c.question)
        return await self._first(take)

    async def question(self, answer_id: str) -> str | None:
        mine = asked_questions.c.answer_id == answer_id
        return await self._first(select(asked_questions.c.question).where(mine))

    async def gaps(self, since: date | None = None) -> Sequence[Gap]:
        order = (gaps.c.day.desc(), gaps.c["count"].desc(), *(gaps.c[name] for name in _GAP[1:]))
        query = select(gaps).order_by(*order).limit(self._most)
        if since is not None:
            query = query.where(gaps.c.day >= since)
        rows = await self._rows(query)
        return sorted(Gap(**(dict(row) | {"why": Why(row["why"])})) for row in rows)

    async def tallies(self, since: date | None = None) -> Sequence[Tally]:
        query = select(answer_tallies).order_by(*(answer_tallies.c[name] for name in _TALLY))
        if since is not None:
            query = query.where(answer_tallies.c.day >= since)
        return [Tally(**row) for row in await self._rows(query)]

    async def watch(self, watch: Watch) -> bool:
        row = asdict(watch)
        put = self._insert(watches).values(user_id=row.pop("user"), **row | {"attempts": 0})
        put = put.on_conflict_do_nothing(index_elements=["id"]).returning(watches.c.id)
        return await self._first(put) is not None

    async def watches(self) -> Sequence[Watch]:
        query = select(watches).order_by(watches.c.asked_at, watches.c.id)
        return [_watch(row) for row in await self._rows(query)]

    async def claim_watch(self, watch: str, now: datetime) -> Watch | None:
        """One statement, so that one of many callers wins."""
        lost = watches.c.claimed_at < now - timedelta(seconds=CLAIM_S)
        claim = (
            update(watches)
            .where(watches.c.id == watch, or_(watches.c.claimed_at.is_(None), lost))
            .values(claimed_at=now, attempts=watches.c.attempts + 1)
            .returning(*watches.c)
        )
        return next(map(_watch, await self._rows(claim)), None)

    async def release_watch(self, watch: str) -> None:
        mine = update(watches).where(watches.c.id == watch)
        await self._write(mine.values(claimed_at=None, attempts=watches.c.attempts - 1))

    async def drop_watch(self, watch: str) -> None:
        await self._write(delete(watches).where(watches.c.id == watch))

    async def prune(self, *, now: datetime) -> None:
        before = now - self._life
        await self._write(
            *(
                delete(table).where(table.c.day < before.date())
                for table in (gaps, answer_tallies)
            ),
            delete(watches).where(watches.c.asked_at < before),
            delete(asked_questions).where(asked_questions.c.asked_at < now - QUESTION_LIFE),
        )


def _adding(insert: Any, table: Table, key: Sequence[str], *newest: str) -> Any:
    """Insert a count, or add it to the one that is there."""
    put = insert(table)
    added = {"count": table.c["count"] + put.excluded["count"]}
    replaced = {name: put.excluded[name] for name in newest}
    return put.on_conflict_do_update(index_elements=list(key), set_=added | replaced)


def _summed(counted: Iterable[tuple[tuple[Any, ...], int]], *names: str) -> list[dict[str, Any]]:
    """Rows with these columns and their count."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for key, count in counted:
        sums[key] += count
    return [dict(zip(names, key, strict=True), count=n) for key, n in sorted(sums.items())]


def _watch(row: RowMapping) -> Watch:
    same = {f.name: row[f.name] for f in fields(Watch) if f.name != "user"}
    return Watch(user=row["user_id"], **same)
