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

from bot.errors import AibriefError, DeliveryError
from bot.platforms.slack.dispatch import ACK_WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.dispatch import Dispatcher

log = structlog.get_logger(__name__)


CONNECT_WITHIN_S = 10.0
LINGER_S = 3.0
"""A socket that was replaced is kept so long, for what is on its way and for acknowledgements."""


class _Client(SocketModeClient):
    """slack_sdk's client, whose renewal on Slack's wish is done by `renew`.

    The SDK closes the old socket before it opens the new one; commands and buttons that come in
    between would fail for the person.
    """

    renew: Callable[[_Client], None]
    renewing = False

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """`force` is set where Slack sent a disconnect frame."""
        if force:
            self.renew(self)
        else:
            await super().connect_to_new_endpoint()


class SocketMode:
    """One socket; it is renewed when Slack asks to, every few hours."""

    def __init__(
        self,
        api: SlackApi,
        app_token: str,
        dispatcher: Dispatcher,
        *,
        ping_interval_s: float,
        linger_s: float = LINGER_S,
    ) -> None:
        self._api = api
        self._app_token = app_token
        self._dispatcher = dispatcher
        self._ping_interval_s = ping_interval_s
        self._linger_s = linger_s
        self._client: _Client | None = None
        self._clients: set[_Client] = set()
        """That and those which it replaced a moment ago."""
        self._renewals: set[asyncio.Task[None]] = set()
        self._unanswered: set[asyncio.Task[Any]] = set()
        """Requests that were not acknowledged yet."""
        self._draining = False
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

    async def serve(self, reconnect_within_s: float) -> None:
        """Connect and stay connected until cancelled.

        Raises:
            AibriefError: A token is refused, or the socket stays closed: the SDK reconnects
                by itself, but would try a ticket that has expired for ever.
        """
        # Asked once by ourselves: the SDK would repeat for ever what a wrong token refuses.
        self._client = await self._open()
        connecting = asyncio.create_task(_connect(self._client))
        try:
            await self._watch(reconnect_within_s)
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await self.close()

    async def drain(self) -> None:
        """Take nothing new, acknowledge what has come, then close.

        What comes meanwhile is not acknowledged, so Slack gives it to another process.
        """
        self._draining = True
        if self._unanswered:
            await asyncio.wait(set(self._unanswered), timeout=ACK_WITHIN_S)
        await self.close()

    async def close(self) -> None:
        """Close the sockets and wait for the tasks that the SDK only cancels."""
        self._closed = True
        self._client = None
        for task in self._renewals:
            task.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)
        await asyncio.gather(*map(self._close, set(self._clients)))

    async def _open(self) -> _Client:
        """A client with an address to connect to.

        Raises:
            DeliveryError: Slack gives none.
        """
        opened = await self._api.call("apps.connections.open", self._app_token, {})
        client = _Client(
            app_token=self._app_token,
            web_client=self._api.client(),
            ping_interval=self._ping_interval_s,
        )
        client.renew = self._begin_renewal
        client.socket_mode_request_listeners.append(self._on_request)
        client.wss_uri = str(opened["url"])
        self._clients.add(client)
        return client

    async def _close(self, client: _Client) -> None:
        self._clients.discard(client)
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

    def _begin_renewal(self, old: _Client) -> None:
        """Slack warns of the end of a socket more than once; the first time counts."""
        if old is self._client and not old.renewing:
            old.renewing = True
            task = asyncio.create_task(self._renew(old))
            self._renewals.add(task)
            task.add_done_callback(self._renewals.discard)

    async def _renew(self, old: _Client) -> None:
        """Open the new socket, take it, and close the old one a little later.

        Where there is no new one, the old one stays: when Slack closes it, the SDK reconnects.
        """
        try:
            new = await self._open()
            await self._connect(new)
        except (DeliveryError, TimeoutError) as error:
            log.warning("slack.renewal_failed", error=str(error) or type(error).__name__)
            old.renewing = False
            return
        old.auto_reconnect_enabled = False
        self._client = new
        log.info("slack.renewed")
        await asyncio.sleep(self._linger_s)
        await self._close(old)

    async def _connect(self, client: _Client) -> None:
        """Connect within bounds: the SDK itself would try for ever.

        Raises:
            TimeoutError: It cannot.
        """
        try:
            await asyncio.wait_for(_connect(client), CONNECT_WITHIN_S)
        except TimeoutError:
            await self._close(client)
            raise

    async def _on_request(
        self, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        task = asyncio.current_task()
        if task is None or self._draining:
            return
        self._unanswered.add(task)
        try:
            await self._answer(client, request)
        finally:
            self._unanswered.discard(task)

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()  # noqa: TID251 - only for the SDK's own log line
        bolt = AsyncBoltRequest(
            mode="socket_mode", body=request.payload, headers=build_headers(request)
        )
        async with self._dispatcher.dispatch(bolt) as response:
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
