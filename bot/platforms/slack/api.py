"""Calls to Slack: no hidden retries, errors as `bot.errors`, 429 obeyed within bounds.

Over aiohttp alone: slack_sdk builds a client for each token and request, repeats a response URL by
itself, and takes a proxy from the environment without its exceptions.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.base import dump_json
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.wire import FarClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from slack_sdk.errors import SlackApiError

    Payload: TypeAlias = Mapping[str, Any]

TIMEOUT_S = 10.0
PATIENCE_S = 30.0
"""The longest wait that a 429 may ask for before it is given up."""
TRIES = 3
_TICK_S = 0.001
"""A sleep may end so much too early."""

_UNCERTAIN = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "timeout"}
)
"""Slack's own failures: what was asked may have happened.
https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

_LIMITS = frozenset({"ratelimited", "rate_limited"})
_LATER_S = {"external_channel_migrating": 60.0, "team_added_to_org": 60.0}
"""Nothing was done, and it passes by itself; so long we wait, for Slack does not say.
https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

_GATEWAY = frozenset({502, 504})
"""These come from something between us and Slack, which may still be at it."""

DEAD_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""https://docs.slack.dev/reference/methods/auth.test#errors"""


@asynccontextmanager
async def open_api(base_url: str) -> AsyncIterator[SlackApi]:
    """Slack over connections that all calls share."""
    far_clock = FarClock()
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        trace_configs=[far_clock.trace()],
        json_serialize=dump_json,
    ) as session:
        yield SlackApi(session, base_url, far_clock)


@lru_cache(maxsize=256)
def proxy_for(scheme: str, host: str) -> str | None:
    """The environment's proxy for a host, None where it is reached directly.

    aiohttp's `trust_env` asks for it anew for every request, in a thread of its own.
    """
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return proxy_for(scheme, parts.hostname or "")


class SlackApi:
    """Slack's Web API and response URLs over one session.

    Every call raises `Refused` with Slack's word for why, `RateLimited` where Slack asks for more
    patience than there is, `Uncertain` where the reply was lost.
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str, far_clock: FarClock) -> None:
        self._session = session
        self._base_url = base_url
        self.far_clock = far_clock
        """Slack's time, which the session tells."""
        self._closed_until_s: dict[tuple[str, str], float] = {}
        """Token and method that Slack limits -> until when, by the loop's clock."""

    def client(self) -> AsyncWebClient:
        """A client of the SDK with its hidden retries off."""
        return AsyncWebClient(
            base_url=self._base_url,
            session=self._session,
            timeout=int(TIMEOUT_S),
            retry_handlers=[],
        )

    async def connect(self, url: str, ping_s: float) -> aiohttp.ClientWebSocketResponse:
        """An open socket, which closes itself where a ping is not answered.

        Raises:
            ClientError: There is no connection.
        """
        return await self._session.ws_connect(url, heartbeat=ping_s, proxy=_proxy(url))

    async def call(
        self, method: str, token: str, payload: Payload, *, tries: int = TRIES
    ) -> Mapping[str, Any]:
        """Call a method with JSON; wait and repeat only where Slack says that it did nothing."""
        return await self._ask(f"{self._base_url}{method}", (token, method), tries, json=payload)

    async def read(self, method: str, token: str, query: Payload) -> Mapping[str, Any]:
        """Call a method that reads, once; most of these take no JSON."""
        return await self._ask(f"{self._base_url}{method}", (token, method), 1, data=query)

    async def respond(self, response_url: str, payload: Payload) -> None:
        """Post to a response URL, which takes five posts within half an hour.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        await self._ask(response_url, None, TRIES, json=payload)

    async def _ask(
        self, url: str, limited: tuple[str, str] | None, tries: int, **body: Any
    ) -> Mapping[str, Any]:
        """Slack limits a method for a workspace, so who calls it next waits as well."""
        now_s = asyncio.get_running_loop().time
        for attempt in range(1, tries + 1):
            try:
                self._check_open(limited, now_s())
                return await self._once(url, limited, body)
            except RateLimited as error:
                self._close(limited, error, now_s())
                if attempt == tries or error.retry_after_s > PATIENCE_S:
                    raise
                await asyncio.sleep(error.retry_after_s)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _once(
        self, url: str, limited: tuple[str, str] | None, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {limited[0]}"} if limited else {}
        sent = self._session.post(url, headers=headers, proxy=_proxy(url), **body)
        try:
            async with sent as answer:
                text = await answer.text()
                said = parse_object(text) if limited else _of_webhook(answer.status, text)
                if answer.status == HTTPStatus.OK and said.get("ok") is True:
                    return {**said, SCOPES: answer.headers.get(SCOPES, "")}
                raise call_error(answer.status, answer.headers, said)
        except aiohttp.ClientConnectorError as error:
            # Nothing was sent: there was no connection yet.
            raise RateLimited("unreachable", 1.0) from error
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
            raise Uncertain(type(error).__name__) from error

    def _check_open(self, limited: tuple[str, str] | None, now_s: float) -> None:
        wait_s = self._closed_until_s.get(limited, now_s) - now_s if limited else 0.0
        if wait_s > _TICK_S:
            raise RateLimited("ratelimited", wait_s)

    def _close(self, limited: tuple[str, str] | None, error: RateLimited, now_s: float) -> None:
        if limited and error.code == "ratelimited":
            closed = self._closed_until_s.items()
            self._closed_until_s = {key: until_s for key, until_s in closed if until_s > now_s}
            self._closed_until_s[limited] = now_s + error.retry_after_s


def api_error(error: SlackApiError) -> Refused | RateLimited | Uncertain:
    """What Slack answered to a call of the SDK, as ours."""
    response: Any = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
    data = getattr(response, "data", None)
    return call_error(status, response.headers, data if isinstance(data, dict) else {})


def call_error(
    status: int, headers: Mapping[str, Any], said: Mapping[str, Any]
) -> Refused | RateLimited | Uncertain:
    """What an answer other than "ok" means."""
    code = str(said.get("error") or "")
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _LIMITS:
        return RateLimited("ratelimited", _retry_after_s(headers))
    if code in _LATER_S:
        return RateLimited(code, _LATER_S[code])
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in _UNCERTAIN or not code:
        return Uncertain(code or f"status_{status}", answered=status not in _GATEWAY)
    return Refused(code, str(said.get("needed") or ""))


def parse_object(body: str) -> Mapping[str, Any]:
    """The JSON object that Slack has sent; nothing where it is none."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _of_webhook(status: int, body: str) -> Mapping[str, Any]:
    """What a response URL answers, as a method would.

    It answers in plain words or, like the Web API, with `{"ok": false, "error": ...}`, the
    latter also with status 200.
    """
    said = parse_object(body)
    if said.get("ok") is False:
        return {"error": str(said.get("error") or "unknown_error")}
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return {"error": body.strip()[:60] or f"status_{status}"} if refused else {"ok": True}


def _retry_after_s(headers: Mapping[str, Any]) -> float:
    """Seconds of `Retry-After`, in any capitals; 1 where it is missing or no number."""
    given = next((v for k, v in headers.items() if k.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(given))
    except (TypeError, ValueError):
        return 1.0
