"""Posts a payload once: the same nonce makes a repeated post the first one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.discord.views import send_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.platforms.discord.render.payload import Payload

RETRY_WAITS_S: Final = (0.5, 2.0)
POST_TIMEOUT_S: Final = 30.0
LOST: Final = (aiohttp.ClientError, OSError, TimeoutError)
"""What tells that a connection was lost: nobody knows whether the request arrived."""
GATEWAY: Final = frozenset({502, 504})
"""These come from something between us and Discord, which may still be at it."""
NO_HISTORY: Final = "160002"
"""A reply needs the permission to read the history:
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""


async def deliver_payload(
    channel: discord.abc.Messageable,
    payload: Payload,
    *,
    nonce: str,
    reply_to: discord.MessageReference | None = None,
    waits_s: Sequence[float] = RETRY_WAITS_S,
    patience_s: float = 0.0,
) -> int:
    """Post and return the message's id.

    Args:
        channel: Where to.
        payload: What `bot.platforms.discord.render.payload` returned.
        nonce: At most 25 characters, the same for the same post: Discord posts it once,
            https://docs.discord.com/developers/resources/message#create-message.
        reply_to: The message that this is a reply to.
        waits_s: Seconds to wait before each new try.
        patience_s: The longest that Discord may ask to wait for another try.

    Raises:
        Refused: Discord never will take it.
        RateLimited: Discord asks to wait, for too long or without a time, as with a ban.
        Uncertain: Every reply was lost; a later try with the same nonce is safe for minutes.
    """
    tries = iter(waits_s)
    while True:
        try:
            return await _post(channel, payload, nonce, reply_to)
        except Uncertain:
            wait_s = next(tries, None)
            if wait_s is None:
                raise
            await asyncio.sleep(wait_s)
        except RateLimited as error:
            wait_s = next(tries, None)
            if wait_s is None or not 0 < error.retry_after_s <= patience_s:
                raise
            await asyncio.sleep(max(wait_s, error.retry_after_s))
        except Refused as error:
            if error.code != NO_HISTORY or reply_to is None:
                raise
            reply_to = None


def delivery_error(error: Exception) -> DeliveryError:
    """What a failed request means for the post."""
    if isinstance(error, discord.RateLimited):
        return RateLimited("429", error.retry_after)
    if isinstance(error, discord.HTTPException):
        if error.status == 429:  # noqa: PLR2004
            return RateLimited("429", asked_wait_s(error))
        if error.status < 500:  # noqa: PLR2004
            return Refused(str(error.code or error.status))
        return Uncertain(str(error.status), answered=error.status not in GATEWAY)
    return Uncertain(type(error).__name__)


def asked_wait_s(error: discord.HTTPException) -> float:
    """The `Retry-After` of a refusal, 0 where it has none that can be read."""
    text = error.response.headers.get("Retry-After") or "0"
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0


async def _post(
    channel: discord.abc.Messageable,
    payload: Payload,
    nonce: str,
    reply_to: discord.MessageReference | None,
) -> int:
    options = send_options(payload)
    if reply_to is not None:
        options |= {"reference": reply_to, "mention_author": False}
    try:
        async with asyncio.timeout(POST_TIMEOUT_S):
            message = await channel.send(nonce=nonce, **options)
    except (discord.RateLimited, discord.HTTPException, *LOST) as error:
        raise delivery_error(error) from error
    return message.id
