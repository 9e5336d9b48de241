"""What both platforms' HTTP clients share: the fence before the first byte, and the far clock.

Both SDKs send by aiohttp, and take its tracing: https://docs.aiohttp.org/en/stable/tracing_reference.html
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

    from bot.schedules.posting_ports import Fence

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
