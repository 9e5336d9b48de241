"""A Discord payload -> HTML as Discord draws it, and how much of its limits it uses; pure.

Every value is escaped. Buttons are submit buttons named `press`, whose value is the component's
custom id; what is chosen in a menu is named `choice`. A component that is not known is shown as
its number.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bot.platforms.base import Meter
from bot.platforms.discord.render.discord_text import size_bytes, size_chars
from bot.platforms.discord.render.discord_wire import LIMITS
from bot.platforms.discord.render.payload import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    PRIMARY,
    SELECT,
    SEPARATOR,
    TEXT,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Json = Mapping[str, Any]
    from collections.abc import Iterator


_EMPTY = Markup()
_MARK = re.compile(r"\\(?P<escaped>[^0-9A-Za-z\s])|(?P<bold>\*\*)|`(?P<code>[^`]+)`")
_LINE = re.compile(r"(?P<mark>### |-# |- |> |)(?P<text>.*)", re.DOTALL)
OPEN = "Open"
"""Discord opens what is chosen at once; a form needs a button to say so."""


def preview_discord(payload: Json) -> Markup:
    """A message: its components, or its text."""
    text = preview_markdown(payload["content"]) if payload.get("content") else _EMPTY
    return _join([text, *map(_component, payload.get("components", ()))])


def preview_markdown(text: str) -> Markup:
    """As much of Discord's Markdown as we send: headings, small print, lists, bold and code.

    https://support.discord.com/hc/en-us/articles/210298617
    """
    lines = (_LINE.fullmatch(line) for line in text.split("\n"))
    found = [(line["mark"], line["text"]) for line in lines if line]
    return _join(
        _lines(mark, [_inline(line) for _, line in group])
        for mark, group in groupby(found, key=lambda line: line[0])
    )


def _lines(mark: str, lines: Iterable[Markup]) -> Markup:
    """Neighbouring lines of one kind."""
    if mark == "- ":
        items = _join(Markup("<li>{}</li>").format(line) for line in lines)
        return Markup('<ul class="dc-list">{}</ul>').format(items)
    shape = {
        "### ": Markup('<h4 class="dc-heading">{}</h4>'),
        "-# ": Markup('<p class="dc-small">{}</p>'),
        "> ": Markup('<blockquote class="dc-quote">{}</blockquote>'),
    }.get(mark, Markup('<p class="dc-text">{}</p>'))
    return _join(shape.format(line) for line in lines)


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    bold: int | None = None
    at = 0
    for found in _MARK.finditer(text):
        parts.append(Markup.escape(text[at : found.start()]))
        at = found.end()
        if found["bold"] and bold is not None:
            parts[bold:] = [Markup("<strong>{}</strong>").format(_join(parts[bold + 1 :]))]
            bold = None
        elif found["bold"]:
            bold = len(parts)
            parts.append(Markup("**"))
        elif found["code"]:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        else:
            parts.append(Markup.escape(found["escaped"]))
    return _join([*parts, Markup.escape(text[at:])])


def _join(parts: Iterable[Markup]) -> Markup:
    return _EMPTY.join(parts)


def _component(component: Json) -> Markup:
    draw = _COMPONENTS.get(component.get("type", 0))
    if draw is None:
        unknown = Markup('<p class="pv-unknown">[component {}]</p>')
        return unknown.format(component.get("type", "?"))
    return draw(component)


def _container(component: Json) -> Markup:
    inside = _join(map(_component, component["components"]))
    return Markup('<div class="dc-container">{}</div>').format(inside)


def _row(component: Json) -> Markup:
    inside = _join(map(_component, component["components"]))
    return Markup('<div class="dc-row">{}</div>').format(inside)


def _text(component: Json) -> Markup:
    return preview_markdown(component["content"])


def _separator(component: Json) -> Markup:
    del component
    return Markup('<hr class="dc-separator">')


def _button(component: Json) -> Markup:
    emoji = component.get("emoji", {}).get("name")
    icon = Markup('<span aria-hidden="true">{}</span> ').format(emoji) if emoji else _EMPTY
    kind = "dc-button dc-primary" if component.get("style") == PRIMARY else "dc-button"
    return Markup('<button class="{}" type="submit" name="press" value="{}">{}{}</button>').format(
        kind, component["custom_id"], icon, component["label"]
    )


def _select(component: Json) -> Markup:
    options = _join(
        Markup('<option value="{}">{}</option>').format(option["value"], _option(option))
        for option in component["options"]
    )
    return Markup(
        '<span class="dc-menu"><select name="choice" aria-label="{}">{}</select>'
        '<button class="dc-button" type="submit" name="press" value="{}">{}</button></span>'
    ).format(component["placeholder"], options, component["custom_id"], OPEN)


def _option(option: Json) -> str:
    return " — ".join(filter(None, (option["label"], option.get("description"))))


_COMPONENTS: Mapping[int, Callable[[Json], Markup]] = {
    ACTION_ROW: _row,
    BUTTON: _button,
    SELECT: _select,
    TEXT: _text,
    SEPARATOR: _separator,
    CONTAINER: _container,
}


def discord_meters(payload: Json) -> tuple[Meter, ...]:
    """Components with their text, or the text of a plain message."""
    if "components" not in payload:
        used = size_chars(payload.get("content", ""))
        return (Meter("characters", used, LIMITS.content_chars),)
    components = list(_nested(payload))
    texts = [component["content"] for component in components if "content" in component]
    return (
        Meter("components", len(components), LIMITS.components),
        Meter("characters of text", sum(map(size_chars, texts)), LIMITS.text_chars),
        Meter("bytes of text", sum(map(size_bytes, texts)), LIMITS.text_bytes),
    )


def _nested(thing: Json) -> Iterator[Json]:
    for component in thing.get("components", ()):
        yield component
        yield from _nested(component)
