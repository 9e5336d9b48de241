"""Payloads of `render.discord` -> what discord.py sends, unchanged on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.platforms.discord.render import payload as shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.platforms.discord.render.payload import Payload


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
