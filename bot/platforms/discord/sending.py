"""Payloads -> what discord.py sends: posts, each once, and answers to interactions, in time.

The same nonce makes a repeated post the first; an interaction is answered within three seconds.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiohttp
import discord
import structlog
from discord import ui

from bot.answering import phrases
from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.discord.desk import Outgoing, note
from bot.platforms.discord.message_reading import language_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bot.platforms.discord.render.components import Payload

log = structlog.get_logger(__name__)


class SentView(ui.LayoutView):
    """Components that discord.py sends as they are, and does not keep to wait for presses."""

    def __init__(self, payload: Payload) -> None:
        super().__init__(timeout=None)
        self._payload = payload
        self.stop()

    def has_components_v2(self) -> bool:
        """With a text they are of the older kind."""
        return "content" not in self._payload

    def to_components(self) -> list[dict[str, Any]]:
        """What the renderer made."""
        made: list[dict[str, Any]] = self._payload["components"]
        return made


class SentForm(ui.Modal):
    """A form that discord.py sends as it is, and does not keep: what is sent back says all."""

    def __init__(self, payload: Payload) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"])
        self._payload = payload
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        """What the renderer made."""
        return self._payload


def send_options(payload: Payload) -> dict[str, Any]:
    """The keyword arguments of discord.py's send methods for a payload."""
    options = edit_options(payload)
    if "content" in payload:
        options["suppress_embeds"] = True
    # Else the client's own rule holds: nobody is mentioned.
    if roles := payload.get("allowed_mentions", {}).get("roles"):
        allowed = [discord.Object(id=int(role)) for role in roles]
        mentions = discord.AllowedMentions(everyone=False, users=False, roles=allowed)
        options["allowed_mentions"] = mentions
    return options


def edit_options(payload: Payload) -> dict[str, Any]:
    """The same for its edit methods."""
    text = {"content": payload["content"]} if "content" in payload else {}
    return text | ({"view": SentView(payload)} if payload.get("components") else {})


RETRY_WAITS_S: Final = (0.5, 2.0)
POST_TIMEOUT_S: Final = 30.0
LOST: Final = (aiohttp.ClientError, OSError, TimeoutError)
"""What tells that a connection was lost: nobody knows whether the request arrived."""
FAILED: Final = (discord.RateLimited, discord.HTTPException, *LOST)
GATEWAY: Final = frozenset({502, 504})
"""These come from something between us and Discord, which may still be at it."""
BAD_FORM: Final = "50035"
NO_HISTORY: Final = "160002"
"""Discord finds fault with the payload; a reply needs the permission to read the history:
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
    reply = {"reference": reply_to, "mention_author": False} if reply_to else {}
    options = send_options(payload) | reply
    while True:
        try:
            async with asking():
                return (await channel.send(nonce=nonce, **options)).id
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
            if error.code != NO_HISTORY or "reference" not in options:
                raise
            del options["reference"], options["mention_author"]


async def in_some_form(
    send: Callable[[Payload, str], Awaitable[int]], payload: Payload, text: Payload | None
) -> int:
    """Send a payload; a text under another mark where Discord finds fault with it.

    Raises:
        Refused: Discord takes neither, or there is no text.
    """
    try:
        return await send(payload, "")
    except Refused as error:
        if error.code != BAD_FORM or text is None:
            raise
    return await send(text, ".plain")


@asynccontextmanager
async def asking(within_s: float | None = POST_TIMEOUT_S) -> AsyncIterator[None]:
    """For a request to Discord: what fails in it is raised as `delivery_error`."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except FAILED as error:
        raise delivery_error(error) from error


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
    await _tell(interaction, partial(interaction.response.send_modal, SentForm(form)))


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
    if error.code == ALREADY_ANSWERED:
        return Came.ARRIVED
    if error.code == UNKNOWN_INTERACTION:
        log.warning("discord.too_late")
        return Came.REFUSED
    kind = interaction.type.name
    log.warning("discord.refused", status=error.status, code=error.code, kind=kind)
    return Came.BAD_FORM if str(error.code) == BAD_FORM else Came.REFUSED
