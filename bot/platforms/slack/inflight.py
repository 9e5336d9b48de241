"""Work in progress: it is finished before the process ends."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

log = structlog.get_logger(__name__)


class InFlight:
    """The tasks that are at work; Bolt would not wait for them at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False
        """Set to take no new work."""

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work as a task of its own."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack.work_failed", error=type(error).__name__, exc_info=error)

    @contextmanager
    def working(self) -> Iterator[None]:
        """The current task is at work until the block ends."""
        task = asyncio.current_task()
        entered = task is not None and task not in self._tasks
        if task is not None:
            self._tasks.add(task)
        try:
            yield
        finally:
            if entered and task is not None:
                self._tasks.discard(task)

    async def drain(self) -> None:
        """Take no new work and wait for what has begun."""
        self.closed = True
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is at work."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def cancel(self) -> None:
        """End what is still at work."""
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=0.3)
