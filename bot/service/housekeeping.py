"""Removes what has expired from the stores, once an hour."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.service.ports import Prunable


class Housekeeping:
    """A `ports.Component`; what it says of itself is said of the storage."""

    name = "storage"

    def __init__(self, store: Prunable, clock: Callable[[], datetime], *also: Prunable) -> None:
        self._stores = (store, *also)
        self._clock = clock
        self._ready = False

    async def run(self) -> None:
        """Prune now and every hour."""
        self._ready = False
        while True:
            for store in self._stores:
                await store.prune(now=self._clock())
            self._ready = True
            await asyncio.sleep(3600.0)

    def ready(self) -> bool:
        """Whether the last pruning succeeded: the database answers."""
        return self._ready

    async def drain(self) -> None:
        """Nothing to finish."""
