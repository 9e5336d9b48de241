"""Requests of Slack: handed to Bolt, acknowledged in time, and by Socket Mode also received.

https://docs.slack.dev/apis/events-api/using-socket-mode

Not slack_sdk's client: it closes the old socket before it opens the new one, so that commands
in between fail for people, and opens new ones without a pause where Slack closes them at once.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import DeliveryError, RateLimited, Refused
from bot.platforms.slack.api import parse_object
from bot.service.supervisor import Backoff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext

    from bot.platforms.slack.api import SlackApi

log = structlog.get_logger(__name__)

SLACK_WAITS_S: Final = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction"""
ACK_WITHIN_S: Final = 2.5
_TOLD: Final = "aibrief_acknowledged"


class Told(Enum):
    """Whether Slack has our acknowledgement."""

    IN_TIME = "in time"
    LATE = "late"
    NEVER = "never"


async def acknowledged(context: AsyncBoltContext) -> Told:
    """Wait until Slack has the acknowledgement of this request, or cannot have it."""
    told: asyncio.Future[Told] = context[_TOLD]
    return await asyncio.shield(told)


class Dispatcher:
    """Runs requests through Bolt; a slow database must not cost the acknowledgement."""

    def __init__(self, app: AsyncApp, in_flight: InFlight) -> None:
        self._app = app
        self._in_flight = in_flight

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
            late = loop.time() - began_s > SLACK_WAITS_S
            told.set_result(Told.LATE if late else Told.IN_TIME)

    async def _in_time(self, run: Coroutine[Any, Any, BoltResponse]) -> BoltResponse:
        """Bolt's response, or an empty one after `ACK_WITHIN_S` while the work goes on.

        What no listener wants is acknowledged too, or Slack would send it again.
        """
        task = asyncio.create_task(run)
        done, _ = await asyncio.wait({task}, timeout=ACK_WITHIN_S)
        if not done:
            log.warning("slack.acknowledged_early")
            return BoltResponse(status=200)
        response = task.result()
        return BoltResponse(status=200) if response.status == HTTPStatus.NOT_FOUND else response

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

    def __init__(self, failed: str = "slack.work_failed") -> None:
        self._failed = failed
        """What is logged where one raises."""
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
            log.error(self._failed, error=type(error).__name__, exc_info=error)

    @contextmanager
    def working(self) -> Iterator[None]:
        """The current task is at work until the block ends."""
        task: Any = asyncio.current_task()
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

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


TELL_EVERY_S: Final = 60.0
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Intervals(Backoff):
    """Seconds that tests shorten; a socket that lived `steady_s` was well."""

    ping_s: float = 5.0
    linger_s: float = 3.0
    """So long a replaced socket is kept, for what is on its way and for acknowledgements."""
    steady_s: float = 30.0


class Pace:
    """How long to wait before the next socket: doubling, with jitter, until one lives a while."""

    def __init__(self, intervals: Intervals, fraction: Callable[[], float]) -> None:
        self._intervals = intervals
        self._fraction = fraction
        self._failures = 0

    def wait_s(self, lived_s: float, *, asked: bool) -> float:
        """Seconds to wait after a socket that lived so long.

        Args:
            lived_s: How long it was open, 0 where it could not be opened.
            asked: Whether Slack asked for a new one, and the old still serves.
        """
        if lived_s >= self._intervals.steady_s:
            self._failures = 0
            return 0.0 if asked else self._intervals.first_s * self._fraction()
        self._failures += 1
        return self._intervals.wait_s(self._failures) * (0.5 + self._fraction() / 2)


@dataclass(eq=False)
class _Socket:
    """One open socket."""

    ws: aiohttp.ClientWebSocketResponse
    opened_at_s: float
    ended: asyncio.Future[str]
    """Why it is to be replaced: Slack's reason, or that it was closed."""

    @property
    def open(self) -> bool:
        return not self.ws.closed

    def end(self, reason: str) -> None:
        """Slack warns more than once; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(reason)


class SocketMode:
    """The socket that serves now, and the one that is about to take its place."""

    def __init__(
        self,
        api: SlackApi,
        app_token: str,
        dispatcher: Dispatcher,
        intervals: Intervals | None = None,
    ) -> None:
        self._api = api
        self._app_token = app_token
        self._dispatcher = dispatcher
        self._intervals = intervals or Intervals()
        self._pace = Pace(self._intervals, lambda: secrets.randbelow(1000) / 1000)
        self._current: _Socket | None = None
        self._sockets: set[_Socket] = set()
        """That and those which it replaced a moment ago."""
        self._tasks = InFlight("slack.socket_failed")
        self._unanswered = InFlight("slack.socket_failed")
        """Requests that were not acknowledged yet."""
        self._draining = False
        self._told_at_s: float | None = None
        self._untold = 0

    @property
    def connected(self) -> bool:
        """Whether the socket is open and answers pings."""
        return self._current is not None and self._current.open

    async def serve(self) -> None:
        """Connect and stay connected until cancelled.

        Raises:
            DeliveryError: The first socket cannot be opened, or a token is refused.
        """
        try:
            self._current = await self._open()
            log.info("slack.listening", mode="socket")
            while not self._draining:
                await self._replace(self._current)
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def drain(self) -> None:
        """Take nothing new, acknowledge what has come, then close.

        What comes meanwhile is not acknowledged, so Slack gives it to another process.
        """
        self._draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._unanswered.idle(), ACK_WITHIN_S)
        await self.close()

    async def close(self) -> None:
        """Close every socket."""
        self._current = None
        await self._unanswered.cancel()
        await self._tasks.cancel()
        await asyncio.gather(*map(self._close, set(self._sockets)))

    async def _replace(self, old: _Socket) -> None:
        """Wait until a socket has to be replaced, and do so; the old one serves meanwhile.

        Raises:
            Refused: A token is refused.
        """
        reason = await old.ended
        lived_s = self._now_s() - old.opened_at_s
        while not self._draining:
            wait_s = self._pace.wait_s(lived_s, asked=old.open)
            self._tell(reason, lived_s, wait_s)
            await asyncio.sleep(wait_s)
            try:
                self._current = await self._open()
            except Refused:
                if not old.open:
                    raise
                reason, lived_s = "refused", 0.0
            except DeliveryError as error:
                reason, lived_s = error.code, 0.0
                if isinstance(error, RateLimited):
                    await asyncio.sleep(min(error.retry_after_s, self._intervals.most_s))
            else:
                self._tasks.begin(self._close(old, self._intervals.linger_s))
                return

    def _tell(self, reason: str, lived_s: float, wait_s: float) -> None:
        """One line a minute, however often it happens."""
        self._untold += 1
        now_s = self._now_s()
        if self._told_at_s is not None and now_s - self._told_at_s < TELL_EVERY_S:
            return
        log.warning(
            "slack.socket_replaced",
            reason=reason,
            lived_s=round(lived_s, 1),
            again_in_s=round(wait_s, 1),
            times=self._untold,
        )
        self._told_at_s, self._untold = now_s, 0

    async def _open(self) -> _Socket:
        """A socket that is open and read.

        Raises:
            Refused: Slack gives no address.
            RateLimited: It cannot be reached, or asks for patience.
            Uncertain: It answers what nobody understands.
        """
        opened = await self._api.call("apps.connections.open", self._app_token, {}, tries=1)
        try:
            async with asyncio.timeout(10.0):
                ws = await self._api.connect(str(opened["url"]), self._intervals.ping_s)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise RateLimited(f"socket: {type(error).__name__}", 0.0) from error
        loop = asyncio.get_running_loop()
        socket = _Socket(ws, loop.time(), loop.create_future())
        self._sockets.add(socket)
        self._tasks.begin(self._read(socket))
        return socket

    async def _read(self, socket: _Socket) -> None:
        async for message in socket.ws:
            is_text = message.type is aiohttp.WSMsgType.TEXT
            frame = parse_object(message.data) if is_text else {}
            if frame.get("type") == "disconnect":
                socket.end(str(frame.get("reason") or "disconnect"))
            elif "envelope_id" in frame and not self._draining:
                self._unanswered.begin(self._answer(socket, frame))
        socket.end(f"{CLOSED} {socket.ws.close_code}")

    async def _answer(self, socket: _Socket, frame: Mapping[str, Any]) -> None:
        """Acknowledge by the socket that it came by, or by its successor."""
        retry = {
            f"x-slack-retry-{header}": str(frame[key])
            for header, key in (("num", "retry_attempt"), ("reason", "retry_reason"))
            if frame.get(key) is not None
        }
        async with self._dispatcher.dispatch(frame.get("payload") or {}, retry) as response:
            if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                # As over HTTP: Slack sends it again.
                raise ConnectionError("failed")
            sender = socket if socket.open else self._current
            if sender is None or not sender.open:
                raise ConnectionError(CLOSED)
            await sender.ws.send_json(acknowledgement(str(frame["envelope_id"]), response))

    async def _close(self, socket: _Socket, linger_s: float = 0.0) -> None:
        if linger_s and socket.open:
            await asyncio.sleep(linger_s)
        self._sockets.discard(socket)
        await socket.ws.close()

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def acknowledgement(envelope_id: str, response: BoltResponse) -> Mapping[str, Any]:
    """The frame that acknowledges a request with Bolt's response."""
    frame: dict[str, Any] = {"envelope_id": envelope_id}
    if response.body:
        form = str(response.first_headers().get("content-type", ""))
        is_json = form.startswith("application/json")
        frame["payload"] = json.loads(response.body) if is_json else {"text": response.body}
    return frame
