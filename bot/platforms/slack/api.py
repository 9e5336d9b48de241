"""Calls to Slack: no hidden retries, errors as `bot.errors`, 429 obeyed within bounds."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.wire import FarClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

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
        trust_env=True,
        trace_configs=[far_clock.trace()],
    ) as session:
        yield session


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

    async def call(
        self, method: str, token: str, payload: Payload, *, tries: int = TRIES
    ) -> Mapping[str, Any]:
        """Call a method with JSON; wait and repeat only where Slack says that it did nothing.

        Raises:
            Refused: Slack refuses; `code` is its word for why.
            RateLimited: It asks for more patience than there is.
            Uncertain: The reply was lost.
        """

        async def once() -> Mapping[str, Any]:
            response = await self.client(token).api_call(method, json=dict(payload))
            data: Mapping[str, Any] = response.data  # type: ignore[assignment]
            return data

        return await self._patiently(once, tries, (token, method))

    async def read(self, method: str, token: str, query: Payload) -> Mapping[str, Any]:
        """Call a method that reads, once; most of these take no JSON.

        Raises:
            Refused: Slack refuses; `code` is its word for why.
            RateLimited: It asks for patience.
            Uncertain: The reply was lost.
        """

        async def once() -> Mapping[str, Any]:
            response = await self.client(token).api_call(method, data=dict(query))
            data: Mapping[str, Any] = response.data  # type: ignore[assignment]
            return data

        return await self._patiently(once, 1, (token, method))

    async def respond(self, response_url: str, payload: Payload) -> None:
        """Post to a response URL, which takes five posts within half an hour.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses

        Raises:
            Refused: Slack refuses, or the URL is used up.
            RateLimited: It asks for more patience than there is.
            Uncertain: The reply was lost.
        """

        async def once() -> Mapping[str, Any]:
            hook = AsyncWebhookClient(response_url, session=self._session, retry_handlers=[])
            answer = await hook.send_dict(dict(payload))
            _check_webhook(answer.status_code, answer.headers, answer.body)
            return {}

        await self._patiently(once, TRIES, None)

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
    """Errors of the SDK and of the connection as ours."""
    try:
        return await once()
    except SlackApiError as error:
        raise api_error(error) from None
    except aiohttp.ClientConnectorError as error:
        # Nothing was sent: there was no connection yet.
        raise RateLimited("unreachable", 1.0) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
        raise Uncertain(type(error).__name__) from error


def api_error(error: SlackApiError) -> Refused | RateLimited | Uncertain:
    """What Slack answered, as ours."""
    response: Any = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code == "ratelimited":  # noqa: PLR2004
        return RateLimited(code or "ratelimited", _retry_after_s(response.headers))
    if status >= 500 or code in _UNCERTAIN or not code:  # noqa: PLR2004
        return Uncertain(code or f"status_{status}", answered=status not in _GATEWAY)
    return Refused(code, str(data.get("needed") or "") if isinstance(data, dict) else "")


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
    if status == 429 or code == "ratelimited":  # noqa: PLR2004
        raise RateLimited("ratelimited", _retry_after_s(headers))
    if status >= 500 or code in _UNCERTAIN:  # noqa: PLR2004
        raise Uncertain(code or f"status_{status}")
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
