"""Payloads as discord.py sends them, each once: the same nonce makes a repeated post the first."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
from discord import ui

from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.discord.render import components as shapes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from bot.platforms.discord.render.components import Payload


def send_options(payload: Payload) -> dict[str, Any]:
    """The keyword arguments of discord.py's send methods for a payload."""
    mentions = {} if (roles := _mentioned(payload)) is None else {"allowed_mentions": roles}
    if "content" not in payload:
        return {"view": to_view(payload), **mentions}
    return {"suppress_embeds": True, **edit_options(payload), **mentions}


def _mentioned(payload: Payload) -> discord.AllowedMentions | None:
    """The roles that a payload may mention; None for the client's own rule: nobody."""
    roles = payload.get("allowed_mentions", {}).get("roles")
    if not roles:
        return None
    allowed = [discord.Object(id=int(role)) for role in roles]
    return discord.AllowedMentions(everyone=False, users=False, roles=allowed)


def edit_options(payload: Payload) -> dict[str, Any]:
    """The same for its edit methods."""
    if "content" not in payload:
        return {"view": to_view(payload)}
    rows = payload.get("components")
    view = {"view": _to_plain_view(rows)} if rows else {}
    return {"content": payload["content"], **view}


def to_view(payload: Payload) -> ui.LayoutView:
    """A view that discord.py sends and does not keep: `buttons` serves all that is pressed."""
    view = ui.LayoutView(timeout=None)
    for component in payload["components"]:
        view.add_item(_item(component))
    view.stop()
    return view


def to_form(payload: Payload) -> ui.Modal:
    """A form that discord.py sends and does not keep: what is sent back says all."""
    form = ui.Modal(title=payload["title"], custom_id=payload["custom_id"])
    for field in payload["components"]:
        entered = field["component"]
        entry: ui.TextInput[Any] = ui.TextInput(
            custom_id=entered["custom_id"],
            style=discord.TextStyle(entered["style"]),
            placeholder=entered["placeholder"],
            required=entered["required"],
            max_length=entered["max_length"],
        )
        form.add_item(ui.Label(text=field["label"], component=entry))
    form.stop()
    return form


def _to_plain_view(rows: Iterable[Payload]) -> ui.View:
    """Buttons and menus under a text, which discord.py numbers by their row."""
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for component in row["components"]:
            item = _item(component)
            item.row = number
            view.add_item(item)
    view.stop()
    return view


def _item(component: Payload) -> ui.Item[Any]:
    match component["type"]:
        case shapes.TEXT:
            return ui.TextDisplay(component["content"])
        case shapes.SEPARATOR:
            spacing = discord.SeparatorSpacing(component["spacing"])
            return ui.Separator(visible=component["divider"], spacing=spacing)
        case shapes.BUTTON:
            return ui.Button(
                style=discord.ButtonStyle(component["style"]),
                label=component["label"],
                custom_id=component["custom_id"],
                emoji=component.get("emoji", {}).get("name"),
            )
        case shapes.SELECT:
            return ui.Select(
                custom_id=component["custom_id"],
                placeholder=component["placeholder"],
                options=[discord.SelectOption(**option) for option in component["options"]],
            )
        case shapes.ACTION_ROW:
            return ui.ActionRow(*map(_item, component["components"]))
        case shapes.CONTAINER:
            return ui.Container(*map(_item, component["components"]))
    raise AssertionError(f"a component that is not rendered: {component['type']}")


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


async def _post(
    channel: discord.abc.Messageable,
    payload: Payload,
    nonce: str,
    reply_to: discord.MessageReference | None,
) -> int:
    options = send_options(payload)
    if reply_to is not None:
        options |= {"reference": reply_to, "mention_author": False}
    async with asking():
        message = await channel.send(nonce=nonce, **options)
    return message.id
