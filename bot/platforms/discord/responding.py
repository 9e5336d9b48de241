"""Answers an interaction within Discord's three seconds, once, whatever happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
import structlog

from bot.answering import phrases
from bot.platforms.discord.desk import Outgoing, note
from bot.platforms.discord.message_reading import language_of
from bot.platforms.discord.sending import (
    BAD_FORM,
    LOST,
    asked_wait_s,
    edit_options,
    send_options,
    to_form,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.platforms.discord.render.components import Payload

log = structlog.get_logger(__name__)

Interaction: TypeAlias = "discord.Interaction[Any]"
ANSWER_WITHIN_S: Final = 1.5
"""After this we say that we are at it; Discord waits three seconds:
https://docs.discord.com/developers/interactions/receiving-and-responding."""
SEND_TIMEOUT_S: Final = 10.0
UNKNOWN_INTERACTION, ALREADY_ANSWERED = 10062, 40060
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""


class Mode(Enum):
    """Who sees the answer, and where."""

    PRIVATE = "private"
    PUBLIC = "public"
    IN_PLACE = "in place"


class Came(Enum):
    """What became of something that was sent."""

    ARRIVED = "arrived"
    BAD_FORM = "bad form"
    """Discord finds fault with the payload, so that another may be tried."""
    REFUSED = "refused"
    UNSURE = "unsure"
    """Its reply was lost."""


@dataclass(frozen=True, slots=True)
class Served:
    """What was sent back, and whether the person has it."""

    outgoing: Outgoing | None
    came: Came


async def respond(
    interaction: Interaction,
    work: Callable[[], Awaitable[Outgoing | None]],
    mode: Mode,
    answer_within_s: float = ANSWER_WITHIN_S,
    *,
    deed: bool = False,
) -> Served:
    """Send what `work` returns; None from it means that another instance answers.

    Work that takes longer is announced first. Where it fails the person is told so.

    Args:
        interaction: What to answer.
        work: What is to be done.
        mode: Who sees it.
        answer_within_s: Seconds after which it is announced that it takes longer.
        deed: Whether it changes something: then it is acknowledged first, and not done where
            that fails, for Discord tells the person that it failed.
    """
    if deed and await _defer(interaction, mode) is Came.REFUSED:
        return Served(None, Came.REFUSED)
    task = asyncio.ensure_future(_safely(work, language_of(interaction.locale)))
    deferred = deed
    if not deed:
        await asyncio.wait({task}, timeout=answer_within_s)
        deferred = not task.done() and await _defer(interaction, mode) is not Came.BAD_FORM
    outgoing = await task
    if outgoing is None:
        return Served(None, Came.ARRIVED)
    shown = mode if outgoing.reply else Mode.PRIVATE
    if deferred:
        send = partial(_later, interaction, mode, shown)
    else:
        send = partial(_first, interaction, shown)
    came, more = await send(outgoing.payload), outgoing.more
    if came is Came.BAD_FORM and shown is not Mode.IN_PLACE:
        trouble = note(phrases.TROUBLE, language_of(interaction.locale)).payload
        came, more = await send(outgoing.as_text() or trouble), ()
    for payload in more:
        await _tell(interaction, partial(_follow_up, interaction, payload, shown))
    return Served(outgoing, came)


async def at_once(outgoing: Outgoing) -> Outgoing:
    """For `respond`, where there is nothing to be done."""
    return outgoing


async def open_form(interaction: Interaction, form: Payload) -> None:
    """Answer with a form. Where that comes too late, Discord tells the person that it failed."""
    await _tell(interaction, partial(interaction.response.send_modal, to_form(form)))


async def _safely(
    work: Callable[[], Awaitable[Outgoing | None]], language: str
) -> Outgoing | None:
    try:
        # After this nobody should be told that we are still thinking.
        async with asyncio.timeout(60.0):
            return await work()
    except Exception as error:
        log.exception("discord.failed", error=type(error).__name__)
        return note(phrases.TROUBLE, language)


async def _defer(interaction: Interaction, mode: Mode) -> Came:
    defer, private = interaction.response.defer, mode is Mode.PRIVATE
    if mode is not Mode.IN_PLACE:
        defer = partial(defer, ephemeral=private, thinking=True)
    return await _tell(interaction, defer)


async def _first(interaction: Interaction, shown: Mode, payload: Any) -> Came:
    if shown is Mode.IN_PLACE:
        edit = partial(interaction.response.edit_message, **edit_options(payload))
        return await _tell(interaction, edit)
    send = partial(
        interaction.response.send_message,
        ephemeral=shown is Mode.PRIVATE,
        **send_options(payload),
    )
    return await _tell(interaction, send)


async def _later(interaction: Interaction, mode: Mode, shown: Mode, payload: Any) -> Came:
    direct = interaction.context.dm_channel
    if shown is Mode.PRIVATE and (mode is Mode.IN_PLACE or (mode is Mode.PUBLIC and not direct)):
        return await _tell(interaction, partial(_take_aside, interaction, mode, payload))
    edit = partial(interaction.edit_original_response, **edit_options(payload))
    came = await _tell(interaction, edit, repeatable=True)
    if came is not Came.REFUSED:
        return came
    # What was announced may be gone: somebody has removed it.
    return await _tell(interaction, partial(_follow_up, interaction, payload, shown))


async def _take_aside(interaction: Interaction, mode: Mode, payload: Any) -> None:
    """Tell only the person, though an answer for all, or for where it stands, was announced."""
    if mode is Mode.PUBLIC:
        with suppress(discord.HTTPException, *LOST):  # somebody may have been there before us
            await interaction.delete_original_response()
    await _follow_up(interaction, payload, Mode.PRIVATE)


async def _follow_up(interaction: Interaction, payload: Any, shown: Mode) -> None:
    private = shown is not Mode.PUBLIC
    await interaction.followup.send(ephemeral=private, **send_options(payload))


async def _tell(
    interaction: Interaction, send: Callable[[], Awaitable[Any]], *, repeatable: bool = False
) -> Came:
    """Send, and what became of it.

    A first answer whose reply was lost is sent again: Discord takes only one of them. So is what
    is `repeatable`, an edit; a follow-up would be there twice.
    """
    for last in (False, True):
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await send()
        except discord.InteractionResponded:
            return Came.ARRIVED
        except discord.HTTPException as error:
            wait_s = _may_wait_s(interaction, error)
            if last or not wait_s:
                return _refused(interaction, error)
            await asyncio.sleep(wait_s)
        except LOST as error:
            if last or (interaction.response.is_done() and not repeatable):
                log.warning("discord.reply_lost", error=type(error).__name__)
                return Came.UNSURE
        else:
            return Came.ARRIVED
    return Came.UNSURE


def _may_wait_s(interaction: Interaction, error: discord.HTTPException) -> float:
    """How long to wait before another try, 0 for no other: a rate limit took no effect."""
    if error.status != 429:  # noqa: PLR2004
        return 0.0
    wait_s = asked_wait_s(error)
    limit_s = SEND_TIMEOUT_S if interaction.response.is_done() else ANSWER_WITHIN_S / 2
    return wait_s if wait_s <= limit_s else 0.0


def _refused(interaction: Interaction, error: discord.HTTPException) -> Came:
    """Log it. What was answered already has arrived."""
    if error.code not in {UNKNOWN_INTERACTION, ALREADY_ANSWERED}:
        kind = interaction.type.name
        log.warning("discord.refused", status=error.status, code=error.code, kind=kind)
    elif error.code == UNKNOWN_INTERACTION:
        log.warning("discord.too_late")
    if error.code == ALREADY_ANSWERED:
        return Came.ARRIVED
    return Came.BAD_FORM if str(error.code) == BAD_FORM else Came.REFUSED
