"""Slack as a part of the running bot: by Socket Mode, or by HTTP on the web server."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.errors import AibriefError
from bot.platforms.slack_app.api import SlackApi, open_session
from bot.platforms.slack_app.app import build_app
from bot.platforms.slack_app.bot import Parts, SlackBot
from bot.platforms.slack_app.dispatch import Dispatcher
from bot.platforms.slack_app.http import Guard, Rejected, bolt_request, read_body, web_response
from bot.platforms.slack_app.inflight import InFlight
from bot.platforms.slack_app.installations import (
    EncryptedInstallationStore,
    InstalledWorkspaces,
    parse_keys,
)
from bot.platforms.slack_app.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.platforms.slack_app.oauth import build_oauth_flow
from bot.platforms.slack_app.workspaces import OneWorkspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
    from slack_bolt.response import BoltResponse
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.platforms.slack_app.workspaces import Workspaces
    from bot.service.assistant import Assistant
    from bot.service.ports import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OAuthConfig:
    """What installing in many workspaces needs."""

    client_id: str
    client_secret: str
    encryption_keys: str


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """Slack's settings: a bot token or OAuth, and an app token or a signing secret."""

    api_url: str
    bot_token: str | None = None
    app_token: str | None = None
    signing_secret: str | None = None
    oauth: OAuthConfig | None = None
    curators: frozenset[str] = frozenset()
    ping_interval_s: float = 5.0
    reconnect_within_s: float = 30.0
    """A socket that stays closed so long is given up, and everything is begun anew."""

    def __repr__(self) -> str:
        """Without the tokens."""
        return "SlackConfig(...)"


@dataclass(frozen=True, slots=True)
class Services:
    """What of the rest of the bot Slack uses."""

    assistant: Assistant
    store: Store
    engine: AsyncEngine
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists while connected."""

    api: SlackApi
    dispatcher: Dispatcher
    workspaces: Workspaces
    flow: AsyncOAuthFlow | None


class SlackComponent:
    """A `ports.Component`; its `routes` are mounted on the web server."""

    name = "slack"

    def __init__(self, config: SlackConfig, services: Services) -> None:
        self._config = config
        self._services = services
        self._guard = (
            Guard(config.signing_secret, services.clock) if config.signing_secret else None
        )
        self._keys = parse_keys(config.oauth.encryption_keys) if config.oauth else None
        self._in_flight = InFlight()
        self._running: _Running | None = None
        self._socket: SocketModeClient | None = None

    @property
    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """What Slack calls: events in HTTP mode, the pages of OAuth."""
        routes = [] if self._config.app_token else [web.post(EVENTS_PATH, self._on_request)]
        if self._config.oauth:
            routes += [
                web.get(INSTALL_PATH, self._on_install),
                web.get(REDIRECT_PATH, self._on_redirect),
            ]
        return routes

    async def run(self) -> None:
        """Connect and serve until cancelled.

        Raises:
            AibriefError: A token is refused, or the socket stays closed.
        """
        async with self._open() as running:
            if self._config.bot_token:
                await running.workspaces.find(None)
            if self._config.app_token:
                await self._serve_socket(running, self._config.app_token)
            else:
                self._running = running
                log.info("slack.listening", mode="http")
                await asyncio.Event().wait()

    def ready(self) -> bool:
        """Whether requests can arrive: the socket is open, or the routes are served."""
        if self._running is None or self._in_flight.closed:
            return False
        if self._config.app_token is None:
            return True
        socket = self._socket
        return (
            socket is not None
            and not socket.closed
            and not socket.stale
            and socket.current_session is not None
            and not socket.current_session.closed
        )

    async def drain(self) -> None:
        """Take nothing new and finish what has begun; Slack gives the rest to others."""
        self._in_flight.closed = True
        if self._socket is not None:
            await _close(self._socket)
        await self._in_flight.drain()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[_Running]:
        async with open_session() as session:
            try:
                yield self._build(SlackApi(session, self._config.api_url))
            finally:
                self._running = None
                await self._in_flight.cancel()

    def _build(self, api: SlackApi) -> _Running:
        services, config = self._services, self._config
        workspaces: Workspaces
        flow: AsyncOAuthFlow | None = None
        if config.oauth and self._keys:
            installations = EncryptedInstallationStore(
                services.engine, config.oauth.client_id, self._keys
            )
            rotator = AsyncTokenRotator(
                client_id=config.oauth.client_id,
                client_secret=config.oauth.client_secret,
                client=api.client(),
            )
            workspaces = InstalledWorkspaces(installations, rotator, services.clock)
            flow = build_oauth_flow(
                api.client(),
                installations,
                services.engine,
                config.oauth.client_id,
                config.oauth.client_secret,
            )
        else:
            workspaces = OneWorkspace(api, config.bot_token or "")
        bot = SlackBot(
            Parts(
                services.assistant,
                services.store,
                api,
                workspaces,
                services.clock,
                config.curators,
            )
        )
        app = build_app(bot, api, workspaces, self._in_flight, flow)
        return _Running(api, Dispatcher(app, self._in_flight), workspaces, flow)

    async def _serve_socket(self, running: _Running, app_token: str) -> None:
        """Keep a socket open; Slack asks to renew it every few hours.

        Raises:
            AibriefError: It stays closed.
        """
        # Asked once by ourselves: the SDK would repeat for ever what a wrong token refuses.
        opened = await running.api.call("apps.connections.open", app_token, {})
        socket = SocketModeClient(
            app_token=app_token,
            web_client=running.api.client(),
            ping_interval=self._config.ping_interval_s,
        )

        async def on_request(
            client: AsyncBaseSocketModeClient, request: SocketModeRequest
        ) -> None:
            bolt = AsyncBoltRequest(
                mode="socket_mode", body=request.payload, headers=build_headers(request)
            )
            response = await running.dispatcher.dispatch(bolt)
            await send_async_response(client, request, response, time.time())

        socket.socket_mode_request_listeners.append(on_request)
        socket.wss_uri = str(opened["url"])
        self._socket = socket
        try:
            connecting = asyncio.create_task(socket.connect())
            self._running = running
            await self._watch(socket)
            await connecting
        finally:
            self._socket = None
            connecting.cancel()
            await _close(socket)

    async def _watch(self, socket: SocketModeClient) -> None:
        """Return never; the SDK reconnects by itself, but not from every trouble.

        Raises:
            AibriefError: The socket has been closed for too long.
        """
        loop = asyncio.get_running_loop()
        last = loop.time()
        connected = False
        while True:
            if self._in_flight.closed or self.ready():
                last = loop.time()
                if not connected:
                    connected = True
                    log.info("slack.listening", mode="socket")
            elif loop.time() - last > self._config.reconnect_within_s:
                raise AibriefError("The Socket Mode connection was lost and did not come back.")
            await asyncio.sleep(min(1.0, self._config.reconnect_within_s / 4))

    async def _on_request(self, request: web.Request) -> web.Response:
        """`POST /slack/events`."""
        running = self._running
        if running is None or self._in_flight.closed:
            return web.Response(status=503, headers={"Retry-After": "5"})
        if self._guard is None:
            return web.Response(status=503, text="SLACK_SIGNING_SECRET is not set")
        try:
            body = self._guard.check(await read_body(request), request)
        except Rejected as error:
            log.warning("slack.rejected", status=error.status, reason=error.reason)
            return web.Response(status=error.status, text=error.reason)
        return web_response(await running.dispatcher.dispatch(await bolt_request(request, body)))

    async def _on_install(self, request: web.Request) -> web.Response:
        """The page with Slack's button."""
        return await self._oauth(request, lambda flow: flow.handle_installation)

    async def _on_redirect(self, request: web.Request) -> web.Response:
        """Where Slack sends the person back to."""
        return await self._oauth(request, lambda flow: flow.handle_callback)

    async def _oauth(
        self,
        request: web.Request,
        step: Callable[[AsyncOAuthFlow], Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]],
    ) -> web.Response:
        running = self._running
        if running is None or running.flow is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            with self._in_flight.working():
                return web_response(await step(running.flow)(await bolt_request(request)))
        except Exception:
            log.exception("slack.install_failed")
            return web.Response(status=500, text="The installation failed. Please try again.")


async def _close(socket: SocketModeClient) -> None:
    """Close it and wait for its tasks, which the SDK only cancels."""
    if socket.closed:
        return
    tasks = [
        task
        for task in (
            socket.message_processor,
            socket.current_session_monitor,
            socket.message_receiver,
        )
        if task is not None
    ]
    await socket.close()
    await asyncio.gather(*tasks, return_exceptions=True)
