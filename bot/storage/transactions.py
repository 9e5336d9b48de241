"""Transactions that outlast a database which is gone, locked or full for a while."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import stamina
import stamina.instrumentation
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    Work = Callable[[AsyncConnection], Awaitable["T"]]

log = structlog.get_logger(__name__)


# Its own line for every try of every piece of work would be thousands in an outage.
stamina.instrumentation.set_on_retry_hooks(())

T = TypeVar("T")
FIRST_WAIT_S, MOST_WAIT_S = 0.1, 2.0
"""Between two tries: doubling, with jitter."""
KEPT = 20
"""So many outages are remembered."""


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
            if failed:
                self._failing -= 1
                self._end()

    def _end(self) -> None:
        if not self._failing and self._since_s is not None:
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
        self._group_commit = GroupCommit(engine)
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
                return await self._group_commit.run(work)
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


AT_ONCE = 50


class GroupCommit:
    """While one transaction is being committed, what comes in gathers for the next."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """The result of `work`, when it is committed.

        `work` may be run twice: where a transaction fails, each of its works is tried alone,
        beside the next transaction, so that one which waits for a lock keeps nobody else.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._write_all(batch)
        finally:
            self._writer = None

    async def _write_all(self, batch: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        try:
            async with self._engine.begin() as connection:
                results = [await work(connection) for work, _ in batch]
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            if len(batch) > 1:
                for each in batch:
                    task = asyncio.create_task(self._write_all([each]))
                    self._alone.add(task)
                    task.add_done_callback(self._alone.discard)
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)
