"""Slack and Discord at the wire, with chatter in the channels, that misbehave as they are told."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.schedules.subscription import Target, short_key
from tests.fakes.discord import FakeDiscord, running
from tests.fakes.slack import Posted, Refuse
from tests.fakes.slack_schedules import SchedulingSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.fakes.slack import Team

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"
DISCORD_PER_S = 50
CHANNELS = 10
_FIRST_CHANNEL = 5 * 10**17


@dataclass
class Faults:
    """What happens to posts, and to looks at what was posted."""

    latency_s: float = 0.02
    chatter: int = 20
    """So many newer messages come into a channel right after each post."""
    lose: float = 0.0
    """The share of posts that are taken and whose reply is lost."""
    lose_next: int = 0
    down_until: float = 0.0
    """503 until then, by the monotonic clock."""
    limited_until: float = 0.0
    """429 until then."""
    reply_late_s: float = 0.0
    """Posts are taken at once and answered so late."""
    store_late_s: float = 0.0
    """Posts are not answered, and stored so late."""
    blind: bool = False
    """Looks are refused: a scope, or the right to read the history, is missing."""
    on_accept: Callable[[int], Awaitable[None]] | None = None
    accepted: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    first_at: float = 0.0
    last_at: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._later: set[asyncio.Task[None]] = set()

    async def post(
        self,
        request: web.Request,
        take: Callable[[], Awaitable[web.StreamResponse]],
        limited: Callable[[float], web.Response],
    ) -> web.StreamResponse:
        await request.read()
        await asyncio.sleep(self.latency_s)
        now = time.monotonic()
        if now < self.down_until:
            self.counts["503"] += 1
            return web.Response(status=503, text="down")
        if now < self.limited_until:
            self.counts["429"] += 1
            return limited(self.limited_until - now)
        if self.store_late_s:
            self.counts["stored late"] += 1
            task = asyncio.create_task(self._store_later(take))
            self._later.add(task)
            await asyncio.sleep(self.store_late_s + 1)
            return web.Response(status=504)
        response = await take()
        if response.status == 200:
            await self._accepted(request)
        return response

    async def _store_later(self, take: Callable[[], Awaitable[web.StreamResponse]]) -> None:
        await asyncio.sleep(self.store_late_s)
        await take()

    async def _accepted(self, request: web.Request) -> None:
        self.accepted += 1
        self.last_at = time.monotonic()
        self.first_at = self.first_at or self.last_at
        if self.on_accept:
            await self.on_accept(self.accepted)
        if self.reply_late_s:
            await asyncio.sleep(self.reply_late_s)
        if self.lose_next > 0 or self._random.random() < self.lose:
            self.lose_next -= 1
            self.counts["reply lost"] += 1
            if request.transport:
                request.transport.abort()


class FaultySlack(SchedulingSlack):
    """One workspace with some channels."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._misbehaving = faults
        self.teams["T1"].members |= {f"C{n}": {"U1", "UBOT"} for n in range(CHANNELS)}

    async def _api(self, request: web.Request) -> web.StreamResponse:
        parent = super()._api
        if request.match_info["method"] != "chat.postMessage":
            return await parent(request)

        def limited(wait_s: float) -> web.Response:
            return web.json_response(
                {"ok": False, "error": "ratelimited"},
                status=429,
                headers={"Retry-After": str(int(wait_s) + 1)},
            )

        return await self._misbehaving.post(request, lambda: parent(request), limited)

    def _post_message(self, team: Team, params: dict[str, Any]) -> dict[str, Any]:
        answer = super()._post_message(team, params)
        for _ in range(self._misbehaving.chatter):
            said = Posted(team.id, answer["channel"], self.ts(), {"text": "hm"}, said_by="U1")
            self.posted.append(said)
        return answer

    def _history(self, team: Team, params: dict[str, Any]) -> dict[str, Any]:
        self._misbehaving.counts["looked back"] += 1
        if self._misbehaving.blind:
            raise Refuse("missing_scope")
        return super()._history(team, params)


class FaultyDiscord(FakeDiscord):
    """Refuses more than 50 posts in any second."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(TOKEN)
        self._misbehaving = faults
        self._recent: deque[float] = deque()

    async def post_message(self, request: web.Request) -> web.Response:
        parent = super().post_message

        async def take() -> web.StreamResponse:
            now = time.monotonic()
            while self._recent and now - self._recent[0] >= 1.0:
                self._recent.popleft()
            if len(self._recent) >= DISCORD_PER_S:
                self._misbehaving.counts["429"] += 1
                return _limited(1.0 - (now - self._recent[0]))
            self._recent.append(now)
            before = len(self.posts)
            response = await parent(request)
            if len(self.posts) > before:
                for _ in range(self._misbehaving.chatter):
                    channel = request.match_info["channel"]
                    self.posts.append(self.message("hm", channel_id=channel))
            else:
                self._misbehaving.counts["nonce seen again"] += 1
            return response

        response = await self._misbehaving.post(request, take, _limited)
        assert isinstance(response, web.Response)
        return response

    async def get_messages(self, request: web.Request) -> web.Response:
        self._misbehaving.counts["looked back"] += 1
        if self._misbehaving.blind:
            return web.json_response({"code": 50001, "message": "Missing Access"}, status=403)
        return await super().get_messages(request)


def _limited(wait_s: float) -> web.Response:
    """https://docs.discord.com/developers/topics/rate-limits."""
    return web.json_response(
        {"message": "You are being rate limited.", "retry_after": wait_s, "global": False},
        status=429,
        headers={"Retry-After": f"{wait_s:.3f}", "Via": "1.1 fake"},
    )


@dataclass
class Platforms:
    """Both, and what they have taken."""

    slack: FaultySlack
    discord: FaultyDiscord
    faults: Faults

    def target(self, index: int, platforms: tuple[str, ...]) -> Target:
        """Where the schedule of this number goes: several share a channel."""
        channel = index // len(platforms) % CHANNELS
        if platforms[index % len(platforms)] == "slack":
            return Target("slack", f"W{channel % 3}", f"C{channel}")
        return Target("discord", "G1", str(_FIRST_CHANNEL + channel))

    def taken(self) -> Counter[str]:
        """How often each delivery was posted, by `mark`."""
        found: Counter[str] = Counter()
        for posted in self.slack.posted:
            if metadata := posted.payload.get("metadata"):
                found[metadata["event_payload"]["key"]] += 1
        for message in self.discord.posts:
            if nonce := message.get("nonce"):
                found[str(nonce)] += 1
        return found


def mark(platform: str, key: str) -> str:
    """What a platform knows a delivery of one message by."""
    return f"{key}/0.0" if platform == "slack" else short_key(f"{key}/0")


@asynccontextmanager
async def both(faults: Faults) -> AsyncIterator[Platforms]:
    """Both fakes, listening on loopback."""
    slack, discord = FaultySlack(faults), FaultyDiscord(faults)
    async with slack, running(TOKEN, made=discord):
        yield Platforms(slack, discord, faults)
