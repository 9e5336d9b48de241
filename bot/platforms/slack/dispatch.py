"""Hands a request to Bolt, answers Slack in time, and ends no process before its work."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext

log = structlog.get_logger(__name__)


SLACK_WAITS_S: Final = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction"""
ACK_WITHIN_S: Final = 2.5
NOT_FOUND: Final = 404
_TOLD: Final = "aibrief_acknowledged"


class Told(Enum):
    """Whether Slack has our acknowledgement."""

    IN_TIME = "in time"
    LATE = "late"
    NEVER = "never"


async def acknowledged(context: AsyncBoltContext) -> Told:
    """Wait until Slack has the acknowledgement of this request, or cannot have it."""
    told: asyncio.Future[Told] | None = context.get(_TOLD)
    return Told.IN_TIME if told is None else await asyncio.shield(told)


class Dispatcher:
    """Runs requests through Bolt; a slow database must not cost the acknowledgement."""

    def __init__(self, app: AsyncApp, in_flight: InFlight, within_s: float = ACK_WITHIN_S) -> None:
        self._app = app
        self._in_flight = in_flight
        self._within_s = within_s
        self.slack_waits_s = SLACK_WAITS_S

    @asynccontextmanager
    async def dispatch(
        self, body: Mapping[str, Any], retry: Mapping[str, str]
    ) -> AsyncIterator[BoltResponse]:
        """The response, to be sent before the block ends: then the work begins.

        Where sending it fails, an error out of the block, whoever waits for it learns that.
        """
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        told: asyncio.Future[Told] = loop.create_future()
        try:
            yield await self._in_time(self._run(body, retry, told))
        except BaseException as error:
            told.set_result(Told.NEVER)
            log.warning("slack.not_acknowledged", error=type(error).__name__)
            if not isinstance(error, ConnectionError):
                raise
        else:
            late = loop.time() - began_s > self.slack_waits_s
            told.set_result(Told.LATE if late else Told.IN_TIME)

    async def _in_time(self, run: Coroutine[Any, Any, BoltResponse]) -> BoltResponse:
        """Bolt's response, or an empty one after `within_s` seconds while the work goes on.

        What no listener wants is acknowledged too, or Slack would send it again.
        """
        task = asyncio.create_task(run)
        done, _ = await asyncio.wait({task}, timeout=self._within_s)
        if not done:
            log.warning("slack.acknowledged_early")
            return BoltResponse(status=200)
        response = task.result()
        return BoltResponse(status=200) if response.status == NOT_FOUND else response

    async def _run(
        self, body: Mapping[str, Any], retry: Mapping[str, str], told: asyncio.Future[Told]
    ) -> BoltResponse:
        """Bolt reads some of a request as it is made, and may fail at that too.

        Always as from a socket: for HTTP Bolt would parse the body once more.
        """
        with self._in_flight.working():
            try:
                request = AsyncBoltRequest(mode="socket_mode", body=dict(body), headers=retry)  # type: ignore[arg-type] # str or list
                request.context[_TOLD] = told
                return await self._app.async_dispatch(request)
            except Exception:
                log.exception("slack.dispatch_failed")
                return BoltResponse(status=200)


class InFlight:
    """The tasks that are at work; Bolt would not wait for them at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False
        """Set to take no new work."""

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work as a task of its own."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack.work_failed", error=type(error).__name__, exc_info=error)

    @contextmanager
    def working(self) -> Iterator[None]:
        """The current task is at work until the block ends."""
        task = asyncio.current_task()
        entered = task is not None and task not in self._tasks
        if task is not None:
            self._tasks.add(task)
        try:
            yield
        finally:
            if entered and task is not None:
                self._tasks.discard(task)

    async def drain(self) -> None:
        """Take no new work and wait for what has begun."""
        self.closed = True
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is at work."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def cancel(self) -> None:
        """End what is still at work."""
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=0.3)
