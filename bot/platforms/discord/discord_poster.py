"""Posts scheduled briefings: Discord posts a nonce once, and after minutes it is looked for."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
import structlog

from bot.errors import CannotLook, DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.discord.message_reading import language_of_server
from bot.platforms.discord.render.components import TEXT, render_notice_of
from bot.platforms.discord.render.discord_text import shorten
from bot.platforms.discord.render.payload import render_answer, render_text
from bot.platforms.discord.sending import (
    FAILED,
    POST_TIMEOUT_S,
    asking,
    deliver_payload,
    in_some_form,
    send_options,
)
from bot.platforms.wire import AtWork, fenced
from bot.schedules.subscription import short_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from bot.platforms.discord.client import Bot
    from bot.platforms.discord.render.components import Payload
    from bot.schedules.schedule_ports import Attempt, Window
    from bot.schedules.subscription import Target
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply

log = structlog.get_logger(__name__)

PAGE: Final = 100
"""Messages, the most that one request gets.
https://docs.discord.com/developers/resources/message#get-channel-messages"""
BEFORE: Final = timedelta(seconds=60)
AFTER: Final = timedelta(seconds=90)
"""An attempt's post is looked for from so long before it began until so long after its end."""
NONCE_LIFE: Final = timedelta(minutes=2)
""""The past few minutes", in which Discord posts a nonce once:
https://docs.discord.com/developers/resources/message#create-message"""
_UNREADABLE: Final = frozenset({"50001", "50013"})


class DiscordPoster:
    """Implements `schedule_ports.Poster` while Discord is connected."""

    def __init__(self, bot: Callable[[], Bot | None]) -> None:
        self._bot = bot
        self.posting = AtWork()

    def time(self) -> datetime | None:
        """See `schedule_ports.Poster`."""
        bot = self._bot()
        return bot.far_clock.now() if bot else None

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        """See `schedule_ports.Poster`; the first page, the others are behind its buttons."""
        with self._connected(attempt) as bot:
            forum = _forum(bot, target)
            if forum is not None:
                return await _post_in_forum(bot, forum, target, reply, attempt)
            channel = await _channel(bot, target)
            if found := await _look(bot, channel, reply.id, attempt.earlier):
                return found
            place = bot.get_partial_messageable(channel)

            async def send(payload: Payload, mark: str) -> int:
                nonce = short_key(f"{attempt.key}{mark}")
                return await deliver_payload(place, payload, nonce=nonce, waits_s=())

            posted = await _post_in(bot, target, reply, send)
            if target.publish:
                await _publish(bot, channel, posted)
            return str(posted)

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        """See `schedule_ports.Poster`."""
        with self._connected(attempt) as bot:
            channel = await _channel(bot, target)
            if found := await _look(bot, channel, f":{notice.schedule}", attempt.earlier):
                return found
            place, payload = bot.get_partial_messageable(channel), render_notice_of(notice)
            nonce = short_key(attempt.key)
            return str(await deliver_payload(place, payload, nonce=nonce, waits_s=()))

    @contextmanager
    def _connected(self, attempt: Attempt) -> Iterator[Bot]:
        """The session, within the fence; what is done is counted as on its way."""
        bot = self._bot()
        if bot is None or bot.is_closed() or not bot.is_ready():
            raise RateLimited("not-connected", 5.0)
        with self.posting, fenced(attempt.fence):
            yield bot


async def _post_in(
    bot: Bot, target: Target, reply: Reply, send: Callable[[Payload, str], Awaitable[int]]
) -> int:
    """Send the first page."""
    language = language_of_server(bot, target.workspace)
    shown = render_answer(reply.answer, reply.id, shareable=False, language=language)[0]
    text = render_text(reply.answer, reply.id, language=language)[0]
    return await in_some_form(send, mentioning(shown, target.role), mentioning(text, target.role))


def mentioning(payload: Payload, role: str | None) -> Payload:
    """With a role that is mentioned first, and that alone is allowed to be."""
    if role is None:
        return payload
    mark = f"<@&{role}>"
    allowed = {"parse": [], "roles": [role]}
    if "content" in payload:
        shown: Payload = {"content": f"{mark} {payload['content']}"}
    else:
        shown = {"components": [{"type": TEXT, "content": mark}, *payload["components"]]}
    return {**payload, **shown, "allowed_mentions": allowed}


def _forum(bot: Bot, target: Target) -> discord.ForumChannel | None:
    """The channel, where it is one that has only posts of its own."""
    if target.user is not None:
        return None
    channel = bot.get_channel(int(target.channel))
    return channel if isinstance(channel, discord.ForumChannel) else None


async def _post_in_forum(
    bot: Bot, forum: discord.ForumChannel, target: Target, reply: Reply, attempt: Attempt
) -> str:
    """A new post of the forum; the id of its first message, which is that of the post.

    Discord has no nonce for these, so where an earlier attempt may have got through the newest
    posts are looked at: https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel

    """
    if found := await _find_post(bot, forum, reply.id, attempt.earlier):
        return found
    # https://docs.discord.com/developers/resources/channel#channel-object
    name = shorten(reply.answer.title or "aibrief", 100)
    tags = forum.available_tags[:1] if forum.flags.require_tag else []

    async def send(payload: Payload, mark: str) -> int:
        del mark
        async with asking():
            made = await forum.create_thread(name=name, applied_tags=tags, **send_options(payload))
        return made.message.id

    return str(await _post_in(bot, target, reply, send))


async def _find_post(
    bot: Bot, forum: discord.ForumChannel, answer_id: str, window: Window | None
) -> str | None:
    """Our newest posts there whose first message carries the answer's id."""
    me = bot.user.id if bot.user else 0
    ours = sorted((t for t in forum.threads if t.owner_id == me), key=lambda t: -t.id)
    for thread in ours[:3]:
        if found := await _look(bot, thread.id, answer_id, window):
            return found
    return None


async def _publish(bot: Bot, channel: int, message: int) -> None:
    """To the servers that follow; where that is refused, the post still stands.

    https://docs.discord.com/developers/resources/message#crosspost-message
    """
    try:
        async with asyncio.timeout(POST_TIMEOUT_S):
            await bot.http.publish_message(channel, message)
    except FAILED as error:
        log.warning("discord.not_published", error=type(error).__name__)


async def _channel(bot: Bot, target: Target) -> int:
    if target.user is None:
        return int(target.channel)
    try:
        async with asking(within_s=None):
            opened = await bot.http.start_private_message(int(target.user))
    except Uncertain as error:  # nothing was posted yet
        raise RateLimited(error.code, 5.0) from error
    return int(opened["id"])


async def _look(bot: Bot, channel: int, answer_id: str, window: Window | None) -> str | None:
    """The message of ours whose buttons carry the answer's id, posted in that time, if any.

    Raises:
        CannotLook: Discord refuses, asks to wait, does not answer or has too many messages, and
            its own means against doubles, the nonce, may not hold any more.
    """
    if window is None:
        return None
    try:
        return await _find(bot, channel, answer_id, window)
    except RateLimited as error:
        raise CannotLook(error.code, retry_after_s=error.retry_after_s) from error
    except Refused as error:
        there = bot.far_clock.now()
        if there is not None and there - window.since < NONCE_LIFE:
            return None
        needed = "Read Message History" if error.code in _UNREADABLE else ""
        raise CannotLook(error.code, needed=needed) from error
    except CannotLook:
        raise
    except DeliveryError as error:
        raise CannotLook(error.code, retry_after_s=5.0) from error


async def _find(bot: Bot, channel: int, answer_id: str, window: Window) -> str | None:
    after = discord.utils.time_snowflake(window.since - BEFORE)
    last = discord.utils.time_snowflake(window.until + AFTER, high=True)
    me = str(bot.user.id) if bot.user else ""
    for _ in range(50):
        async with asking(within_s=None):
            page = await bot.http.logs_from(channel, PAGE, after=after)
        for message in page:
            ours = message["author"]["id"] == me
            if ours and answer_id in json.dumps(message["components"]):
                return str(message["id"])
        after = max((int(message["id"]) for message in page), default=last)
        if len(page) < PAGE or after >= last:
            return None
    raise CannotLook("more_pages", retry_after_s=60.0)
