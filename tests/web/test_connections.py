"""Requests that never end: they are turned away, and everybody else is answered."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.web.server import Connections, ServerOptions, WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def serving(connections: Connections) -> AsyncIterator[WebServer]:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    server = WebServer(
        dict,
        [web.post("/echo", echo)],
        host="127.0.0.1",
        port=0,
        options=ServerOptions(connections=connections),
    )
    task = asyncio.create_task(server.run())
    while not server.ready():
        await asyncio.sleep(0.005)
    try:
        yield server
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_half_sent_requests_leave_health_answering() -> None:
    with capture_logs() as lines:
        async with serving(Connections(most=40)) as server, aiohttp.ClientSession() as session:
            halves = []
            for _ in range(200):
                _, writer = await asyncio.open_connection(*server.address)
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                halves.append(writer)
                if len(halves) % 50 == 0:
                    url = f"http://127.0.0.1:{server.address[1]}/healthz"
                    async with session.get(url, timeout=aiohttp.ClientTimeout(2)) as response:
                        assert response.status == 200
            for writer in halves:
                writer.close()
    told = [line for line in lines if line["event"] == "web.turned_away"]
    assert len(told) == 1, "one line a minute"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /ec",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
    ],
)
async def test_who_does_not_say_what_it_wants_is_turned_away(sent: bytes) -> None:
    async with serving(Connections(header_s=0.2, body_s=0.2)) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(sent)
        begun = asyncio.get_running_loop().time()
        with suppress(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 3)
        assert 0.1 < asyncio.get_running_loop().time() - begun < 2
        writer.close()


async def test_a_trickle_of_bytes_earns_no_more_time() -> None:
    async with serving(Connections(header_s=0.3)) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        begun = asyncio.get_running_loop().time()
        with suppress(ConnectionError):
            while not reader.at_eof() and asyncio.get_running_loop().time() - begun < 3:
                writer.write(b"G")
                await writer.drain()
                await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() - begun < 1.5
        writer.close()


async def test_a_connection_may_be_used_again_after_a_while() -> None:
    async with serving(Connections(header_s=0.2)) as server, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{server.address[1]}/echo"
        for text in ("one", "two"):
            async with session.post(url, data=text) as response:
                assert await response.text() == text
            await asyncio.sleep(0.4)
