"""Health over a real socket."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.errors import AibriefError
from bot.web.server import WebServer


async def started(server: WebServer) -> asyncio.Task[None]:
    task = asyncio.create_task(server.run())
    async with asyncio.timeout(2):
        while not server.ready():
            await asyncio.sleep(0)
    return task


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def test_health_and_readiness() -> None:
    parts = {"slack": True, "discord": False}
    server = WebServer(lambda: parts, host="127.0.0.1", port=0)
    task = await started(server)
    host, port = server.address
    async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
        async with session.get("/healthz") as response:
            assert (response.status, await response.json()) == (200, {"status": "alive"})
        async with session.get("/readyz") as response:
            assert response.status == 503
            assert await response.json() == {"ready": False, "parts": parts}
        parts["discord"] = True
        async with session.get("/readyz") as response:
            assert response.status == 200
        async with session.post("/healthz") as response:
            assert response.status == 405
    await stopped(task)
    assert not server.ready()


async def test_a_taken_port_is_named() -> None:
    first = WebServer(dict, host="127.0.0.1", port=0)
    task = await started(first)
    second = WebServer(dict, host="127.0.0.1", port=first.address[1])
    with pytest.raises(AibriefError, match="Set PORT"):
        await second.run()
    await stopped(task)
