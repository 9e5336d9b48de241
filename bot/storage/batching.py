"""Group commit: what many callers write at about the same time becomes one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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
