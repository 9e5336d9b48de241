"""Posts scheduled briefings: Discord posts a nonce once, and after minutes it is looked for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import discord
import structlog

from bot.errors import RateLimited, Refused
from bot.platforms.discord.delivery import (
    LOST,
    POST_TIMEOUT_S,
    deliver_payload,
    delivery_error,
)
from bot.platforms.discord.render.discord_schedules import render_notice_of
from bot.platforms.discord.render.discord_text import shorten
from bot.platforms.discord.render.payload import TEXT, render_answer, render_text
from bot.platforms.discord.views import send_options
from bot.schedules.subscription import short_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.platforms.discord.client import Bot
    from bot.platforms.discord.render.payload import Payload
    from bot.schedules.notices import Notice
    from bot.schedules.subscription import Target
    from bot.service.assistant import Reply

log = structlog.get_logger(__name__)

POST_NAME_CHARS: Final = 100
"""https://docs.discord.com/developers/resources/channel#channel-object"""
POSTS_LOOKED_AT: Final = 3
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
        forum = _forum(bot, target)
        if forum is not None:
            return await _post_in_forum(bot, forum, target, reply, maybe_posted=maybe_posted)
        channel = await _channel(bot, target)
        if maybe_posted and (found := await _find(bot, channel, reply.id)):
            return found
        place = bot.get_partial_messageable(channel)
        payload = mentioning(
            render_answer(reply.answer, reply.id, shareable=False)[0], target.role
        )
        try:
            posted = await deliver_payload(place, payload, nonce=short_key(key), waits_s=())
        except Refused as error:
            if error.code != BAD_FORM:
                raise
            plain = mentioning(render_text(reply.answer)[0], target.role)
            posted = await deliver_payload(
                place, plain, nonce=short_key(f"{key}.plain"), waits_s=()
            )
        if target.publish:
            await _publish(bot, channel, posted)
        return str(posted)

    async def tell(self, target: Target, notice: Notice, key: str, *, maybe_posted: bool) -> str:
        """See `schedule_ports.Poster`."""
        bot = self._bot()
        if bot is None or not bot.is_ready():
            raise RateLimited("not-connected", 5.0)
        channel = await _channel(bot, target)
        if maybe_posted and (found := await _find(bot, channel, f":{notice.schedule}")):
            return found
        place = bot.get_partial_messageable(channel)
        payload = render_notice_of(notice)
        return str(await deliver_payload(place, payload, nonce=short_key(key), waits_s=()))


def mentioning(payload: Payload, role: str | None) -> Payload:
    """With a role that is mentioned first, and that alone is allowed to be."""
    if role is None:
        return payload
    mark = f"<@&{role}>"
    allowed = {"parse": [], "roles": [role]}
    if "components" in payload:
        first = {"type": TEXT, "content": mark}
        return {
            **payload,
            "components": [first, *payload["components"]],
            "allowed_mentions": allowed,
        }
    return {**payload, "content": f"{mark} {payload['content']}", "allowed_mentions": allowed}


def _forum(bot: Bot, target: Target) -> discord.ForumChannel | None:
    """The channel, where it is one that has only posts of its own."""
    if target.user is not None:
        return None
    channel = bot.get_channel(int(target.channel))
    return channel if isinstance(channel, discord.ForumChannel) else None


async def _post_in_forum(
    bot: Bot, forum: discord.ForumChannel, target: Target, reply: Reply, *, maybe_posted: bool
) -> str:
    """A new post of the forum; the id of its first message, which is that of the post.

    Discord has no nonce for these, so where an earlier attempt may have got through the newest
    posts are looked at: https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel

    Raises:
        delivery_error: What it returns; see `deliver_payload`.
    """
    if maybe_posted and (found := await _find_post(bot, forum, reply.id)):
        return found
    payload = mentioning(render_answer(reply.answer, reply.id, shareable=False)[0], target.role)
    name = shorten(reply.answer.title or "aibrief", POST_NAME_CHARS)
    tags = forum.available_tags[:1] if forum.flags.require_tag else []
    try:
        async with asyncio.timeout(POST_TIMEOUT_S):
            made = await forum.create_thread(name=name, applied_tags=tags, **send_options(payload))
    except (discord.RateLimited, discord.HTTPException, *LOST) as error:
        raise delivery_error(error) from error
    return str(made.message.id)


async def _find_post(bot: Bot, forum: discord.ForumChannel, answer_id: str) -> str | None:
    """Our newest posts there whose first message carries the answer's id."""
    me = bot.user.id if bot.user else 0
    ours = sorted((t for t in forum.threads if t.owner_id == me), key=lambda t: -t.id)
    for thread in ours[:POSTS_LOOKED_AT]:
        if found := await _find(bot, thread.id, answer_id):
            return found
    return None


async def _publish(bot: Bot, channel: int, message: int) -> None:
    """To the servers that follow; where that is refused, the post still stands.

    https://docs.discord.com/developers/resources/message#crosspost-message
    """
    try:
        async with asyncio.timeout(POST_TIMEOUT_S):
            await bot.http.publish_message(channel, message)
    except (discord.RateLimited, discord.HTTPException, *LOST) as error:
        log.warning("discord.not_published", error=type(error).__name__)


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
