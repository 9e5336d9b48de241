"""Hands a request to Bolt and answers Slack in time, whatever happens behind it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from slack_bolt.response import BoltResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_bolt.request.async_request import AsyncBoltRequest

    from bot.platforms.slack.inflight import InFlight

log = structlog.get_logger(__name__)

ACK_WITHIN_S = 2.5
"""Slack waits 3 seconds: https://docs.slack.dev/interactivity/handling-user-interaction"""
NOT_FOUND = 404
_SENT = "aibrief_sent"


async def acknowledged(context: AsyncBoltContext) -> None:
    """Wait until Slack has the acknowledgement of this request.

    Bolt looks for it every 10 ms only, and an answer may be ready sooner.
    """
    sent: asyncio.Event | None = context.get(_SENT)
    if sent is not None:
        await sent.wait()


class Dispatcher:
    """Runs requests through Bolt; a slow database must not cost the acknowledgement."""

    def __init__(self, app: AsyncApp, in_flight: InFlight, within_s: float = ACK_WITHIN_S) -> None:
        self._app = app
        self._in_flight = in_flight
        self._within_s = within_s

    @asynccontextmanager
    async def dispatch(self, request: AsyncBoltRequest) -> AsyncIterator[BoltResponse]:
        """The response, to be sent before the block ends: then the work begins."""
        sent = request.context[_SENT] = asyncio.Event()
        try:
            yield await self._in_time(request)
        finally:
            sent.set()

    async def _in_time(self, request: AsyncBoltRequest) -> BoltResponse:
        """Bolt's response, or an empty one after `within_s` seconds while the work goes on.

        What no listener wants is acknowledged too, or Slack would send it again.
        """
        task = asyncio.create_task(self._run(request))
        done, _ = await asyncio.wait({task}, timeout=self._within_s)
        if not done:
            log.warning("slack.acknowledged_early")
            return BoltResponse(status=200)
        response = task.result()
        return BoltResponse(status=200) if response.status == NOT_FOUND else response

    async def _run(self, request: AsyncBoltRequest) -> BoltResponse:
        with self._in_flight.working():
            try:
                return await self._app.async_dispatch(request)
            except Exception:
                log.exception("slack.dispatch_failed")
                return BoltResponse(status=200)
