"""Posts scheduled briefings: Discord posts a nonce once, and after minutes it is looked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.errors import RateLimited, Refused
from bot.platforms.discord.delivery import LOST, deliver_payload, delivery_error
from bot.platforms.discord.render.payload import render_answer, render_text
from bot.schedules.subscription import short_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.platforms.discord.client import Bot
    from bot.schedules.subscription import Target
    from bot.service.assistant import Reply

LOOK_BACK: Final = 25
"""Messages, of the at most 100 that one request gets.
https://docs.discord.com/developers/resources/message#get-channel-messages"""
BAD_FORM: Final = "50035"
_UNREADABLE: Final = frozenset({"50001", "50013"})


class DiscordPoster:
    """Implements `schedule_ports.Poster` while Discord is connected."""

    def __init__(self, bot: Callable[[], Bot | None]) -> None:
        self._bot = bot

    async def post(self, target: Target, reply: Reply, key: str, *, maybe_posted: bool) -> str:
        """See `schedule_ports.Poster`; the first page, the others are behind its buttons."""
        bot = self._bot()
        if bot is None or not bot.is_ready():
            raise RateLimited("not-connected", 5.0)
        channel = await _channel(bot, target)
        if maybe_posted and (found := await _find(bot, channel, reply.id)):
            return found
        place = bot.get_partial_messageable(channel)
        payload = render_answer(reply.answer, reply.id, shareable=False)[0]
        try:
            posted = await deliver_payload(place, payload, nonce=short_key(key), waits_s=())
        except Refused as error:
            if error.code != BAD_FORM:
                raise
            plain = render_text(reply.answer)[0]
            posted = await deliver_payload(
                place, plain, nonce=short_key(f"{key}.plain"), waits_s=()
            )
        return str(posted)


async def _channel(bot: Bot, target: Target) -> int:
    if target.user is None:
        return int(target.channel)
    opened = await _asked(bot.http.start_private_message(int(target.user)))
    return int(opened["id"])


async def _find(bot: Bot, channel: int, answer_id: str) -> str | None:
    """The latest message of ours whose buttons carry the answer's id."""
    try:
        latest = await _asked(bot.http.logs_from(channel, LOOK_BACK))
    except Refused as error:
        if error.code in _UNREADABLE:
            return None
        raise
    me = str(bot.user.id) if bot.user else ""
    for message in latest:
        if message["author"]["id"] == me and answer_id in json.dumps(message["components"]):
            return str(message["id"])
    return None


async def _asked(request: Awaitable[Any]) -> Any:
    """The answer to a request, errors as ours."""
    try:
        return await request
    except (discord.RateLimited, discord.HTTPException, *LOST) as error:
        raise delivery_error(error) from error
