"""Brings messages to where they belong: a thread, one person's eyes, the channel of a schedule."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog

from bot.errors import CannotLook, DeliveryError, FenceEnded, RateLimited, Refused, Uncertain
from bot.platforms.slack.api import DEAD_TOKEN, TRIES
from bot.platforms.slack.blocks import LIMITS
from bot.platforms.slack.render import render_answer, render_notice, render_notice_of
from bot.platforms.wire import fenced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Place
    from bot.platforms.slack.installations import Workspace
    from bot.platforms.slack.slack_component import Connected
    from bot.schedules.schedule_ports import Attempt, Window
    from bot.schedules.subscription import Target
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply

    Payload: TypeAlias = Mapping[str, Any]
    Render: TypeAlias = Callable[[bool], Sequence[Payload]]
    """Whether the newest blocks may be used -> the messages."""

log = structlog.get_logger(__name__)

ANSWER, BRIEFING = "aibrief_answer", "aibrief_briefing"
"""Types of the metadata by which we find our messages."""
LITERAL: Final = {"parse": "none", "link_names": False}
"""So that no word of a post becomes a link or a mention."""
LOOK_AFTER_S = 1.0
"""After a lost reply: so long the message may take to show."""
PAGE = 15
"""Messages: the most that an app outside the Marketplace gets at once, once a minute.
https://docs.slack.dev/reference/methods/conversations.history and .replies"""
PAGES_AT_ONCE = 40
"""After so many a look goes on a moment later."""
BEFORE, SOON, AFTER = timedelta(seconds=60), timedelta(seconds=15), timedelta(seconds=90)
"""An attempt's post is looked for first from its beginning, give or take the seconds between two
clocks, until `SOON` after; and then from `BEFORE` until `AFTER` its end."""
LOOKS_KEPT = 1000

BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
)
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""
NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})
"""The bot is no member, or may not know of the conversation."""

_BY_URL = LIMITS.response_url_uses - 1


async def send_as_it_fits(
    render: Render, send: Callable[[Payload], Any], most: int | None = None
) -> int:
    """Send the newest blocks; where Slack refuses them, older ones; at last the text alone.

    Returns:
        How many messages there are, of which `most` are sent.

    Raises:
        Refused: Slack refuses what has no blocks, or for another reason.
    """
    forms: tuple[Callable[[], Sequence[Payload]], ...] = (
        lambda: render(True),
        lambda: render(False),
        lambda: [{k: v for k, v in p.items() if k != "blocks"} for p in render(False)],
    )
    for form in forms:
        payloads = form()
        for index, payload in enumerate(payloads[:most]):
            try:
                await send(payload)
            except Refused as error:
                if index or error.code not in BAD_BLOCKS or "blocks" not in payload:
                    raise
                break
        else:
            return len(payloads)
    return 0  # pragma: no cover - text alone is sent or refused


class WorkspaceClient:
    """Sends in the name of one workspace; raises a `DeliveryError` as `SlackApi` does."""

    def __init__(self, api: SlackApi, workspace: Workspace) -> None:
        self._api = api
        self.workspace = workspace

    async def call(self, method: str, payload: Payload, *, tries: int = TRIES) -> Payload:
        """See `SlackApi.call`."""
        return await self._api.call(method, self.workspace.token, payload, tries=tries)

    async def read(self, method: str, query: Payload) -> Payload:
        """See `SlackApi.read`."""
        return await self._api.read(method, self.workspace.token, query)

    async def post(self, place: Place, render: Render, *, answer_id: str | None = None) -> None:
        """Post for everybody in the thread; with the answer's id as metadata.

        What is pressed between two people, where the bot is none of them, is told to who presses.

        Raises:
            Refused: The bot may not post there.
        """
        sent: list[Payload] = []

        async def send(payload: Payload) -> None:
            where = {"channel": place.channel or place.user, **place.thread}
            message = {**payload, **LITERAL, **where}
            if answer_id is not None:
                key = {"id": answer_id, "part": len(sent)}
                message["metadata"] = {"event_type": ANSWER, "event_payload": key}
            await self._post_once(place, message)
            sent.append(payload)

        try:
            await send_as_it_fits(render, send)
        except Refused as error:
            if sent or error.code not in NOT_THERE or not place.response_url:
                raise
            await self.respond(place, render)

    async def _post_once(self, place: Place, message: Payload) -> None:
        """Post; where the reply was lost look for the message, and repeat it if it is not there.

        Raises:
            Uncertain: It cannot be looked for.
        """
        try:
            await self.call("chat.postMessage", message)
        except Uncertain:
            await asyncio.sleep(LOOK_AFTER_S)
            there = await self._is_there(place, message)
            if there is None:
                raise
            if not there:
                await self.call("chat.postMessage", message, tries=1)

    async def _is_there(self, place: Place, message: Payload) -> bool | None:
        """Whether the thread has the message; None where Slack does not tell.

        https://docs.slack.dev/reference/methods/conversations.replies
        """
        if not (place.thread_ts and place.after_ts and "metadata" in message):
            return None
        query = {
            "channel": place.channel,
            "ts": place.thread_ts,
            "oldest": place.after_ts,
            "limit": PAGE,
            "include_all_metadata": "true",
        }
        try:
            answer = await self.read("conversations.replies", query)
        except DeliveryError as error:
            log.warning("slack.cannot_look", code=error.code)
            return None
        replies = answer.get("messages")
        if not isinstance(replies, list) or not replies or answer.get("has_more"):
            return None
        return any(_key(reply) == _key(message) for reply in replies)

    async def tell(self, place: Place, key: str) -> None:
        """Show one of the notices to one person only."""
        await self.show(place, (render_notice(key),))

    async def show(self, place: Place, messages: Sequence[Payload]) -> None:
        """Show to one person only what has one form, if there is anything."""
        if messages:
            await self.send_ephemeral(place, lambda _: messages)

    async def send_ephemeral(self, place: Place, render: Render) -> None:
        """Show to one person only.

        In a direct message with the bot everything is, and what Slack calls ephemeral may not
        be shown there; so it is posted, unless it answers what was ephemeral itself.
        """
        if place.response_url and (place.ephemeral or not place.direct):
            more = await self.respond(place, render)
            if more and place.channel:
                await self._post_ephemeral(place, lambda newest: render(newest)[_BY_URL:])
        elif place.channel and not place.direct:
            await self._post_ephemeral(place, render)
        else:
            await self.post(place, render)

    async def replace(self, place: Place, payload: Payload) -> None:
        """Put something else in the place of the message that was acted on."""
        if place.response_url:
            await self._api.respond(place.response_url, {**payload, "replace_original": True})

    async def respond(self, place: Place, render: Render, *, shown: str = "ephemeral") -> bool:
        """Show by the response URL, to everybody where `in_channel`, be the bot there or not.

        Returns:
            Whether there are more messages than it takes.
        """
        url = place.response_url or ""
        how = {"response_type": shown, "replace_original": False, **place.thread}
        # One use is left for what follows, such as replacing the original.
        sent = await send_as_it_fits(
            lambda newest: render(newest)[: _BY_URL + 1],
            lambda payload: self._api.respond(url, {**payload, **how}),
            _BY_URL,
        )
        return sent > _BY_URL

    async def _post_ephemeral(self, place: Place, render: Render) -> None:
        async def send(payload: Payload) -> None:
            message = {k: v for k, v in payload.items() if not k.startswith("unfurl")}
            where = {"channel": place.channel, "user": place.user, **place.thread}
            await self.call("chat.postEphemeral", message | where)

        await send_as_it_fits(render, send)


def _key(message: Payload) -> tuple[str, str]:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("id")), str(payload.get("part"))


class SlackPoster:
    """Implements `schedule_ports.Poster` while Slack is connected.

    Each message goes under its key, by which it is looked for before it is repeated.
    """

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

        def render(newest: bool) -> Sequence[Payload]:
            return render_answer(reply.answer, reply.id, newest=newest)

        return await self._once(target, attempt, render)

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        """See `schedule_ports.Poster`."""
        return await self._once(target, attempt, lambda _: (render_notice_of(notice),))

    async def _once(self, target: Target, attempt: Attempt, render: Render) -> str:
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
                client = WorkspaceClient(connected.api, workspace)
                there = await self._look(client, target, attempt)
                return await _post_missing(client, target, attempt.key, there, render)
        except (Refused, CannotLook) as error:
            if error.code in DEAD_TOKEN:
                connected.workspaces.invalidate(workspace.team, workspace.enterprise)
            raise

    async def _look(
        self, client: WorkspaceClient, target: Target, attempt: Attempt
    ) -> Mapping[str, str]:
        if attempt.earlier is None:
            return {}
        look = self._looks.pop(attempt.key, None) or _Look(attempt.earlier)
        try:
            return await look.go_on(client, target, attempt.key)
        except CannotLook as error:
            if error.retry_after_s is not None and len(self._looks) < LOOKS_KEPT:
                self._looks[attempt.key] = look
            raise


async def _post_missing(
    client: WorkspaceClient, target: Target, key: str, there: Mapping[str, str], render: Render
) -> str:
    """Post the messages of an attempt that are not there yet; the id of the first."""
    sent: list[str] = []

    async def send(payload: Payload) -> None:
        name = f"{key}.{len(sent)}"
        known = there.get(name)
        if not known:
            message = {
                **payload,
                **LITERAL,
                "channel": target.user or target.channel,
                "metadata": {"event_type": BRIEFING, "event_payload": {"key": name}},
            }
            # Once: whoever delivers waits and tries again.
            answer = await client.call("chat.postMessage", message, tries=1)
            known = str(answer["ts"])
        sent.append(known)

    try:
        await send_as_it_fits(render, send)
    except (RateLimited, FenceEnded) as error:
        if sent:  # the next attempt has to look for what is there
            raise Uncertain(error.code, answered=True) from error
        raise
    return sent[0]


class _Look:
    """Reads a conversation's history between two times, page by page, narrow bounds first."""

    def __init__(self, window: Window) -> None:
        begin = window.since - timedelta(seconds=3)
        last = window.until + AFTER
        end = min(window.since + SOON, last)
        # Where the post most probably is, then all around it.
        self._left = [(begin, end), (end, last), (window.since - BEFORE, begin)]
        self._cursor = ""
        self._found: dict[str, str] = {}

    async def go_on(self, client: WorkspaceClient, target: Target, key: str) -> Mapping[str, str]:
        """The keys of our messages there, with their ids.

        Raises:
            CannotLook: Slack refuses, asks to wait, or did not answer; nothing was posted.
        """
        try:
            channel = await _conversation(client, target)
            for _ in range(PAGES_AT_ONCE):
                if not self._left or f"{key}.0" in self._found:
                    return self._found
                await self._page(client, channel)
        except RateLimited as error:
            raise CannotLook(error.code, retry_after_s=error.retry_after_s) from error
        except Uncertain as error:
            raise CannotLook(error.code, retry_after_s=5.0) from error
        except Refused as error:
            raise CannotLook(error.code, needed=error.needed) from error
        raise CannotLook("more_pages", retry_after_s=5.0)

    async def _page(self, client: WorkspaceClient, channel: str) -> None:
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
        answer = await client.read("conversations.history", query)
        for message in answer.get("messages") or []:
            metadata: Any = message.get("metadata") or {}
            if metadata.get("event_type") == BRIEFING:
                self._found[str(metadata.get("event_payload", {}).get("key"))] = message["ts"]
        more: Any = answer.get("response_metadata") or {}
        self._cursor = str(more.get("next_cursor") or "") if answer.get("has_more") else ""
        if not self._cursor:
            self._left.pop(0)


async def _conversation(client: WorkspaceClient, target: Target) -> str:
    """The channel; to look back at a conversation with a person one needs its own id."""
    if target.user is None:
        return target.channel
    opened = await client.call("conversations.open", {"users": target.user}, tries=1)
    return str(opened["channel"]["id"])
