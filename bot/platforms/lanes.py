"""Turns: a conversation is answered in order, and questions are worked out fairly."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class _Lane:
    room: asyncio.Semaphore
    users: int = 0


class Lanes:
    """Turns by key, in the order in which they were asked for; unused lanes are forgotten."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """How many are in use."""
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, key: str | None) -> AsyncIterator[None]:
        """Wait for a turn and hold it; without a key there is nothing to wait for."""
        if key is None:
            yield
            return
        lane = self._lanes.setdefault(key, _Lane(asyncio.Semaphore(self._at_once)))
        lane.users += 1
        try:
            async with lane.room:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                self._lanes.pop(key, None)
