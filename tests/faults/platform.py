"""A platform over HTTP on loopback: it keeps what it took, and can lose its own replies.

Discord's part takes a nonce once; Slack's has no such thing, but keeps metadata and can be asked
for the last messages of a channel. Both answer 429 beyond their rates.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

NONCE_LIFE_S = 120.0
DISCORD_PER_S = 50
SLACK_CHANNEL_PER_S = 1


@dataclass
class FakePlatform:
    """`lose` and `fail` are shares of requests: taken without a reply, refused with 503."""

    lose: float = 0.0
    fail: float = 0.0
    latency_s: float = 0.02
    seed: int = 1
    messages: Counter[str] = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    first_at: float = 0.0
    last_at: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._nonces: dict[str, tuple[str, float]] = {}
        self._history: dict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=50))
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> FakePlatform:
        app = web.Application()
        app.add_routes(
            [
                web.post("/discord/channels/{channel}/messages", self._discord),
                web.post("/slack/chat.postMessage", self._slack),
                web.get("/slack/conversations.history", self._slack_history),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert self._runner.addresses
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _discord(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        assert body["enforce_nonce"] is True
        assert 0 < len(body["nonce"]) <= 25
        if refusal := self._limit("discord", DISCORD_PER_S):
            return refusal
        now = time.monotonic()
        known = self._nonces.get(body["nonce"])
        if known and now - known[1] < NONCE_LIFE_S:
            self.counts["nonce seen again"] += 1
            return web.json_response({"id": known[0]})
        if refusal := await self._fail():
            return refusal
        ref = self._take(body["key"], body["content"])
        self._nonces[body["nonce"]] = (ref, now)
        return await self._reply(request, {"id": ref})

    async def _slack(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refusal := self._limit(f"slack:{body['channel']}", SLACK_CHANNEL_PER_S):
            return refusal
        if refusal := await self._fail():
            return refusal
        payload = body["metadata"]["event_payload"]
        ref = self._take(payload["key"], body["text"])
        self._history[body["channel"]].appendleft({"ts": ref, "metadata": body["metadata"]})
        return await self._reply(request, {"ok": True, "ts": ref})

    async def _slack_history(self, request: web.Request) -> web.StreamResponse:
        assert int(request.query["limit"]) <= 15
        self.counts["looked back"] += 1
        found = list(self._history[request.query["channel"]])[: int(request.query["limit"])]
        return web.json_response({"ok": True, "messages": found})

    def _limit(self, scope: str, per_s: int) -> web.Response | None:
        now = time.monotonic()
        recent = self._recent[scope]
        while recent and now - recent[0] >= 1.0:
            recent.popleft()
        if len(recent) >= per_s:
            self.counts["429"] += 1
            wait_s = 1.0 - (now - recent[0])
            return web.json_response({"retry_after": round(wait_s, 3)}, status=429)
        recent.append(now)
        return None

    async def _fail(self) -> web.Response | None:
        await asyncio.sleep(self.latency_s * self._random.uniform(0.5, 1.5))
        if self._random.random() < self.fail:
            self.counts["503"] += 1
            return web.Response(status=503)
        return None

    def _take(self, key: str, text: str) -> str:
        self.messages[key] += 1
        self.texts[key] = text
        self.last_at = time.monotonic()
        self.first_at = self.first_at or self.last_at
        return f"{self.messages.total()}.0"

    async def _reply(self, request: web.Request, answer: dict[str, Any]) -> web.StreamResponse:
        if self._random.random() < self.lose:
            self.counts["reply lost"] += 1
            if request.transport:
                request.transport.abort()
        return web.json_response(answer)
