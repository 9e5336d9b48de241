"""Small writes that come at about the same time share one transaction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    Work = Callable[[AsyncConnection], Awaitable[Any]]

T = TypeVar("T")
AT_ONCE = 50


class GroupCommit:
    """While one transaction is being committed, what comes in gathers for the next."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
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

    async def _write_all(self, batch: list[tuple[Work, asyncio.Future[Any]]]) -> None:
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
