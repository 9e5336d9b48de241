"""Answers an interaction within Discord's three seconds, once, whatever happens."""

from __future__ import annotations

import asyncio
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
import structlog

from bot.core import phrases
from bot.platforms.discord_client.delivery import LOST
from bot.platforms.discord_client.desk import Outgoing, note
from bot.platforms.discord_client.views import edit_options, send_options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)

Interaction: TypeAlias = "discord.Interaction[Any]"
ANSWER_WITHIN_S: Final = 1.5
"""After this we say that we are at it; Discord waits three seconds:
https://docs.discord.com/developers/interactions/receiving-and-responding."""
SEND_TIMEOUT_S: Final = 10.0
UNKNOWN_INTERACTION, ALREADY_ANSWERED, BAD_FORM = 10062, 40060, 50035
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""


class Mode(Enum):
    """Who sees the answer, and where."""

    PRIVATE = "private"
    PUBLIC = "public"
    IN_PLACE = "in place"


async def respond(
    interaction: Interaction,
    work: Awaitable[Outgoing | None],
    mode: Mode,
    answer_within_s: float = ANSWER_WITHIN_S,
) -> Outgoing | None:
    """Send what `work` returns; None from it means that another instance answers.

    Work that takes longer is announced first. Where it fails the person is told so.
    """
    task = asyncio.ensure_future(_safely(work))
    await asyncio.wait({task}, timeout=answer_within_s)
    deferred = not task.done() and await _defer(interaction, mode)
    outgoing = await task
    if outgoing is None:
        return None
    shown = mode if outgoing.reply else Mode.PRIVATE
    if deferred:
        await _tell(interaction, lambda: _complete(interaction, outgoing.payload, mode, shown))
    else:
        await _first(interaction, outgoing, shown)
    for payload in outgoing.more:
        await _tell(interaction, partial(_follow_up, interaction, payload))
    return outgoing


async def _safely(work: Awaitable[Outgoing | None]) -> Outgoing | None:
    try:
        return await work
    except Exception as error:
        log.exception("discord.failed", error=type(error).__name__)
        return note(phrases.TROUBLE)


async def _defer(interaction: Interaction, mode: Mode) -> bool:
    if mode is Mode.IN_PLACE:
        return await _tell(interaction, interaction.response.defer)
    private = mode is Mode.PRIVATE

    def thinking() -> Awaitable[Any]:
        return interaction.response.defer(ephemeral=private, thinking=True)

    return await _tell(interaction, thinking)


async def _first(interaction: Interaction, outgoing: Outgoing, mode: Mode) -> None:
    def send(payload: Any) -> Callable[[], Awaitable[Any]]:
        if mode is Mode.IN_PLACE:
            return lambda: interaction.response.edit_message(**edit_options(payload))
        private = mode is Mode.PRIVATE
        return lambda: interaction.response.send_message(
            ephemeral=private, **send_options(payload)
        )

    sent = await _tell(interaction, send(outgoing.payload))
    if not sent and mode is not Mode.IN_PLACE and (text := outgoing.as_text()):
        await _tell(interaction, send(text))


async def _complete(interaction: Interaction, payload: Any, mode: Mode, shown: Mode) -> None:
    if mode is Mode.IN_PLACE and shown is Mode.PRIVATE:
        await _follow_up(interaction, payload)
    else:
        await interaction.edit_original_response(**edit_options(payload))


async def _follow_up(interaction: Interaction, payload: Any) -> None:
    await interaction.followup.send(ephemeral=True, **send_options(payload))


async def _tell(interaction: Interaction, send: Callable[[], Awaitable[Any]]) -> bool:
    """Send; False where Discord finds fault with the payload, so that another may be tried.

    A first answer whose reply was lost is sent again: Discord takes only one of them.
    """
    for last in (False, True):
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await send()
        except discord.InteractionResponded:
            return True
        except discord.HTTPException as error:
            return _refused(interaction, error)
        except LOST as error:
            if last or interaction.response.is_done():
                log.warning("discord.reply_lost", error=type(error).__name__)
                return True
        else:
            return True
    return True


def _refused(interaction: Interaction, error: discord.HTTPException) -> bool:
    """Log it; False only for a payload that Discord finds fault with."""
    if error.code not in {UNKNOWN_INTERACTION, ALREADY_ANSWERED}:
        kind = interaction.type.name
        log.warning("discord.refused", status=error.status, code=error.code, kind=kind)
    elif error.code == UNKNOWN_INTERACTION:
        log.warning("discord.too_late")
    return error.code != BAD_FORM
