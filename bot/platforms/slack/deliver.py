"""Brings payloads to where they belong: a thread, a direct message, or one person's eyes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog

from bot.errors import DeliveryError, Refused, Uncertain
from bot.platforms.slack.slack_text import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.incoming import Place

    Payload: TypeAlias = Mapping[str, Any]
    Render: TypeAlias = Callable[[bool], Sequence[Payload]]
    """Whether the newest blocks may be used -> the messages."""

log = structlog.get_logger(__name__)

EVENT_TYPE = "aibrief_answer"
LOOK_AFTER_S = 1.0
"""After a lost reply: so long the message may take to show."""
LOOK_BACK = 15
"""Messages: the most that an app outside the Marketplace gets at once.
https://docs.slack.dev/reference/methods/conversations.replies"""

BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
)
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})
"""The bot is no member, or may not know of the conversation."""

_BY_URL = LIMITS.response_url_uses - 1


class WorkspaceClient:
    """Sends in the name of one workspace."""

    def __init__(self, api: SlackApi, token: str) -> None:
        self._api = api
        self._token = token

    async def post(self, place: Place, render: Render, *, answer_id: str | None = None) -> None:
        """Post for everybody in the thread; with the answer's id as metadata.

        What is pressed between two people, where the bot is none of them, is told to who presses.

        Raises:
            Refused: The bot may not post there.
            DeliveryError: See `SlackApi.call`.
        """
        sent: list[Payload] = []

        async def send(payload: Payload) -> None:
            message = {
                **payload,
                "channel": place.channel or place.user,
                "parse": "none",
                "link_names": False,
            }
            if answer_id is not None:
                key = {"id": answer_id, "part": len(sent)}
                message["metadata"] = {"event_type": EVENT_TYPE, "event_payload": key}
            if place.thread_ts:
                message["thread_ts"] = place.thread_ts
            await self._post_once(place, message)
            sent.append(payload)

        try:
            await send_as_it_fits(render, send)
        except Refused as error:
            if sent or error.code not in NOT_THERE or not place.response_url:
                raise
            await self._respond(place, render, response_type="ephemeral")

    async def _post_once(self, place: Place, message: Payload) -> None:
        """Post; where the reply was lost look for the message, and repeat it if it is not there.

        Raises:
            Uncertain: It cannot be looked for.
            DeliveryError: See `SlackApi.call`.
        """
        try:
            await self._api.call("chat.postMessage", self._token, message)
        except Uncertain:
            await asyncio.sleep(LOOK_AFTER_S)
            there = await self._is_there(place, message)
            if there is None:
                raise
            if not there:
                await self._api.call("chat.postMessage", self._token, message, tries=1)

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
            "limit": LOOK_BACK,
            "include_all_metadata": "true",
        }
        try:
            answer = await self._api.read("conversations.replies", self._token, query)
        except DeliveryError as error:
            log.warning("slack.cannot_look", code=error.code)
            return None
        replies = answer.get("messages")
        if not isinstance(replies, list) or not replies or answer.get("has_more"):
            return None
        return any(_key(reply) == _key(message) for reply in replies)

    async def send_ephemeral(self, place: Place, render: Render) -> None:
        """Show to one person only.

        In a direct message with the bot everything is, and what Slack calls ephemeral may not
        be shown there; so it is posted, unless it answers what was ephemeral itself.

        Raises:
            DeliveryError: See `SlackApi.call`.
        """
        if place.response_url and (place.ephemeral or not place.direct):
            more = await self._respond(place, render, response_type="ephemeral")
            if more and place.channel:
                await self._post_ephemeral(place, lambda newest: render(newest)[_BY_URL:])
        elif place.channel and not place.direct:
            await self._post_ephemeral(place, render)
        else:
            await self.post(place, render)

    async def publish(self, place: Place, render: Render) -> None:
        """Show in the channel, also where the bot is no member, by the response URL.

        Raises:
            DeliveryError: See `SlackApi.respond`.
        """
        await self._respond(place, render, response_type="in_channel")

    async def replace(self, place: Place, payload: Payload) -> None:
        """Put something else in the place of the message that was acted on.

        Raises:
            DeliveryError: See `SlackApi.respond`.
        """
        if place.response_url:
            await self._api.respond(place.response_url, {**payload, "replace_original": True})

    async def _respond(self, place: Place, render: Render, *, response_type: str) -> bool:
        """Whether there are more messages than a response URL takes."""
        url = place.response_url or ""
        thread = {"thread_ts": place.thread_ts} if place.thread_ts else {}

        async def send(payload: Payload) -> None:
            how = {"response_type": response_type, "replace_original": False, **thread}
            await self._api.respond(url, {**payload, **how})

        # One use is left for what follows, such as replacing the original.
        sent = await send_as_it_fits(lambda newest: render(newest)[: _BY_URL + 1], send, _BY_URL)
        return sent > _BY_URL

    async def _post_ephemeral(self, place: Place, render: Render) -> None:
        async def send(payload: Payload) -> None:
            message = {k: v for k, v in payload.items() if not k.startswith("unfurl")}
            message |= {"channel": place.channel, "user": place.user}
            if place.thread_ts:
                message["thread_ts"] = place.thread_ts
            await self._api.call("chat.postEphemeral", self._token, message)

        await send_as_it_fits(render, send)


def _key(message: Payload) -> tuple[str, str]:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("id")), str(payload.get("part"))


async def send_as_it_fits(
    render: Render, send: Callable[[Payload], Any], most: int | None = None
) -> int:
    """Send the newest blocks; where Slack refuses them, older ones; at last the text alone.

    Returns:
        How many messages there are, of which `most` are sent.
    """
    forms: tuple[Callable[[], Sequence[Payload]], ...] = (
        lambda: render(True),
        lambda: render(False),
        lambda: [{k: v for k, v in p.items() if k != "blocks"} for p in render(False)],
    )
    for form in forms[:-1]:
        with suppress(_NothingSent):
            return await _send_all(form(), send, most)
    return await _send_all(forms[-1](), send, most)


class _NothingSent(Exception):
    """The first message was refused for its blocks."""


async def _send_all(
    payloads: Sequence[Payload], send: Callable[[Payload], Any], most: int | None
) -> int:
    for index, payload in enumerate(payloads[:most]):
        try:
            await send(payload)
        except Refused as error:
            if index == 0 and error.code in BAD_BLOCKS and "blocks" in payload:
                raise _NothingSent from error
            raise
    return len(payloads)
