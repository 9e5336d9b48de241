"""The fence is checked when the bytes are about to leave, and the far clock is read."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from bot.errors import FenceEnded
from bot.platforms.slack.api import SlackApi
from bot.platforms.wire import FarClock, fenced
from bot.schedules.schedule_ports import Fence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Far:
    """A server that counts what reaches it, with a clock of its own."""

    def __init__(self, date: str = "") -> None:
        self.requests = 0
        self.date = date
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.requests += 1
        headers = {"Date": self.date} if self.date else {}
        return web.json_response({"ok": True, "ts": "1.1"}, headers=headers)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Far]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield self
        await runner.cleanup()


def fence(*left_s: float) -> Fence:
    """One that has so much left at each look."""
    looks = iter(left_s)
    return Fence(0.0, lambda: -next(looks))


async def test_no_byte_leaves_after_the_fence() -> None:
    """It still holds when the call begins, and has ended when there is a connection."""
    clock = FarClock()
    async with Far().listening() as far, aiohttp.ClientSession(
        trace_configs=[clock.trace()]
    ) as session:  # fmt: skip
        api = SlackApi(session, far.url, clock)
        with fenced(fence(-0.1)), pytest.raises(FenceEnded):
            await api.call("chat.postMessage", "xoxb-one", {"text": "x"})
        await asyncio.sleep(0.05)
        assert far.requests == 0
        with fenced(fence(5.0)):
            await api.call("chat.postMessage", "xoxb-one", {"text": "x"})
        await api.call("chat.postMessage", "xoxb-one", {"text": "x"})
        assert far.requests == 2


@pytest.mark.parametrize(
    ("date", "known"),
    [
        ("Tue, 24 Nov 2026 09:00:00 GMT", True),
        ("", True),
        ("yesterday", False),
        ("Tue, 24 Nov 2026 09:00:00 -0000", False),
    ],
)
async def test_the_far_clock(date: str, known: bool) -> None:
    clock = FarClock()
    assert clock.now() is None
    async with Far(date).listening() as far, aiohttp.ClientSession(
        trace_configs=[clock.trace()]
    ) as session:  # fmt: skip
        await (await session.get(far.url)).read()
    now = clock.now()
    assert (now is not None) == known
    if now is not None:
        there = datetime(2026, 11, 24, 9, 0, tzinfo=UTC) if date else datetime.now(UTC)
        assert abs(now - there) < timedelta(seconds=3)
