"""What stands between Bolt and a use case: acknowledged, in order, once, and never in silence."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from bot.errors import DeliveryError, RateLimited, Refused
from bot.platforms.slack.api import DEAD_TOKEN
from bot.platforms.slack.deliver import WorkspaceClient
from bot.platforms.slack.dispatch import Told, acknowledged
from bot.platforms.slack.incoming import Place
from bot.platforms.slack.render import render_notice
from bot.platforms.slack.showing import show_notice
from bot.platforms.slack.slack_notices import notice_for
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from slack_bolt.context.async_context import AsyncBoltContext

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Event
    from bot.platforms.slack.installations import Workspace, Workspaces
    from bot.service.ports import Metrics, Store

    Handle: TypeAlias = Callable[[Workspace, Event], Awaitable[None]]

log = structlog.get_logger(__name__)

KEEP_SEEN: Final = timedelta(days=1)
"""Slack redelivers within an hour; a replayed request is good for five minutes."""


class Serving:
    """Carries out what people ask for."""

    def __init__(
        self,
        store: Store,
        api: SlackApi,
        workspaces: Workspaces,
        clock: Callable[[], datetime],
        metrics: Callable[[], Metrics],
        *,
        strangers_too: bool,
    ) -> None:
        self._store = store
        self._api = api
        self._workspaces = workspaces
        self._clock = clock
        self._metrics = metrics
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
                workspace: Workspace | None = context.get("workspace")
                if workspace is None:
                    await self._no_workspace(event.place, context["trouble"])
                    return
                late = told is Told.LATE and event.waits
                await self._guarded(workspace, event, handle, late=late)

    def _is_old(self, place: Place) -> bool:
        now_s, written_s = self._clock().timestamp(), place.written_at_s
        return written_s is None or now_s - written_s > KEEP_SEEN.total_seconds()

    async def first(self, team: str, *keys: str) -> bool:
        """Whether none of these keys was handled before; each is remembered for a day.

        Where the database fails it is as if they were new: twice is better than never.
        """
        now = self._clock()
        names = [f"slack:{team}:{key}" for key in keys]
        try:
            return await self._store.first_times(names, now=now, keep=KEEP_SEEN)
        except Exception:
            log.exception("slack.seen_failed")
            return True

    async def _guarded(
        self, workspace: Workspace, event: Event, handle: Handle, *, late: bool
    ) -> None:
        """Do the work; where it fails, tell the person what to do, unless it may be posted."""
        key: str | None
        try:
            if late:
                # Slack has shown a failure: what is done now would be done again.
                key = "late"
            elif event.place.stranger and not self._strangers_too:
                key = "stranger"
            else:
                await handle(workspace, event)
                return
        except DeliveryError as error:
            self.note_failure(workspace, "answer", error)
            key = notice_for(error)
        except Exception:
            log.exception("slack.failed", team=workspace.team)
            key = "failed"
        if key is not None:
            await self._tell(workspace, event.place, key)

    async def _tell(self, workspace: Workspace, place: Place, key: str) -> None:
        """A notice; as a direct message where the bot may not speak in the channel now.

        A response URL asks for no token, so that also a dead one can be told.
        """
        delivery = WorkspaceClient(self._api, workspace.token)
        for where in (place, Place(place.team, "", place.user)):
            try:
                return await delivery.send_ephemeral(where, show_notice(key))
            except (Refused, RateLimited) as error:
                log.warning("slack.notice_failed", code=error.code, team=workspace.team)
                if error.code in DEAD_TOKEN:
                    return None
            except DeliveryError as error:
                log.warning("slack.notice_failed", code=error.code, team=workspace.team)
                return None
        return None

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
        self._metrics().platform_error("slack", error)
        log.warning("slack.delivery_failed", what=what, code=error.code, team=workspace.team)
        if error.code in DEAD_TOKEN:
            self._workspaces.invalidate(workspace.team, workspace.enterprise)
