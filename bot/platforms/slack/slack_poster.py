"""Posts scheduled briefings: each message under its key, looked for before it is repeated."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import CannotLook, FenceEnded, RateLimited, Refused, Uncertain
from bot.platforms.slack.api import DEAD_TOKEN
from bot.platforms.slack.deliver import send_as_it_fits
from bot.platforms.slack.render import render_answer, render_notice_of
from bot.platforms.wire import fenced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from datetime import datetime

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.deliver import Payload
    from bot.platforms.slack.installations import Workspace
    from bot.platforms.slack.slack_component import Connected
    from bot.schedules.posting import Attempt, Window
    from bot.schedules.subscription import Target
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply

EVENT_TYPE = "aibrief_briefing"
PAGE = 15
"""Messages: the most that an app outside the Marketplace gets at once, once a minute.
https://docs.slack.dev/reference/methods/conversations.history"""
PAGES_AT_ONCE = 40
"""After so many a look goes on a moment later."""
BEFORE, SOON, AFTER = timedelta(seconds=60), timedelta(seconds=15), timedelta(seconds=90)
"""An attempt's post is looked for first from its beginning, give or take the seconds between two
clocks, until `SOON` after; and then from `BEFORE` until `AFTER` its end."""
LOOKS_KEPT = 1000


class SlackPoster:
    """Implements `schedule_ports.Poster` while Slack is connected."""

    def __init__(self, connected: Callable[[], Connected | None]) -> None:
        self._connected = connected
        self._looks: dict[str, _Look] = {}
        """Looks that Slack has made wait: they go on where they were."""

    def time(self) -> datetime | None:
        """See `schedule_ports.Poster`."""
        connected = self._connected()
        return connected.api.far_clock.now() if connected else None

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        """See `schedule_ports.Poster`."""
        return await self._once(target, attempt, lambda post: post.send(reply))

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        """See `schedule_ports.Poster`."""
        payload = render_notice_of(notice)
        return await self._once(target, attempt, lambda post: post.tell(payload))

    async def _once(
        self, target: Target, attempt: Attempt, send: Callable[[_Post], Awaitable[str]]
    ) -> str:
        """Send what an earlier attempt has not, within the fence."""
        connected = self._connected()
        if connected is None:
            raise RateLimited("not-connected", 5.0)
        try:
            workspace = await connected.workspaces.find(target.workspace or None)
        except Uncertain as error:  # nothing was posted yet
            raise RateLimited(error.code, 5.0) from error
        if workspace is None:
            raise Refused("no_installation")
        try:
            with fenced(attempt.fence):
                there = await self._look(connected.api, workspace, target, attempt)
                return await send(
                    _Post(connected.api, workspace.token, target, attempt.key, there)
                )
        except (Refused, CannotLook) as error:
            if error.code in DEAD_TOKEN:
                connected.workspaces.invalidate(workspace.team, workspace.enterprise)
            raise

    async def _look(
        self, api: SlackApi, workspace: Workspace, target: Target, attempt: Attempt
    ) -> Mapping[str, str]:
        """What an earlier attempt has posted."""
        if attempt.earlier is None:
            return {}
        look = self._looks.pop(attempt.key, None) or _Look(attempt.earlier)
        try:
            return await look.go_on(api, workspace.token, target, attempt.key)
        except CannotLook as error:
            if error.retry_after_s is not None and len(self._looks) < LOOKS_KEPT:
                self._looks[attempt.key] = look
            raise


class _Look:
    """Reads a conversation's history between two times, page by page, narrow bounds first."""

    def __init__(self, window: Window) -> None:
        self._left = list(_slices(window))
        self._cursor = ""
        self._found: dict[str, str] = {}

    async def go_on(
        self, api: SlackApi, token: str, target: Target, key: str
    ) -> Mapping[str, str]:
        """The keys of our messages there, with their ids.

        Raises:
            CannotLook: Slack refuses, asks to wait, or did not answer; nothing was posted.
        """
        try:
            channel = await _conversation(api, token, target)
            for _ in range(PAGES_AT_ONCE):
                if not self._left or f"{key}.0" in self._found:
                    return self._found
                await self._page(api, token, channel)
        except RateLimited as error:
            raise CannotLook(error.code, retry_after_s=error.retry_after_s) from error
        except Uncertain as error:
            raise CannotLook(error.code, retry_after_s=5.0) from error
        except Refused as error:
            raise CannotLook(error.code, needed=error.needed) from error
        raise CannotLook("more_pages", retry_after_s=5.0)

    async def _page(self, api: SlackApi, token: str, channel: str) -> None:
        oldest, latest = self._left[0]
        query = {
            "channel": channel,
            "oldest": f"{oldest.timestamp():.6f}",
            "latest": f"{latest.timestamp():.6f}",
            "inclusive": "true",
            "limit": PAGE,
            "include_all_metadata": "true",
        }
        if self._cursor:
            query["cursor"] = self._cursor
        answer = await api.read("conversations.history", token, query)
        for message in answer.get("messages") or []:
            metadata: Any = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT_TYPE:
                self._found[str(metadata.get("event_payload", {}).get("key"))] = message["ts"]
        more: Any = answer.get("response_metadata") or {}
        self._cursor = str(more.get("next_cursor") or "") if answer.get("has_more") else ""
        if not self._cursor:
            self._left.pop(0)


def _slices(window: Window) -> Iterator[tuple[datetime, datetime]]:
    """Where the post most probably is, then all around it."""
    begin, end = (
        window.since - timedelta(seconds=3),
        min(window.since + SOON, window.until + AFTER),
    )
    yield begin, end
    yield end, window.until + AFTER
    yield window.since - BEFORE, begin


async def _conversation(api: SlackApi, token: str, target: Target) -> str:
    """The channel; to look back at a conversation with a person one needs its own id."""
    if target.user is None:
        return target.channel
    opened = await api.call("conversations.open", token, {"users": target.user}, tries=1)
    return str(opened["channel"]["id"])


class _Post:
    """The messages of one reply."""

    def __init__(
        self, api: SlackApi, token: str, target: Target, key: str, there: Mapping[str, str]
    ) -> None:
        self._api = api
        self._token = token
        self._channel = target.user or target.channel
        self._key = key
        self._there = there
        self._sent: list[str] = []

    async def send(self, reply: Reply) -> str:
        """Post what is not there yet; the id of the first message."""

        async def send(payload: Payload) -> None:
            key = f"{self._key}.{len(self._sent)}"
            self._sent.append(self._there.get(key) or await self._post(payload, key))

        try:
            await send_as_it_fits(
                lambda newest: render_answer(reply.answer, reply.id, newest=newest), send
            )
        except (RateLimited, FenceEnded) as error:
            if self._sent:  # the next attempt has to look for what is there
                raise Uncertain(error.code, answered=True) from error
            raise
        return self._sent[0]

    async def tell(self, payload: Payload) -> str:
        """Post one message, unless it is there; its id."""
        key = f"{self._key}.0"
        return self._there.get(key) or await self._post(payload, key)

    async def _post(self, payload: Payload, key: str) -> str:
        message = {
            **payload,
            "channel": self._channel,
            "parse": "none",
            "link_names": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        }
        # Once: whoever delivers waits and tries again.
        answer = await self._api.call("chat.postMessage", self._token, message, tries=1)
        return str(answer["ts"])
