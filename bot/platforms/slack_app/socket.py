"""Socket Mode: a socket to Slack that is kept open, over slack_sdk's client."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.errors import AibriefError

if TYPE_CHECKING:
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.platforms.slack_app.api import SlackApi
    from bot.platforms.slack_app.dispatch import Dispatcher

log = structlog.get_logger(__name__)


class SocketMode:
    """One socket; the SDK renews it when Slack asks to, every few hours."""

    def __init__(self, api: SlackApi, app_token: str, dispatcher: Dispatcher) -> None:
        self._api = api
        self._app_token = app_token
        self._dispatcher = dispatcher
        self._client: SocketModeClient | None = None
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether the socket is open and answers pings."""
        client = self._client
        return (
            client is not None
            and not client.closed
            and not client.stale
            and client.current_session is not None
            and not client.current_session.closed
        )

    async def serve(self, ping_interval_s: float, reconnect_within_s: float) -> None:
        """Connect and stay connected until cancelled.

        Raises:
            AibriefError: A token is refused, or the socket stays closed: the SDK reconnects
                by itself, but would try a ticket that has expired for ever.
        """
        # Asked once by ourselves: the SDK would repeat for ever what a wrong token refuses.
        opened = await self._api.call("apps.connections.open", self._app_token, {})
        client = SocketModeClient(
            app_token=self._app_token,
            web_client=self._api.client(),
            ping_interval=ping_interval_s,
        )
        client.socket_mode_request_listeners.append(self._on_request)
        client.wss_uri = str(opened["url"])
        self._client = client
        connecting = asyncio.create_task(_connect(client))
        try:
            await self._watch(reconnect_within_s)
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await self.close()

    async def close(self) -> None:
        """Close the socket and wait for the tasks that the SDK only cancels."""
        self._closed = True
        client, self._client = self._client, None
        if client is None:
            return
        tasks: list[asyncio.Future[Any]] = [
            task
            for task in (
                client.message_processor,
                client.current_session_monitor,
                client.message_receiver,
            )
            if task is not None
        ]
        await _disconnect(client)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _on_request(
        self, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        began = time.time()  # noqa: TID251 - only for the SDK's own log line
        bolt = AsyncBoltRequest(
            mode="socket_mode", body=request.payload, headers=build_headers(request)
        )
        response = await self._dispatcher.dispatch(bolt)
        await send_async_response(client, request, response, began)

    async def _watch(self, reconnect_within_s: float) -> None:
        loop = asyncio.get_running_loop()
        last, told = loop.time(), False
        while True:
            if self.connected or self._closed:
                last = loop.time()
                if not told:
                    told = True
                    log.info("slack.listening", mode="socket")
            elif loop.time() - last > reconnect_within_s:
                raise AibriefError("The Socket Mode connection was lost and did not come back.")
            await asyncio.sleep(min(1.0, reconnect_within_s / 4))


async def _connect(client: SocketModeClient) -> None:
    await client.connect()  # type: ignore[no-untyped-call]


async def _disconnect(client: SocketModeClient) -> None:
    await client.close()  # type: ignore[no-untyped-call]
