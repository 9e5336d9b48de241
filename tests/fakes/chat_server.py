"""An OpenAI-compatible server on loopback that validates requests and misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

FIELDS = {"model", "messages", "temperature", "max_tokens", "stream", "response_format"}


def completion(text: Any, **usage: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage or {"prompt_tokens": 100, "completion_tokens": 7},
    }


def choice(kind: str, *ids: str) -> dict[str, Any]:
    """A completion that is a choice."""
    return completion(json.dumps({"choice": kind, "ids": list(ids)}))


@dataclass
class ChatServerFake:
    """Answers each request with `behave`; what it was sent is kept."""

    url: str = ""
    behave: Callable[[web.Request], Awaitable[web.StreamResponse]] = field(
        default_factory=lambda: says(choice("none"))
    )
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Check a request as strictly as the real ones do, then behave."""
        body = await request.json()
        assert request.content_type == "application/json"
        assert set(body) <= FIELDS, set(body) - FIELDS
        assert isinstance(body["model"], str)
        assert [m["role"] for m in body["messages"]] in (["system", "user"], ["user"])
        assert all(set(m) == {"role", "content"} and m["content"] for m in body["messages"])
        assert body.get("temperature", 0) == 0
        asked_form = body.get("response_format", {})
        if asked_form.get("type") == "json_schema":
            assert set(asked_form["json_schema"]) == {"name", "strict", "schema"}
        self.bodies.append(body)
        self.keys.append(request.headers.get("Authorization"))
        return await self.behave(request)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What stood in the last message of each request, where it is an object."""
        return [json.loads(body["messages"][-1]["content"]) for body in self.bodies]


def says(body: Any, status: int = 200, **headers: str) -> Callable[..., Any]:
    """Answers with a body: bytes as they are, everything else as JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(
            body=data, status=status, headers=headers, content_type="application/json"
        )

    return answer


def in_turn(*behaviours: Callable[..., Any]) -> Callable[..., Any]:
    """One after another; the last one goes on."""
    left = list(behaviours)

    async def answer(request: web.Request) -> web.StreamResponse:
        behave = left.pop(0) if len(left) > 1 else left[0]
        response: web.StreamResponse = await behave(request)
        return response

    return answer


def slowly(seconds: float, behave: Callable[..., Any]) -> Callable[..., Any]:
    """The same after a while."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        response: web.StreamResponse = await behave(request)
        return response

    return answer


async def drops(request: web.Request) -> web.StreamResponse:
    """Closes the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"mess')
    assert request.transport is not None
    request.transport.close()
    return response


async def trickles(request: web.Request) -> web.StreamResponse:
    """Sends a byte now and then, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def chat_server() -> AsyncIterator[ChatServerFake]:
    """A server that runs."""
    fake = ChatServerFake()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.url = f"http://127.0.0.1:{port}/v1/"
    try:
        yield fake
    finally:
        await runner.cleanup()
