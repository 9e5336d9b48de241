"""Brings payloads to where they belong: a thread, a direct message, or one person's eyes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.errors import Refused
from bot.render.slack.limits import RESPONSE_URL_USES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.platforms.slack_app.api import SlackApi
    from bot.platforms.slack_app.incoming import Place

    Payload: TypeAlias = Mapping[str, Any]
    Render: TypeAlias = Callable[[bool], Sequence[Payload]]
    """Whether the newest blocks may be used -> the messages."""

BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
)
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

_BY_URL = RESPONSE_URL_USES - 1


class Delivery:
    """Sends in the name of one workspace."""

    def __init__(self, api: SlackApi, token: str) -> None:
        self._api = api
        self._token = token

    async def post(self, place: Place, render: Render, *, answer_id: str) -> None:
        """Post for everybody in the thread; with the answer's id as metadata.

        Raises:
            DeliveryError: See `SlackApi.call`.
        """
        metadata = {"event_type": "aibrief_answer", "event_payload": {"id": answer_id}}

        async def send(payload: Payload) -> None:
            message = {
                **payload,
                "channel": place.channel or place.user,
                "parse": "none",
                "link_names": False,
                "metadata": metadata,
            }
            if place.thread_ts:
                message["thread_ts"] = place.thread_ts
            await self._api.call("chat.postMessage", self._token, message)

        await send_as_it_fits(render, send)

    async def whisper(self, place: Place, render: Render) -> None:
        """Show to one person only.

        In a direct message with the bot everything is, and what Slack calls ephemeral may not
        be shown there; so it is posted, unless it answers what was ephemeral itself.

        Raises:
            DeliveryError: See `SlackApi.call`.
        """
        if place.response_url and (place.ephemeral or not place.direct):
            await self._respond(place, render, response_type="ephemeral")
            if len(render(False)) > _BY_URL and place.channel:
                await self._post_ephemeral(place, lambda newest: render(newest)[_BY_URL:])
        elif place.channel and not place.direct:
            await self._post_ephemeral(place, render)
        else:
            await self.post(place, render, answer_id="notice")

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

    async def _respond(self, place: Place, render: Render, *, response_type: str) -> None:
        url = place.response_url or ""
        thread = {"thread_ts": place.thread_ts} if place.thread_ts else {}

        async def send(payload: Payload) -> None:
            how = {"response_type": response_type, "replace_original": False, **thread}
            await self._api.respond(url, {**payload, **how})

        # One use is left for what follows, such as replacing the original.
        await send_as_it_fits(lambda newest: render(newest)[:_BY_URL], send)

    async def _post_ephemeral(self, place: Place, render: Render) -> None:
        async def send(payload: Payload) -> None:
            message = {k: v for k, v in payload.items() if not k.startswith("unfurl")}
            message |= {"channel": place.channel, "user": place.user}
            if place.thread_ts:
                message["thread_ts"] = place.thread_ts
            await self._api.call("chat.postEphemeral", self._token, message)

        await send_as_it_fits(render, send)


async def send_as_it_fits(render: Render, send: Callable[[Payload], Any]) -> None:
    """Send the newest blocks; where Slack refuses them, older ones; at last the text alone."""
    forms: tuple[Callable[[], Sequence[Payload]], ...] = (
        lambda: render(True),
        lambda: render(False),
        lambda: [{k: v for k, v in p.items() if k != "blocks"} for p in render(False)],
    )
    for form in forms[:-1]:
        with suppress(_NothingSent):
            return await _send_all(form(), send)
    return await _send_all(forms[-1](), send)


class _NothingSent(Exception):
    """The first message was refused for its blocks."""


async def _send_all(payloads: Sequence[Payload], send: Callable[[Payload], Any]) -> None:
    for index, payload in enumerate(payloads):
        try:
            await send(payload)
        except Refused as error:
            if index == 0 and error.code in BAD_BLOCKS and "blocks" in payload:
                raise _NothingSent from error
            raise
