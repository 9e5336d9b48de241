"""Requests to Bolt and what they ask for: acknowledged in time, in order, once, never in silence.

No process ends before its work.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import DeliveryError, RateLimited, Refused
from bot.platforms.slack.api import DEAD_TOKEN
from bot.platforms.slack.incoming import Place
from bot.platforms.slack.render import render_notice
from bot.platforms.slack.slack_notices import notice_for
from bot.platforms.slack.slack_sending import WorkspaceClient
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Event
    from bot.platforms.slack.installations import Workspace, Workspaces

    Handle: TypeAlias = Callable[[WorkspaceClient, Event], Awaitable[None]]

log = structlog.get_logger(__name__)

SLACK_WAITS_S: Final = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction"""
ACK_WITHIN_S: Final = 2.5
KEEP_SEEN: Final = timedelta(days=1)
"""Slack redelivers within an hour; a replayed request is good for five minutes."""
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


class Serving:
    """Carries out what people ask for."""

    def __init__(
        self,
        world: PlatformContext,
        api: SlackApi,
        workspaces: Workspaces,
        *,
        strangers_too: bool,
    ) -> None:
        self._world = world
        self._api = api
        self._workspaces = workspaces
        self._strangers_too = strangers_too
        self._conversations = Lanes()

    async def serve(self, context: AsyncBoltContext, event: Event, handle: Handle) -> None:
        """Do it, once, after Slack was told that it has come; a conversation goes in order."""
        team = event.place.team
        lane = f"{team}:{event.conversation}" if event.conversation else None
        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4), team=team):
            async with self._conversations.turn(lane):
                told = await acknowledged(context)
                if told is Told.NEVER:
                    # The person sees a failure and may try again; an event is sent again.
                    return
                if event.edited and self._is_old(event.place):
                    # Whether it was answered before is not known any more.
                    return
                if not await self.first(team, *event.keys):
                    log.info("slack.duplicate")
                    return
                client = self.client(context)
                if client is None:
                    await self._no_workspace(event.place, context["trouble"])
                    return
                late = told is Told.LATE and event.waits
                await self._guarded(client, event, handle, late=late)

    def client(self, context: AsyncBoltContext) -> WorkspaceClient | None:
        """What speaks for the workspace of a request; None where there is no token for it."""
        workspace: Workspace | None = context.get("workspace")
        return WorkspaceClient(self._api, workspace) if workspace else None

    def _is_old(self, place: Place) -> bool:
        now_s, written_s = self._world.clock().timestamp(), place.written_at_s
        return written_s is None or now_s - written_s > KEEP_SEEN.total_seconds()

    async def first(self, team: str, *keys: str) -> bool:
        """Whether none of these keys was handled before; each is remembered for a day.

        Where the database fails it is as if they were new: twice is better than never.
        """
        names = [f"slack:{team}:{key}" for key in keys]
        try:
            return await self._world.store.first_times(
                names, now=self._world.clock(), keep=KEEP_SEEN
            )
        except Exception:
            log.exception("slack.seen_failed")
            return True

    async def _guarded(
        self, client: WorkspaceClient, event: Event, handle: Handle, *, late: bool
    ) -> None:
        """Do the work; where it fails, tell the person what to do, unless it may be posted."""
        key: str | None = None
        try:
            if late:
                # Slack has shown a failure: what is done now would be done again.
                key = "late"
            elif event.place.stranger and not self._strangers_too:
                key = "stranger"
            else:
                await handle(client, event)
        except DeliveryError as error:
            self.note_failure(client.workspace, "answer", error)
            key = notice_for(error)
        except Exception:
            log.exception("slack.failed", team=client.workspace.team)
            key = "failed"
        if key is not None:
            await self._tell(client, event.place, key)

    async def _tell(self, client: WorkspaceClient, place: Place, key: str) -> None:
        """A notice; as a direct message where the bot may not speak in the channel now.

        A response URL asks for no token, so that also a dead one can be told.
        """
        for where in (place, Place(place.team, "", place.user)):
            try:
                await client.tell(where, key)
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code, team=client.workspace.team)
                elsewhere = isinstance(error, Refused | RateLimited)
                if elsewhere and error.code not in DEAD_TOKEN:
                    continue
            return

    async def _no_workspace(self, place: Place, trouble: str) -> None:
        """There is no token for this workspace: tell whoever can be told without one."""
        log.warning("slack.no_workspace", why=trouble)
        if place.response_url:
            notice = {**render_notice(trouble), "response_type": "ephemeral"}
            try:
                await self._api.respond(place.response_url, notice)
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code)

    def note_failure(self, workspace: Workspace, what: str, error: DeliveryError) -> None:
        """Count and log that Slack did not take something; a dead token is looked up anew."""
        self._world.assistant.metrics.platform_error("slack", error)
        log.warning("slack.delivery_failed", what=what, code=error.code, team=workspace.team)
        if error.code in DEAD_TOKEN:
            self._workspaces.invalidate(workspace.team, workspace.enterprise)
