"""Work in progress, so that it can be finished before the process ends."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


AT_ONCE = 32
"""So many requests are worked on together; the others wait, acknowledged and cheap."""


class InFlight:
    """The tasks that are at work; Bolt starts them, but does not wait for them at the end."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.turn = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False
        """Set to take no new work."""

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
