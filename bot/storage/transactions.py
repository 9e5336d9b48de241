"""Transactions that outlast a database which is gone, locked or full for a while.

What all stores share of reading and writing rows stands here, too.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import stamina
import stamina.instrumentation
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sqlalchemy import Executable, RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.sql.selectable import TypedReturnsRows

    Work = Callable[[AsyncConnection], Awaitable["T"]]

log = structlog.get_logger(__name__)

# Its own line for every try of every piece of work would be thousands in an outage.
stamina.instrumentation.set_on_retry_hooks(())

T = TypeVar("T")
Job = TypeVar("Job")
FIRST_WAIT_S, MOST_WAIT_S = 0.1, 2.0
"""Between two tries: doubling, with jitter."""
KEPT = 20
"""So many outages are remembered."""
MOST_TOGETHER = 100
"""Jobs in one transaction."""


def is_passing(error: Exception) -> bool:
    """Whether a database may be well again soon: gone, locked, full, or too slow to answer."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # InternalError: the server has ended a transaction in which nothing happened for too long.
    passing = (OperationalError, InterfaceError, InternalError, PoolTimeoutError, OSError)
    return isinstance(error, passing)


class Outages:
    """When the database could not be used, by a clock that nobody sets."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._since_s: float | None = None
        self._failing = 0

    def within(self, past: timedelta) -> timedelta:
        """For how much of the time from `past` ago until now it could not be used."""
        now_s = time.monotonic()
        begin_s = now_s - past.total_seconds()
        spans = [*self._past, *([(self._since_s, now_s)] if self._since_s is not None else [])]
        return timedelta(seconds=sum(max(0.0, end - max(begin_s, at)) for at, end in spans))

    @contextmanager
    def trying(self) -> Iterator[Callable[[str], None]]:
        """One piece of work, which calls what it is given when it fails."""
        failed = False

        def fail(reason: str) -> None:
            nonlocal failed
            if not failed:
                failed = True
                self._failing += 1
                if self._since_s is None:
                    self._since_s = time.monotonic()
                    log.warning("database.away", error=reason)

        try:
            yield fail
        finally:
            self._failing -= failed
            if failed and not self._failing and self._since_s is not None:
                now_s = time.monotonic()
                log.info("database.back", after_s=round(now_s - self._since_s, 1))
                self._past.append((self._since_s, now_s))
                self._since_s = None


class Transactions:
    """Runs pieces of work, each as one transaction.

    Where `patient`, a piece of work is tried again until it succeeds, within seconds of the
    database's being well: the running bot has nowhere else to put what it has to write down.
    A command that somebody waits for is not patient.
    """

    def __init__(
        self, engine: AsyncEngine, outages: Outages | None = None, *, patient: bool = False
    ) -> None:
        self._engine = engine
        self._together: GroupCommit[Work[Any], Any] = GroupCommit(engine, _do_each, apart=True)
        self._outages = outages or Outages()
        self._patient = patient

    async def run(self, work: Work[T]) -> T:
        """The result of `work`, when it is committed; it may be run several times."""

        async def alone() -> T:
            async with self._engine.begin() as connection:
                return await work(connection)

        return await self._trying(alone)

    async def run_together(self, work: Work[T]) -> T:
        """The same; works that come at about the same time share a transaction."""
        first = True

        async def once() -> T:
            nonlocal first
            if first:
                first = False
                result: T = await self._together.run(work)
                return result
            async with self._engine.begin() as connection:
                return await work(connection)

        return await self._trying(once)

    async def _trying(self, once: Callable[[], Awaitable[T]]) -> T:
        if not self._patient:
            return await once()
        with self._outages.trying() as fail:

            def again(error: Exception) -> bool:
                passing = is_passing(error)
                if passing:
                    fail(f"{type(error).__name__}: {error}"[:200])
                return passing

            async for attempt in stamina.retry_context(
                on=again,
                attempts=None,
                timeout=None,
                wait_initial=FIRST_WAIT_S,
                wait_max=MOST_WAIT_S,
                wait_jitter=FIRST_WAIT_S,
            ):
                with attempt:
                    return await once()
        raise AssertionError  # pragma: no cover - the loop returns or raises


async def _do_each(connection: AsyncConnection, works: Sequence[Work[Any]]) -> Sequence[Any]:
    return [await work(connection) for work in works]


class GroupCommit(Generic[Job, T]):
    """While one transaction is under way, jobs that come in gather for the next.

    A job that comes alone is run at once.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        work: Callable[[AsyncConnection, Sequence[Job]], Awaitable[Sequence[T]]],
        *,
        apart: bool = False,
    ) -> None:
        """Run jobs by `work`, which returns the result of each.

        A transaction that fails fails for all its jobs; where they are to be tried `apart`, each
        is run once more alone, beside the next transaction, so that one which waits for a lock
        keeps nobody else.
        """
        self._engine = engine
        self._work = work
        self._apart = apart
        self._waiting: list[tuple[Job, asyncio.Future[T]]] = []
        self._runner: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()

    async def run(self, job: Job) -> T:
        """The job's result, when it is committed."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._drain())
        return await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Job, asyncio.Future[T]]]) -> None:
        waiting = [done for _, done in batch]
        try:
            async with self._engine.begin() as connection:
                results = await self._work(connection, [job for job, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            if not self._apart or len(batch) == 1:
                _fail(waiting, error)
                return
            for each in batch:
                task = asyncio.create_task(self._commit([each]))
                self._alone.add(task)
                task.add_done_callback(self._alone.discard)
        except BaseException as error:
            _fail(waiting, error)
            raise
        else:
            for done, result in zip(waiting, results, strict=True):
                if not done.done():
                    done.set_result(result)


def _fail(waiting: Sequence[asyncio.Future[Any]], error: BaseException) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(error)


class SqlRows:
    """What the stores have in common: each read and each write is one transaction."""

    def __init__(self, engine: AsyncEngine, transactions: Transactions | None = None) -> None:
        self._engine = engine
        self._transactions = transactions or Transactions(engine)
        self._on_postgres = engine.dialect.name == "postgresql"
        self._insert: Any = postgresql.insert if self._on_postgres else sqlite.insert

    async def _rows(self, statement: Executable) -> Sequence[RowMapping]:
        async def work(connection: AsyncConnection) -> Sequence[RowMapping]:
            return (await connection.execute(statement)).mappings().all()

        return await self._transactions.run(work)

    async def _first(self, statement: TypedReturnsRows[tuple[T]]) -> T | None:
        """The first column of the first row; None where there is none."""

        async def work(connection: AsyncConnection) -> T | None:
            found: T | None = await connection.scalar(statement)
            return found

        return await self._transactions.run(work)

    async def _write(self, *statements: Executable, rows: Sequence[Any] | None = None) -> int:
        """Execute all, each with these rows, where there are any; how many rows they changed."""

        async def work(connection: AsyncConnection) -> int:
            return sum([(await connection.execute(each, rows)).rowcount for each in statements])

        return await self._transactions.run(work)


@cache
def upsert(insert: Any, table: Table) -> Any:
    """Insert rows, or replace those that have the same key; `insert` is the database's own.

    Built once for each table: building a statement costs more than running it.
    """
    keys = [column.name for column in table.primary_key]
    put = insert(table)
    rest = {c.name: put.excluded[c.name] for c in table.columns if c.name not in keys}
    return put.on_conflict_do_update(index_elements=keys, set_=rest)
