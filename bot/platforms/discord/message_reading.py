"""What an event says: whether it is for us, what is asked, and who is to see the answer."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import discord

from bot.language import pack
from bot.platforms.base import Verb
from bot.platforms.discord.render.components import parse_action
from bot.service.assistant import Incoming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.platforms.discord.sending import Interaction


_MARKS: Final = re.compile(r"<(?:@[!&]?|#)\d+>")
"""Mentions in a message's text:
https://docs.discord.com/developers/reference#message-formatting."""


def language_of(locale: discord.Locale | None) -> str:
    """The language in which somebody reads what is ours."""
    # What Discord calls no locale comes as an enumeration's member without a text.
    return pack.language_of(locale.value if locale and isinstance(locale.value, str) else None)


def language_of_server(client: discord.Client, server: str) -> str:
    """The language of a server, in which everybody there reads; English where it is not known."""
    guild = client.get_guild(int(server)) if server.isdecimal() else None
    return language_of(guild.preferred_locale if guild else None)


def is_direct(interaction: Interaction) -> bool:
    """Whether it comes from a direct message with us, where only the person reads along."""
    return bool(interaction.context.dm_channel)


def incoming_of(interaction: Interaction, text: str) -> Incoming:
    """A question asked by command or button; outside direct messages it stands alone."""
    channel = str(interaction.channel_id or "")
    return Incoming(
        platform="discord",
        workspace=str(interaction.guild_id or ""),
        channel=channel,
        user=str(interaction.user.id),
        text=text,
        thread=channel if is_direct(interaction) else None,
    )


def incoming_of_message(message: discord.Message, thread: str | None) -> Incoming:
    """A question written in a message, without the mentions in it.

    Where nothing is written, what was forwarded, asked in a poll or described is read.
    """
    written = _MARKS.sub(" ", message.content).strip()
    return Incoming(
        platform="discord",
        workspace=str(message.guild.id if message.guild else ""),
        channel=str(message.channel.id),
        user=str(message.author.id),
        text=written or words_of(message),
        thread=thread,
    )


def is_for_us(message: discord.Message, me: discord.ClientUser) -> bool:
    """Whether a person wrote it to us: directly, by mention or as a reply to us."""
    if (
        message.author.bot
        or message.webhook_id
        or message.type not in {discord.MessageType.default, discord.MessageType.reply}
    ):
        return False
    if message.guild is None:
        return True
    role = message.guild.self_role
    return me in message.mentions or (role is not None and role in message.role_mentions)


def may_answer(message: discord.Message) -> bool:
    """Whether we may write there: a post that is refused counts against us.

    https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
    """
    channel = message.channel
    me = message.guild.me if message.guild else None
    if me is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    return _may_write(channel, me)


def _may_write(channel: discord.abc.GuildChannel | discord.Thread, me: discord.Member) -> bool:
    have = channel.permissions_for(me)
    threads = isinstance(channel, discord.Thread)
    return have.view_channel and (have.send_messages_in_threads if threads else have.send_messages)


async def welcome_place(guild: discord.Guild) -> discord.abc.Messageable | None:
    """The channel for system messages, where we may write; else whoever invited us, if known."""
    channel, me = guild.system_channel, guild.me
    if channel is not None and _may_write(channel, me):
        return channel
    if me.guild_permissions.view_audit_log:
        with suppress(discord.HTTPException):
            added = discord.AuditLogAction.bot_add
            async for entry in guild.audit_logs(limit=5, action=added):
                if getattr(entry.target, "id", None) == me.id:
                    return entry.user
    return None


def threads_of(message: discord.Message) -> tuple[str | None, str | None]:
    """What a message continues and what its follow-up will continue.

    Threads and direct messages go on as themselves. In a channel each message begins anew, but
    for a reply to an answer of ours: it continues the message that we had answered.
    """
    if message.guild is None or isinstance(message.channel, discord.Thread):
        return str(message.channel.id), None
    answered = message.reference.resolved if message.reference else None
    before = answered.reference if isinstance(answered, discord.Message) else None
    continued = str(before.message_id) if before and before.message_id else None
    return continued or str(message.id), str(message.id)


def answer_replied_to(message: discord.Message) -> str | None:
    """The id of the answer of ours that it is a reply to, as the buttons there carry it."""
    answered = message.reference.resolved if message.reference else None
    if not isinstance(answered, discord.Message):
        return None
    pressed = (getattr(c, "custom_id", None) for c in _walk(answered.components))
    actions = (parse_action(custom_id) for custom_id in pressed if custom_id)
    return next((a.target for a in actions if a and a.verb is not Verb.ASK), None)


def words_of(message: discord.Message) -> str:
    """All that a message says: its text, embeds, components, poll, descriptions of pictures.

    A message that was forwarded has its text in a snapshot.
    """
    parts: list[str | None] = []
    for each in _told(message):
        parts.append(each.content)
        for embed in each.embeds:
            parts += [embed.title, embed.description]
            parts += [text for field in embed.fields for text in (field.name, field.value)]
        parts += [getattr(c, "content", None) for c in _walk(each.components)]
        parts += [attachment.description for attachment in each.attachments]
    if message.poll is not None:
        parts += [message.poll.question, *(answer.text for answer in message.poll.answers)]
    return _MARKS.sub(" ", "\n".join(filter(None, parts))).strip()


def is_unreadable(message: discord.Message) -> bool:
    """Whether there is something in it, and none of it is text."""
    has = any(each.attachments or each.stickers for each in _told(message))
    has = has or bool(message.message_snapshots)
    return has and not words_of(message)


def _told(message: discord.Message) -> list[discord.Message | discord.MessageSnapshot]:
    return [message, *message.message_snapshots]


def _walk(components: Iterable[discord.Component]) -> Iterator[discord.Component]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
