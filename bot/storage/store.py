"""`ports.Store` on SQLite and PostgreSQL; every method is one short transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.service.ports import THREAD_LIFE
from bot.storage.correction_rows import forget_told, prune_told
from bot.storage.tables import (
    Instant,
    asked_questions,
    named_values,
    plans,
    ratings,
    seen,
    threads,
    watches,
)
from bot.storage.values import dump_plan, parse_plan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.answering.answer import Plan


Job = TypeVar("Job")
Result = TypeVar("Result")
MOST = 100
"""Jobs in one transaction."""


@dataclass(slots=True)
class _Waiting(Generic[Job, Result]):
    job: Job
    done: asyncio.Future[Result]


class Batches(Generic[Job, Result]):
    """Runs jobs in transactions: while one is under way, those that come wait for the next.

    A job that comes alone is run at once. A transaction that fails fails for all its jobs.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        work: Callable[[AsyncConnection, Sequence[Job]], Awaitable[Sequence[Result]]],
    ) -> None:
        self._engine = engine
        self._work = work
        self._waiting: list[_Waiting[Job, Result]] = []
        self._runner: asyncio.Task[None] | None = None

    async def run(self, job: Job) -> Result:
        """The job's result, once its transaction is committed."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(job, done))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._drain())
        result: Result = await done
        return result

    async def _drain(self) -> None:
        while self._waiting:
            now, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                results = await self._commit([each.job for each in now])
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                _settle(now, error)
            except BaseException as error:
                _settle(now, error)
                raise
            else:
                _settle(now, results)

    async def _commit(self, jobs: Sequence[Job]) -> Sequence[Result]:
        async with self._engine.begin() as connection:
            return await self._work(connection, jobs)


def _settle(
    waiting: Sequence[_Waiting[Job, Result]], came: Sequence[Result] | BaseException
) -> None:
    for number, each in enumerate(waiting):
        if each.done.done():
            continue
        if isinstance(came, BaseException):
            each.done.set_exception(came)
        else:
            each.done.set_result(came[number])


PLAN_LIFE = timedelta(days=90)
"""How long "Why this?" and "Share" work on an answer."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """A plan to be kept, and the thread whose latest it is."""

    row: Mapping[str, Any]
    thread: str | None


class SqlStore:
    """Implements `ports.Store`; the tables must be there (`migrate.upgrade`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        insert: Any = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        # Statements are built once: building one costs more than running it.
        self._puts = {
            table: _put(insert, table) for table in (plans, threads, ratings, named_values)
        }
        self._insert = insert
        self._claims_waiting = Batches(engine, self._claim_all)
        self._plans_waiting = Batches(engine, self._save_all)

    async def save_plan(
        self, answer_id: str, plan: Plan, *, thread: str | None, now: datetime
    ) -> None:
        """See `ports.AnswerStore`."""
        row = {"answer_id": answer_id, "plan": dump_plan(plan), "saved_at": now}
        await self._plans_waiting.run(_Saved(row, thread))

    async def load_plan(self, answer_id: str) -> Plan | None:
        """See `ports.AnswerStore`."""
        query = select(plans.c.plan).where(plans.c.answer_id == answer_id)
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return parse_plan(found) if found is not None else None

    async def latest_answer(self, thread: str, *, now: datetime) -> str | None:
        """See `ports.AnswerStore`."""
        query = select(threads.c.answer_id).where(
            threads.c.thread == thread, threads.c.answered_at >= now - THREAD_LIFE
        )
        async with self._engine.connect() as connection:
            found: str | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def latest_plan(self, thread: str, *, now: datetime) -> Plan | None:
        """See `ports.AnswerStore`."""
        query = (
            select(plans.c.plan)
            .join(threads, threads.c.answer_id == plans.c.answer_id)
            .where(threads.c.thread == thread, threads.c.answered_at >= now - THREAD_LIFE)
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return parse_plan(found) if found is not None else None

    async def first_time(self, key: str, *, now: datetime, keep: timedelta) -> bool:
        """See `ports.SeenStore`."""
        return await self.first_times((key,), now=now, keep=keep)

    async def first_times(self, keys: Sequence[str], *, now: datetime, keep: timedelta) -> bool:
        """See `ports.SeenStore`; one statement a key, so that exactly one of many callers wins."""
        rows = [{"key": key, "until": now + keep, "now": now} for key in keys]
        return not rows or await self._claims_waiting.run(rows)

    async def _claim_all(
        self, connection: AsyncConnection, jobs: Sequence[Sequence[Mapping[str, Any]]]
    ) -> Sequence[bool]:
        """One statement for all keys, in their order, so that two processes never deadlock.

        Of a key that two jobs have, the first job's claim counts.
        """
        rows = {row["key"]: row for job in jobs for row in job}
        now = max(row["now"] for row in rows.values())
        values = [{"key": key, "until": rows[key]["until"]} for key in sorted(rows)]
        claimed = set(await connection.scalars(_claim(self._insert, values, now)))
        fresh = []
        for job in jobs:
            fresh.append(all(row["key"] in claimed for row in job))
            claimed -= {row["key"] for row in job}
        return fresh

    async def _save_all(
        self, connection: AsyncConnection, jobs: Sequence[_Saved]
    ) -> Sequence[None]:
        by_id = sorted((job.row for job in jobs), key=lambda row: str(row["answer_id"]))
        await connection.execute(self._puts[plans], by_id)
        latest = {
            job.thread: {
                "thread": job.thread,
                "answer_id": job.row["answer_id"],
                "answered_at": job.row["saved_at"],
            }
            for job in jobs
            if job.thread is not None
        }
        if latest:
            await connection.execute(self._puts[threads], [latest[key] for key in sorted(latest)])
        return [None] * len(jobs)

    async def is_seen(self, key: str, *, now: datetime) -> bool:
        """See `ports.SeenStore`."""
        query = select(seen.c.key).where(seen.c.key == key, seen.c.until > now)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() is not None

    async def rate(
        self, answer_id: str, *, rater: str, helpful: bool, brief: str | None, now: datetime
    ) -> None:
        """See `ports.RatingStore`."""
        async with self._engine.begin() as connection:
            await self._put(
                connection,
                ratings,
                answer_id=answer_id,
                rater=rater,
                brief=brief,
                helpful=helpful,
                rated_at=now,
            )

    async def rating_totals(self) -> Mapping[str, tuple[int, int]]:
        """See `ports.RatingStore`."""
        up = func.sum(case((ratings.c.helpful, 1), else_=0))
        query = (
            select(ratings.c.brief, up, func.count())
            .where(ratings.c.brief.is_not(None))
            .group_by(ratings.c.brief)
            .order_by(ratings.c.brief)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return {brief: (int(good), int(count) - int(good)) for brief, good, count in rows}

    async def get_value(self, name: str) -> str | None:
        """See `ports.ValueStore`."""
        query = select(named_values.c.value).where(named_values.c.name == name)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def set_value(self, name: str, value: str) -> None:
        """See `ports.ValueStore`."""
        async with self._engine.begin() as connection:
            await self._put(connection, named_values, name=name, value=value)

    async def forget(self, prefix: str) -> None:
        """See `ports.Upkeep`."""
        watched = watches.c.platform + ":" + watches.c.workspace + ":"
        begun = select(threads.c.answer_id).where(_starts(threads.c.thread, prefix))
        async with self._engine.begin() as connection:
            for table in (plans, asked_questions):
                await connection.execute(delete(table).where(table.c.answer_id.in_(begun)))
            await forget_told(connection, prefix)
            await connection.execute(delete(watches).where(_starts(watched, prefix)))
            for column in (threads.c.thread, seen.c.key, named_values.c.name):
                await connection.execute(delete(column.table).where(_starts(column, prefix)))

    async def prune(self, *, now: datetime) -> None:
        """See `ports.Upkeep`."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(seen).where(seen.c.until <= now))
            await connection.execute(
                delete(threads).where(threads.c.answered_at < now - THREAD_LIFE)
            )
            await connection.execute(delete(plans).where(plans.c.saved_at < now - PLAN_LIFE))
            await prune_told(connection, now)

    async def _put(self, connection: AsyncConnection, table: Table, **row: Any) -> None:
        """Insert, or replace what has the same primary key."""
        await connection.execute(self._puts[table], row)


def _put(insert: Any, table: Table) -> Any:
    keys = [column.name for column in table.primary_key]
    put = insert(table)
    rest = {c.name: put.excluded[c.name] for c in table.columns if c.name not in keys}
    return put.on_conflict_do_update(index_elements=keys, set_=rest)


def _claim(insert: Any, values: Sequence[Mapping[str, Any]], now: datetime) -> Any:
    """Insert keys, or take over expired ones; returns those for which either was done."""
    put = insert(seen).values(values)
    return put.on_conflict_do_update(
        index_elements=[seen.c.key],
        set_={"until": put.excluded.until},
        where=seen.c.until <= bindparam("now", now, type_=Instant),
    ).returning(seen.c.key)


def _starts(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    return column.startswith(prefix, autoescape=True)
