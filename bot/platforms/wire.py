"""What both platforms' clients share: turns, the fence before the first byte, the far clock.

Both SDKs send by aiohttp, and take its tracing:
https://docs.aiohttp.org/en/stable/tracing_reference.html
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import SimpleNamespace

    from bot.schedules.schedule_ports import Fence


_fence: ContextVar[Fence | None] = ContextVar("fence", default=None)


@contextmanager
def fenced(fence: Fence) -> Iterator[None]:
    """No request of this task leaves after the fence; it raises `FenceEnded` instead."""
    token = _fence.set(fence)
    try:
        yield
    finally:
        _fence.reset(token)


class FarClock:
    """The platform's time by the `Date` of its responses, which it stamps messages with too."""

    def __init__(self) -> None:
        self._told: tuple[str, float] | None = None
        """The latest `Date`, which few look at, and when it came."""

    def now(self) -> datetime | None:
        """The time there; None where nothing has come from there yet."""
        if self._told is None:
            return None
        date, when_s = self._told
        try:
            at = parsedate_to_datetime(date)
        except ValueError:
            return None
        return at + timedelta(seconds=time.monotonic() - when_s) if at.tzinfo else None

    def trace(self) -> aiohttp.TraceConfig:
        """For a session: checks fences, and reads the time."""
        config = aiohttp.TraceConfig()
        config.on_request_headers_sent.append(_check)
        config.on_request_end.append(self._read)
        return config

    async def _read(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        del session, context
        if date := params.response.headers.get("Date"):
            self._told = (date, time.monotonic())


async def _check(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    """Called when a request is about to be written: connecting lies behind it."""
    del session, context, params
    fence = _fence.get()
    if fence is not None:
        fence.check()


class AtWork:
    """Counts what is being done, for whoever has to wait for its end."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        self._count += 1
        self._idle.clear()

    def __exit__(self, *error: object) -> None:
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def end(self) -> None:
        """Return when nothing is being done."""
        await self._idle.wait()


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
