"""A Discord payload -> HTML as Discord draws it, and how much of its limits it uses; pure.

Every value is escaped. Buttons are submit buttons named `press`, whose value is the component's
custom id; what is chosen in a menu is named `choice`. A component that is not known is shown as
its number.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from bot.platforms.base import Meter
from bot.platforms.discord.render import components as shapes
from bot.platforms.discord.render.discord_text import LIMITS, size_bytes
from bot.platforms.plain import count_chars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = Mapping[str, Any]

_EMPTY: Final = Markup()
_MARK: Final = re.compile(r"\\(?P<escaped>[^0-9A-Za-z\s])|(?P<bold>\*\*)|`(?P<code>[^`]+)`")
_LINE: Final = re.compile(r"(?P<mark>### |-# |- |> |)(?P<text>.*)", re.DOTALL)
_LINES: Final = {
    "### ": Markup('<h4 class="dc-heading">{}</h4>'),
    "-# ": Markup('<p class="dc-small">{}</p>'),
    "> ": Markup('<blockquote class="dc-quote">{}</blockquote>'),
    "- ": Markup("<li>{}</li>"),
    "": Markup('<p class="dc-text">{}</p>'),
}
OPEN: Final = "Open"
"""Discord opens what is chosen at once; a form needs a button to say so."""


def preview_discord(payload: Json) -> Markup:
    """A message: its components, or its text."""
    text = preview_markdown(payload["content"]) if payload.get("content") else _EMPTY
    return text + _inside(payload)


def preview_markdown(text: str) -> Markup:
    """As much of Discord's Markdown as we send: headings, small print, lists, bold and code.

    https://support.discord.com/hc/en-us/articles/210298617
    """
    found = [line for line in map(_LINE.fullmatch, text.split("\n")) if line]
    parts: list[Markup] = []
    for mark, group in groupby(found, key=lambda line: line["mark"]):
        lines = _EMPTY.join(_LINES[mark].format(_inline(line["text"])) for line in group)
        parts.append(
            Markup('<ul class="dc-list">{}</ul>').format(lines) if mark == "- " else lines
        )
    return _EMPTY.join(parts)


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    bold: int | None = None
    at = 0
    for found in _MARK.finditer(text):
        parts.append(Markup.escape(text[at : found.start()]))
        at = found.end()
        if found["bold"] and bold is not None:
            inside = _EMPTY.join(parts[bold + 1 :])
            parts[bold:] = [Markup("<strong>{}</strong>").format(inside)]
            bold = None
        elif found["bold"]:
            bold = len(parts)
            parts.append(Markup("**"))
        elif found["code"]:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        else:
            parts.append(Markup.escape(found["escaped"]))
    return _EMPTY.join([*parts, Markup.escape(text[at:])])


def _inside(thing: Json) -> Markup:
    return _EMPTY.join(map(_component, thing.get("components", ())))


def _component(component: Json) -> Markup:
    match component.get("type"):
        case shapes.CONTAINER:
            return Markup('<div class="dc-container">{}</div>').format(_inside(component))
        case shapes.ACTION_ROW:
            return Markup('<div class="dc-row">{}</div>').format(_inside(component))
        case shapes.TEXT:
            return preview_markdown(component["content"])
        case shapes.SEPARATOR:
            return Markup('<hr class="dc-separator">')
        case shapes.BUTTON | shapes.SELECT:
            return _pressed(component)
    unknown = Markup('<p class="pv-unknown">[component {}]</p>')
    return unknown.format(component.get("type", "?"))


def _pressed(component: Json) -> Markup:
    button = Markup('<button class="{}" type="submit" name="press" value="{}">{}{}</button>')
    pressed = component["custom_id"]
    if component["type"] == shapes.BUTTON:
        emoji = component.get("emoji", {}).get("name")
        icon = Markup('<span aria-hidden="true">{}</span> ').format(emoji) if emoji else _EMPTY
        primary = component.get("style") == shapes.PRIMARY
        kind = "dc-button dc-primary" if primary else "dc-button"
        return button.format(kind, pressed, icon, component["label"])
    described = ((o["value"], o["label"], o.get("description")) for o in component["options"])
    options = _EMPTY.join(
        Markup('<option value="{}">{}</option>').format(value, " — ".join(filter(None, shown)))
        for value, *shown in described
    )
    menu = Markup(
        '<span class="dc-menu"><select name="choice" aria-label="{}">{}</select>{}</span>'
    )
    opens = button.format("dc-button", pressed, _EMPTY, OPEN)
    return menu.format(component["placeholder"], options, opens)


def discord_meters(payload: Json) -> tuple[Meter, ...]:
    """Components with their text, or the text of a plain message."""
    if "content" in payload:
        return (Meter("characters", count_chars(payload["content"]), LIMITS.content_chars),)
    components = list(_nested(payload))
    texts = [component["content"] for component in components if "content" in component]
    return (
        Meter("components", len(components), LIMITS.components),
        Meter("characters of text", sum(map(count_chars, texts)), LIMITS.text_chars),
        Meter("bytes of text", sum(map(size_bytes, texts)), LIMITS.text_bytes),
    )


def _nested(thing: Json) -> Iterator[Json]:
    for component in thing.get("components", ()):
        yield component
        yield from _nested(component)
