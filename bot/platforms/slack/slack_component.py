"""Slack as a part of the running bot: by Socket Mode, or by HTTP on the web server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.errors import Refused, SettingsError
from bot.platforms.slack.api import DEAD_TOKEN, SlackApi, open_session
from bot.platforms.slack.bot import SlackBot, SlackParts
from bot.platforms.slack.checks import fix_of
from bot.platforms.slack.dispatch import Dispatcher, InFlight
from bot.platforms.slack.http import (
    Rejected,
    SignatureVerifier,
    is_ssl_check,
    page_request,
    read_body,
    retry_headers,
)
from bot.platforms.slack.installations import (
    EncryptedInstallationStore,
    InstalledWorkspaces,
    OneWorkspace,
    parse_keys,
)
from bot.platforms.slack.manifest import (
    EVENTS_PATH,
    INSTALL_PATH,
    REDIRECT_PATH,
    SlackConfig,
    needed_scopes,
)
from bot.platforms.slack.oauth import SignedStates, build_oauth_flow
from bot.platforms.slack.slack_app import build_app
from bot.platforms.slack.slack_poster import SlackPoster
from bot.platforms.slack.slack_scheduling import SlackScheduling
from bot.platforms.slack.slack_serving import Serving
from bot.platforms.slack.socket import SocketMode
from bot.platforms.wire import FarClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.platforms.slack.installations import Workspaces
    from bot.platforms.slack.socket import Intervals
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant
    from bot.service.ports import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What of the rest of the bot Slack uses."""

    assistant: Assistant
    store: Store
    engine: AsyncEngine
    clock: Callable[[], datetime]
    schedules: Schedules | None = None
    """None where schedules are off."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What exists while connected."""

    api: SlackApi
    dispatcher: Dispatcher
    workspaces: Workspaces
    flow: AsyncOAuthFlow | None


def connect(
    config: SlackConfig, services: Services, api: SlackApi, in_flight: InFlight
) -> Connected:
    """Build the bot over an open session.

    Raises:
        SettingsError: The encryption key is wrong.
    """
    workspaces, flow = _workspaces(config, services, api)
    assistant = services.assistant
    serving = Serving(
        services.store,
        api,
        workspaces,
        services.clock,
        lambda: assistant.metrics,
        strangers_too=config.strangers_too,
    )
    bot = SlackBot(
        SlackParts(
            assistant,
            services.store,
            api,
            workspaces,
            services.clock,
            _scheduling(services, api),
            serving,
            in_flight,
            config.curators,
        )
    )
    app = build_app(bot, serving, api, workspaces, in_flight, flow)
    return Connected(api, Dispatcher(app, in_flight), workspaces, flow)


def _scheduling(services: Services, api: SlackApi) -> SlackScheduling:
    assistant = services.assistant
    return SlackScheduling(services.schedules, api, lambda: assistant.catalog, services.clock)


def _workspaces(
    config: SlackConfig, services: Services, api: SlackApi
) -> tuple[Workspaces, AsyncOAuthFlow | None]:
    oauth = config.oauth
    if oauth is None:
        return OneWorkspace(api, config.bot_token or ""), None
    installations = EncryptedInstallationStore(
        services.engine, oauth.client_id, parse_keys(oauth.encryption_keys)
    )
    rotator = AsyncTokenRotator(
        client_id=oauth.client_id, client_secret=oauth.client_secret, client=api.client()
    )
    states = SignedStates(oauth.client_secret, services.store, services.clock)
    flow = build_oauth_flow(
        api.client(), installations, states, oauth, needed_scopes(schedules=config.schedules)
    )
    return InstalledWorkspaces(installations, rotator, services.clock), flow


class SlackComponent:
    """A `ports.Component`; its `routes` are mounted on the web server."""

    name = "slack"

    def __init__(
        self,
        config: SlackConfig,
        services: Services,
        intervals: Intervals | None = None,
    ) -> None:
        if not config.app_token and not config.signing_secret:
            raise SettingsError(
                "Slack needs SLACK_APP_TOKEN for Socket Mode or SLACK_SIGNING_SECRET for HTTP."
            )
        if config.oauth:
            parse_keys(config.oauth.encryption_keys)
        self._config = config
        self._services = services
        self._intervals = intervals
        secret = config.signing_secret
        self._guard = SignatureVerifier(secret, services.clock) if secret else None
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
                web.get(INSTALL_PATH, self._on_install),
                web.get(REDIRECT_PATH, self._on_redirect),
            ]
        return routes

    async def run(self) -> None:
        """Connect and serve until cancelled.

        Raises:
            SettingsError: Slack does not know a token.
            Refused: It refuses something else.
            DeliveryError: It cannot be reached; see `SocketMode.serve`.
        """
        far_clock = FarClock()
        async with open_session(far_clock) as session:
            api = SlackApi(session, self._config.api_url, far_clock=far_clock)
            connected = connect(self._config, self._services, api, self._in_flight)
            try:
                if self._config.bot_token:
                    await connected.workspaces.find(None)
                await self._serve(connected)
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
        if self._connected is not None:
            await self._connected.workspaces.prune(now=now)

    async def drain(self) -> None:
        """Take nothing new and finish what has begun; Slack gives the rest to others."""
        self._in_flight.closed = True
        if self._socket is not None:
            await self._socket.drain()
        await self._in_flight.drain()

    async def _serve(self, connected: Connected) -> None:
        self._connected = connected
        if self._config.app_token is None:
            log.info("slack.listening", mode="http")
            await asyncio.Event().wait()
            return
        self._socket = SocketMode(
            connected.api, self._config.app_token, connected.dispatcher, self._intervals
        )
        await self._socket.serve()

    async def _on_request(self, request: web.Request) -> web.Response:
        """`POST /slack/events`."""
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
        retry = retry_headers(request.headers)
        async with connected.dispatcher.dispatch(body, retry) as response:
            answer = await to_aiohttp_response(response)
            await answer.prepare(request)
            await answer.write_eof()
        return answer

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
        connected = self._connected
        if connected is None or connected.flow is None or self._in_flight.closed:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            with self._in_flight.working():
                response = await step(connected.flow)(page_request(request))
                return await to_aiohttp_response(response)
        except Exception:
            log.exception("slack.install_failed")
            return web.Response(status=500, text="The installation failed. Please try again.")
