"""Small clients of the fake platform, with each platform's own means against doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from bot.errors import RateLimited, Uncertain
from bot.platforms.plain import render_text
from bot.schedules.subscription import short_key
from bot.schedules.texts import plain

if TYPE_CHECKING:
    from bot.schedules.notices import Notice
    from bot.schedules.subscription import Target
    from bot.service.assistant import Reply


class HttpPoster:
    """Implements `schedule_ports.Poster` for both platforms."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def post(self, target: Target, reply: Reply, key: str, *, maybe_posted: bool) -> str:
        text = render_text(reply.answer)
        try:
            if target.platform == "discord":
                return await self._discord(target, text, key)
            if maybe_posted and (found := await self._find(target, key)):
                return found
            return await self._slack(target, text, key)
        except aiohttp.ClientError as error:
            raise Uncertain(type(error).__name__) from error

    async def tell(self, target: Target, notice: Notice, key: str, *, maybe_posted: bool) -> str:
        text = "\n".join(map(plain, notice.lines))
        try:
            if target.platform == "discord":
                return await self._discord(target, text, key)
            if maybe_posted and (found := await self._find(target, key)):
                return found
            return await self._slack(target, text, key)
        except aiohttp.ClientError as error:
            raise Uncertain(type(error).__name__) from error

    async def _discord(self, target: Target, text: str, key: str) -> str:
        body = {"nonce": short_key(key), "enforce_nonce": True, "content": text, "key": key}
        url = f"{self._url}/discord/channels/{target.channel}/messages"
        async with self._session.post(url, json=body) as response:
            return str((await _answer(response))["id"])

    async def _slack(self, target: Target, text: str, key: str) -> str:
        metadata = {"event_type": "aibrief_briefing", "event_payload": {"key": key}}
        body = {"channel": target.channel, "text": text, "metadata": metadata}
        async with self._session.post(
            f"{self._url}/slack/chat.postMessage", json=body
        ) as response:
            return str((await _answer(response))["ts"])

    async def _find(self, target: Target, key: str) -> str | None:
        url = f"{self._url}/slack/conversations.history"
        query = {"channel": target.channel, "limit": "15"}
        async with self._session.get(url, params=query) as response:
            for message in (await _answer(response))["messages"]:
                if message["metadata"]["event_payload"]["key"] == key:
                    return str(message["ts"])
        return None


async def _answer(response: aiohttp.ClientResponse) -> Any:
    if response.status == 429:
        raise RateLimited("429", (await response.json())["retry_after"])
    if response.status >= 500:
        raise Uncertain(str(response.status))
    return await response.json()
