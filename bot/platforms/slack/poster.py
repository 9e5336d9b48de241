"""Posts scheduled briefings: each message under its key, looked for before it is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import RateLimited, Refused, Uncertain
from bot.platforms.slack.api import DEAD_TOKEN
from bot.platforms.slack.deliver import send_as_it_fits
from bot.platforms.slack.render import render_answer
from bot.platforms.slack.render.schedules import render_notice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.deliver import Payload
    from bot.platforms.slack.wiring import Connected
    from bot.platforms.slack.workspaces import Workspace
    from bot.schedules.notices import Notice
    from bot.schedules.subscription import Target
    from bot.service.assistant import Reply

EVENT_TYPE = "aibrief_briefing"
LOOK_BACK = 15
"""Messages: the most that an app outside the Marketplace gets at once.
https://docs.slack.dev/reference/methods/conversations.history"""


class SlackPoster:
    """Implements `schedule_ports.Poster` while Slack is connected."""

    def __init__(self, connected: Callable[[], Connected | None]) -> None:
        self._connected = connected

    async def post(self, target: Target, reply: Reply, key: str, *, maybe_posted: bool) -> str:
        """See `schedule_ports.Poster`."""
        connected = self._connected()
        if connected is None:
            raise RateLimited("not-connected", 5.0)
        workspace = await connected.workspaces.find(target.workspace or None)
        if workspace is None:
            raise Refused("no_installation")
        try:
            return await _Post(connected.api, workspace, target, key).send(
                reply, maybe_posted=maybe_posted
            )
        except Refused as error:
            if error.code in DEAD_TOKEN:
                connected.workspaces.invalidate(workspace.team, workspace.enterprise)
            raise

    async def tell(self, target: Target, notice: Notice, key: str, *, maybe_posted: bool) -> str:
        """See `schedule_ports.Poster`."""
        connected = self._connected()
        if connected is None:
            raise RateLimited("not-connected", 5.0)
        workspace = await connected.workspaces.find(target.workspace or None)
        if workspace is None:
            raise Refused("no_installation")
        post = _Post(connected.api, workspace, target, key)
        return await post.tell(render_notice_of(notice), maybe_posted=maybe_posted)


class _Post:
    """The messages of one reply."""

    def __init__(self, api: SlackApi, workspace: Workspace, target: Target, key: str) -> None:
        self._api = api
        self._token = workspace.token
        self._target = target
        self._key = key
        self._there: Mapping[str, str] = {}
        self._sent: list[str] = []

    async def send(self, reply: Reply, *, maybe_posted: bool) -> str:
        """Post what is not there yet; the id of the first message."""
        channel = await self._channel(find=maybe_posted)
        if maybe_posted:
            self._there = await self._posted(channel)

        async def send(payload: Payload) -> None:
            key = f"{self._key}.{len(self._sent)}"
            self._sent.append(self._there.get(key) or await self._post(channel, payload, key))

        try:
            await send_as_it_fits(
                lambda newest: render_answer(reply.answer, reply.id, newest=newest), send
            )
        except RateLimited as error:
            if self._sent:  # the next attempt has to look for what is there
                raise Uncertain(error.code) from error
            raise
        return self._sent[0]

    async def tell(self, payload: Payload, *, maybe_posted: bool) -> str:
        """Post one message, unless it is there; its id."""
        channel = await self._channel(find=maybe_posted)
        key = f"{self._key}.0"
        there = await self._posted(channel) if maybe_posted else {}
        return there.get(key) or await self._post(channel, payload, key)

    async def _channel(self, *, find: bool) -> str:
        """The channel, or the person; to look back at a conversation one needs its own id."""
        if self._target.user is None or not find:
            return self._target.user or self._target.channel
        opened = await self._call("conversations.open", {"users": self._target.user})
        return str(opened["channel"]["id"])

    async def _post(self, channel: str, payload: Payload, key: str) -> str:
        message = {
            **payload,
            "channel": channel,
            "parse": "none",
            "link_names": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        }
        return str((await self._call("chat.postMessage", message))["ts"])

    async def _posted(self, channel: str) -> Mapping[str, str]:
        """The keys of our latest messages there, with their ids."""
        query = {"channel": channel, "limit": LOOK_BACK, "include_all_metadata": "true"}
        answer = await self._api.read("conversations.history", self._token, query)
        found: dict[str, str] = {}
        for message in answer.get("messages") or []:
            metadata: Any = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT_TYPE:
                found[str(metadata.get("event_payload", {}).get("key"))] = str(message["ts"])
        return found

    async def _call(self, method: str, payload: Payload) -> Mapping[str, Any]:
        """Once: whoever delivers waits and tries again."""
        return await self._api.call(method, self._token, payload, tries=1)
