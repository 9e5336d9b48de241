"""Calls to Slack: no hidden retries, errors as `bot.errors`, 429 obeyed within bounds.

Over aiohttp alone: slack_sdk builds a client for each token and request, repeats a response URL by
itself, and takes a proxy from the environment without its exceptions.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.base import dump_json
from bot.platforms.wire import FarClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

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
async def open_session(far_clock: FarClock) -> AsyncIterator[aiohttp.ClientSession]:
    """The connections that all calls share."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        trace_configs=[far_clock.trace()],
        json_serialize=dump_json,
    ) as session:
        yield session


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
    """Slack's Web API and response URLs over one session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        far_clock: FarClock | None = None,
    ) -> None:
        self._session = session
        self.far_clock = far_clock or FarClock()
        """Slack's time, where the session tells it."""
        self._base_url = base_url
        self._sleep = sleep
        self._closed_until_s: dict[tuple[str, str], float] = {}
        """Token and method that Slack limits -> until when, by the loop's clock."""

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client of the SDK with its hidden retries off."""
        return AsyncWebClient(
            token=token,
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
        """Call a method with JSON; wait and repeat only where Slack says that it did nothing.

        Raises:
            Refused: Slack refuses; `code` is its word for why.
            RateLimited: It asks for more patience than there is.
            Uncertain: The reply was lost.
        """
        url, headers = self._address(method, token)
        return await self._patiently(
            lambda: self._post(url, headers=headers, json=payload), tries, (token, method)
        )

    async def read(self, method: str, token: str, query: Payload) -> Mapping[str, Any]:
        """Call a method that reads, once; most of these take no JSON.

        Raises:
            Refused: Slack refuses; `code` is its word for why.
            RateLimited: It asks for patience.
            Uncertain: The reply was lost.
        """
        url, headers = self._address(method, token)
        return await self._patiently(
            lambda: self._post(url, headers=headers, data=query), 1, (token, method)
        )

    async def respond(self, response_url: str, payload: Payload) -> None:
        """Post to a response URL, which takes five posts within half an hour.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses

        Raises:
            Refused: Slack refuses, or the URL is used up.
            RateLimited: It asks for more patience than there is.
            Uncertain: The reply was lost.
        """

        async def once() -> Mapping[str, Any]:
            proxy = _proxy(response_url)
            async with self._session.post(response_url, json=payload, proxy=proxy) as answer:
                _check_webhook(answer.status, answer.headers, await answer.text())
            return {}

        await self._patiently(once, TRIES, None)

    def _address(self, method: str, token: str) -> tuple[str, Mapping[str, str]]:
        return f"{self._base_url}{method}", {"Authorization": f"Bearer {token}"}

    async def _post(self, url: str, **request: Any) -> Mapping[str, Any]:
        """What a method answers; an error of ours where that is not "ok"."""
        async with self._session.post(url, proxy=_proxy(url), **request) as answer:
            said = _parse_answer(await answer.text())
            if answer.status == 200 and said.get("ok") is True:  # noqa: PLR2004
                return said
            error = call_error(answer.status, answer.headers, said)
            raise error

    async def _patiently(
        self,
        once: Callable[[], Awaitable[Mapping[str, Any]]],
        tries: int,
        limited: tuple[str, str] | None,
    ) -> Mapping[str, Any]:
        """Slack limits a method for a workspace, so who calls it next waits as well."""
        now_s = asyncio.get_running_loop().time
        for attempt in range(1, tries + 1):
            try:
                self._check_open(limited, now_s())
                return await _translated(once)
            except RateLimited as error:
                self._close(limited, error, now_s())
                if attempt == tries or error.retry_after_s > PATIENCE_S:
                    raise
                await self._sleep(error.retry_after_s)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _check_open(self, limited: tuple[str, str] | None, now_s: float) -> None:
        wait_s = self._closed_until_s.get(limited, now_s) - now_s if limited else 0.0
        if wait_s > _TICK_S:
            raise RateLimited("ratelimited", wait_s)

    def _close(self, limited: tuple[str, str] | None, error: RateLimited, now_s: float) -> None:
        """Remember a limit, and forget those that are over."""
        if limited and error.code == "ratelimited":
            over = [key for key, until_s in self._closed_until_s.items() if until_s <= now_s]
            for key in over:
                del self._closed_until_s[key]
            self._closed_until_s[limited] = now_s + error.retry_after_s


async def _translated(once: Callable[[], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """Errors of the connection as ours."""
    try:
        return await once()
    except aiohttp.ClientConnectorError as error:
        # Nothing was sent: there was no connection yet.
        raise RateLimited("unreachable", 1.0) from error
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
        raise Uncertain(type(error).__name__) from error


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
    if status == 429 or code in _LIMITS:  # noqa: PLR2004
        return RateLimited("ratelimited", _retry_after_s(headers))
    if code in _LATER_S:
        return RateLimited(code, _LATER_S[code])
    if status >= 500 or code in _UNCERTAIN or not code:  # noqa: PLR2004
        return Uncertain(code or f"status_{status}", answered=status not in _GATEWAY)
    return Refused(code, str(said.get("needed") or ""))


def _parse_answer(body: str) -> Mapping[str, Any]:
    """The JSON object of an answer; nothing where it is none."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _check_webhook(status: int, headers: Mapping[str, Any], body: str) -> None:
    """Raise for every answer but a 200 that says nothing else.

    Response URLs answer in plain words or, like the Web API, with `{"ok": false, "error": ...}`,
    the latter also with status 200.

    Raises:
        Refused: 4xx, or an error in the body.
        RateLimited: 429, or the body says so.
        Uncertain: Anything else.
    """
    code = _webhook_error(body)
    if status == 200 and code is None:  # noqa: PLR2004
        return
    if status == 429 or code in _LIMITS:  # noqa: PLR2004
        raise RateLimited("ratelimited", _retry_after_s(headers))
    if status >= 500 or code in _UNCERTAIN:  # noqa: PLR2004
        raise Uncertain(code or f"status_{status}", answered=status not in _GATEWAY)
    if code is not None or 400 <= status < 500:  # noqa: PLR2004
        raise Refused(code or body.strip()[:60] or f"status_{status}")
    raise Uncertain(f"status_{status}")


def _webhook_error(body: str) -> str | None:
    """The error that a JSON body names; None where it names none or is no JSON."""
    try:
        said = json.loads(body) if body.lstrip().startswith("{") else {}
    except ValueError:
        return None
    return str(said.get("error") or "unknown_error") if said.get("ok") is False else None


def _retry_after_s(headers: Mapping[str, Any]) -> float:
    """Seconds of `Retry-After`, in any capitals; 1 where it is missing or no number."""
    given = next((v for k, v in headers.items() if k.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(given))
    except (TypeError, ValueError):
        return 1.0
