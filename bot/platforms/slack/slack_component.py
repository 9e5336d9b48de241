"""Slack as a part of the running bot: by Socket Mode, or by HTTP on the web server.

Over HTTP nothing parses a body before its size, signature and form are checked.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.errors import Refused, SettingsError
from bot.platforms.slack.api import DEAD_TOKEN, open_api
from bot.platforms.slack.bot import SlackBot
from bot.platforms.slack.installations import build_workspaces, parse_keys
from bot.platforms.slack.manifest import (
    EVENTS_PATH,
    INSTALL_PATH,
    REDIRECT_PATH,
    SlackConfig,
    fix_of,
)
from bot.platforms.slack.receiving import Dispatcher, InFlight, SocketMode
from bot.platforms.slack.slack_app import Listeners, build_app
from bot.platforms.slack.slack_sending import SlackPoster

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
    from slack_bolt.response import BoltResponse

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.installations import Workspaces
    from bot.platforms.slack.receiving import Intervals

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 1_000_000
"""Far above what Slack sends; a message with 50 full blocks is about 160 kB."""
MAX_AGE_S = 300
"""https://docs.slack.dev/authentication/verifying-requests-from-slack"""
_SSL_CHECK = re.compile(rb"(?:[^=&]+=[^&]*&)*ssl_check=1(?:&[^=&]+=[^&]*)*")
_SSL_CHECK_BYTES = 500


@dataclass(frozen=True, slots=True)
class Connected:
    """What exists while connected."""

    api: SlackApi
    dispatcher: Dispatcher
    workspaces: Workspaces
    flow: AsyncOAuthFlow | None


class SlackComponent:
    """A `ports.Component`; its `routes` are mounted on the web server."""

    name = "slack"

    def __init__(
        self,
        config: SlackConfig,
        world: PlatformContext,
        intervals: Intervals | None = None,
    ) -> None:
        if config.oauth:
            parse_keys(config.oauth.encryption_keys)
        self._config = config
        self._world = world
        self._intervals = intervals
        secret = config.signing_secret
        self._guard = SignatureVerifier(secret, world.clock) if secret else None
        self._in_flight = InFlight()
        self._connected: Connected | None = None
        self._socket: SocketMode | None = None
        self.poster = SlackPoster(lambda: self._connected)

    @property
    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """What Slack calls: events in HTTP mode, the pages of OAuth."""
        routes = [] if self._config.app_token else [web.post(EVENTS_PATH, self._on_request)]
        if self._config.oauth:
            routes += [
                web.get(INSTALL_PATH, partial(self._visit, lambda flow: flow.handle_installation)),
                web.get(REDIRECT_PATH, partial(self._visit, lambda flow: flow.handle_callback)),
            ]
        return routes

    async def run(self) -> None:
        """Connect and serve until cancelled.

        Raises:
            SettingsError: Slack does not know a token.
            Refused: It refuses something else.
            DeliveryError: It cannot be reached; see `SocketMode.serve`.
        """
        async with open_api(self._config.api_url) as api:
            config, world, in_flight = self._config, self._world, self._in_flight
            workspaces, flow = build_workspaces(config, world, api)
            bot = SlackBot(world, workspaces, in_flight, config.curators)
            to = Listeners(bot, world, api, in_flight, strangers_too=config.strangers_too)
            app = build_app(to, api, workspaces, flow)
            connected = Connected(api, Dispatcher(app, in_flight), workspaces, flow)
            try:
                if config.bot_token:
                    await connected.workspaces.find(None)
                self._connected = connected
                if config.app_token is None:
                    log.info("slack.listening", mode="http")
                    await asyncio.Event().wait()
                else:
                    self._socket = SocketMode(
                        api, config.app_token, connected.dispatcher, self._intervals
                    )
                    await self._socket.serve()
            except Refused as error:
                # A wrong token stays wrong however often it is tried.
                if error.code in DEAD_TOKEN:
                    raise SettingsError(
                        f"Slack says {error.code}: {fix_of(error.code)}"
                    ) from error
                raise
            finally:
                self._connected = self._socket = None
                await self._in_flight.cancel()

    def ready(self) -> bool:
        """Whether requests can arrive: the socket is open, or the routes are served."""
        if self._connected is None or self._in_flight.closed:
            return False
        return self._config.app_token is None or (
            self._socket is not None and self._socket.connected
        )

    async def prune(self, *, now: datetime) -> None:
        """Remove what is left of old installations."""
        del now
        if self._connected is not None:
            await self._connected.workspaces.prune()

    async def drain(self) -> None:
        """Take nothing new and finish what has begun; Slack gives the rest to others."""
        self._in_flight.closed = True
        if self._socket is not None:
            await self._socket.drain()
        await self._in_flight.idle()

    async def _on_request(self, request: web.Request) -> web.Response:
        connected = self._connected
        if connected is None or self._guard is None or self._in_flight.closed:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            given = await read_body(request)
            if is_ssl_check(given, request.headers):
                return web.Response()
            body = self._guard.check(given, request.headers)
        except Rejected as error:
            log.warning("slack.rejected", status=error.status, reason=error.reason)
            return web.Response(status=error.status, text=error.reason)
        retry = {k: v for k, v in request.headers.items() if k.lower().startswith("x-slack-retry")}
        async with connected.dispatcher.dispatch(body, retry) as response:
            answer = await to_aiohttp_response(response)
            await answer.prepare(request)
            await answer.write_eof()
        return answer

    async def _visit(
        self,
        step: Callable[[AsyncOAuthFlow], Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]],
        request: web.Request,
    ) -> web.Response:
        """The page with Slack's button, or where Slack sends the person back to."""
        connected = self._connected
        if connected is None or connected.flow is None or self._in_flight.closed:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            with self._in_flight.working():
                headers = {name: request.headers.getall(name) for name in request.headers}
                visit = AsyncBoltRequest(body="", query=request.query_string, headers=headers)  # type: ignore[arg-type] # str or list
                return await to_aiohttp_response(await step(connected.flow)(visit))
        except Exception:
            log.exception("slack.install_failed")
            return web.Response(status=500, text="The installation failed. Please try again.")


class Rejected(Exception):
    """A request that is not passed on, and the HTTP status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_body(request: web.Request) -> bytes:
    """The body, at most `MAX_BODY_BYTES`.

    Raises:
        Rejected: It is larger.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise Rejected(413, "too large")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Rejected(413, "too large")
    return bytes(body)


class SignatureVerifier:
    """Checks signatures: "v0:timestamp:body" by HMAC-SHA256, at most five minutes old."""

    def __init__(self, signing_secret: str, clock: Callable[[], datetime]) -> None:
        self._secret = signing_secret.encode()
        self._clock = clock

    def check(self, body: bytes, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """What a body says, once it is known to be Slack's and well-formed.

        Raises:
            Rejected: 401 for a bad or old signature, 400 for a malformed body.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        timestamp = lower.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):  # noqa: PLR2004
            raise Rejected(401, "no valid timestamp")
        if abs(self._clock().timestamp() - int(timestamp)) > MAX_AGE_S:
            raise Rejected(401, "too old")
        # Over the bytes: the SDK's verifier decodes them first, and fails on what is no text.
        signed = b":".join((b"v0", timestamp.encode(), body))
        expected = f"v0={hmac.new(self._secret, signed, hashlib.sha256).hexdigest()}"
        signature = lower.get("x-slack-signature", "").encode(errors="replace")
        if not hmac.compare_digest(expected.encode(), signature):
            raise Rejected(401, "bad signature")
        kind = lower.get("content-type", "").partition(";")[0].strip().lower()
        return check_form(body, kind)


def check_form(body: bytes, content_type: str) -> Mapping[str, Any]:
    """What a body says, if it is the JSON object or the form that Slack sends.

    Raises:
        Rejected: 400: it is neither.
    """
    try:
        text = body.decode("utf-8")
        if content_type == "application/json":
            parsed = json.loads(text)
        elif content_type == "application/x-www-form-urlencoded":
            fields = parse_qsl(text, max_num_fields=1000)
            form = dict(reversed(fields))
            parsed = json.loads(form["payload"]) if "payload" in form else form
        else:
            raise Rejected(400, "unexpected content type")
    except (ValueError, RecursionError):
        raise Rejected(400, "malformed body") from None
    if not isinstance(parsed, dict) or not parsed:
        raise Rejected(400, "not an object")
    if not _is_shaped(parsed):
        raise Rejected(400, "not an event")
    return parsed


def _is_shaped(body: Mapping[str, Any]) -> bool:
    """Whether what it says to be has the parts that Bolt reads without looking."""
    match body:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "actions": [*actions]}:
            return bool(actions) and all(isinstance(action, dict) for action in actions)
        case {"type": "event_callback" | "block_actions"}:
            return False
    return True


def is_ssl_check(body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack only looks at the certificate, which it does without a signature.

    Nobody learns or causes anything by the empty answer to it.
    https://docs.slack.dev/interactivity/implementing-slash-commands#validating-the-command
    """
    signed = any(name.lower() == "x-slack-signature" for name in headers)
    return not signed and len(body) <= _SSL_CHECK_BYTES and bool(_SSL_CHECK.fullmatch(body))
