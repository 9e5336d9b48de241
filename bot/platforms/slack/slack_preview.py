"""A Slack payload -> HTML as Slack draws it, and how much of its limits it uses; pure.

Every value is escaped. Buttons are submit buttons named `press`, whose value is what Slack would
send back, so that a form around the preview does what Slack does. A block that is not known is
shown as its name.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bot.platforms.base import Meter
from bot.platforms.plain import count_chars
from bot.platforms.slack.blocks import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Json = Mapping[str, Any]


def preview_slack(payload: Json) -> Markup:
    """A message or a view, block by block."""
    blocks = payload.get("blocks")
    if not blocks:
        return _html('<p class="sl-text">{}</p>', _plain(payload.get("text", "")))
    return _join(map(_block, blocks))


def _html(template: str, *parts: str) -> Markup:
    return Markup(template).format(*parts)  # noqa: S704 - ours; what is put in is escaped


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)


def _each(template: str, parts: Iterable[str]) -> Markup:
    return _join(_html(template, part) for part in parts)


def _unknown(what: str, thing: Json) -> Markup:
    return _html('<p class="pv-unknown">[{} {}]</p>', what, thing.get("type", "?"))


def _plain(text: str) -> str:
    """The text as it is read: Slack's three entities are characters again.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    for entity in ("&lt;", "&gt;", "&amp;"):
        text = text.replace(entity, html.unescape(entity))
    return text


def _text(thing: Json) -> Markup:
    """A text object: plain, or `*bold*` at its beginning, which is all that we send."""
    text = thing.get("text", "")
    if thing.get("type") == "mrkdwn" and text.startswith("*"):
        bold, closed, rest = text[1:].partition("*")
        if closed:
            return _html("<strong>{}</strong>{}", _plain(bold), _plain(rest))
    return Markup.escape(_plain(text))


def _block(block: Json) -> Markup:
    draw = _BLOCKS.get(block.get("type", ""))
    return draw(block) if draw else _unknown("block", block)


def _section(block: Json) -> Markup:
    beside = _element(block["accessory"]) if "accessory" in block else ""
    text = _html('<p class="sl-text">{}</p>', _text(block["text"]))
    return _html('<div class="sl-section">{}{}</div>', text, beside)


def _actions(block: Json) -> Markup:
    return _html('<div class="sl-actions">{}</div>', _join(map(_element, block["elements"])))


def _table(block: Json) -> Markup:
    head, *rows = block["rows"]
    return _html(
        '<div class="pv-scroll" tabindex="0" role="region" aria-label="Table">'
        '<table class="sl-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        _each('<th scope="col">{}</th>', map(_cell, head)),
        _join(map(_row, rows)),
    )


def _row(row: Iterable[Json]) -> Markup:
    first, *rest = map(_cell, row)
    return _html('<tr><th scope="row">{}</th>{}</tr>', first, _each("<td>{}</td>", rest))


def _cell(cell: Json) -> Markup:
    match cell.get("type"):
        case "raw_text":
            return Markup.escape(cell["text"])
        case "rich_text":
            return _join(map(_rich, cell["elements"]))
    return _unknown("cell", cell)


def _part(part: Json) -> Markup:
    shown = _join(map(_rich, part.get("elements", ())))
    match part.get("type"):
        case "rich_text_section":
            return _html('<p class="sl-text">{}</p>', shown)
        case "rich_text_quote":
            return _html('<blockquote class="sl-quote">{}</blockquote>', shown)
    return _unknown("part", part)


def _rich(element: Json) -> Markup:
    if element.get("type") == "rich_text_section":
        return _join(map(_rich, element["elements"]))
    if element.get("type") != "text":
        return _unknown("text", element)
    bold = element.get("style", {}).get("bold")
    return _html("<strong>{}</strong>" if bold else "{}", element["text"])


def _element(element: Json) -> Markup:
    match element.get("type"):
        case "button":
            about = element.get("accessibility_label") or element["text"]["text"]
            return _press("sl-button", element["value"], _text(element["text"]), about)
        case "feedback_buttons":
            sides = ((element["positive_button"], "👍"), (element["negative_button"], "👎"))
            return _join(
                _press("sl-thumb", side["value"], thumb, side["text"]["text"])
                for side, thumb in sides
            )
        case "plain_text_input":
            placeholder = _plain(element.get("placeholder", {}).get("text", ""))
            return _html('<span class="sl-input">{}</span>', placeholder)
        case "static_select":
            options = _each("<li>{}</li>", (_text(o["text"]) for o in element["options"]))
            return _html('<ul class="sl-options">{}</ul>', options)
    return _unknown("element", element)


def _press(kind: str, value: str, shown: str, about: str) -> Markup:
    return _html(
        '<button class="{}" type="submit" name="press" value="{}" aria-label="{}">{}</button>',
        kind,
        value,
        _plain(about),
        shown,
    )


_BLOCKS: Mapping[str, Callable[[Json], Markup]] = {
    "header": lambda block: _html('<h4 class="sl-header">{}</h4>', _text(block["text"])),
    "section": _section,
    "context": lambda block: _html(
        '<ul class="sl-context">{}</ul>', _each("<li>{}</li>", map(_text, block["elements"]))
    ),
    "actions": _actions,
    "context_actions": _actions,
    "divider": lambda _: Markup('<hr class="sl-divider">'),
    "table": _table,
    "rich_text": lambda block: _join(map(_part, block["elements"])),
    "input": lambda block: _html(
        '<div class="sl-field"><strong>{}</strong>{}</div>',
        _text(block["label"]),
        _element(block["element"]),
    ),
}


def slack_meters(payload: Json) -> tuple[Meter, ...]:
    """Blocks, their size, the notification's text, and the table's where there is one."""
    blocks = payload.get("blocks", [])
    size = count_chars(json.dumps(blocks, ensure_ascii=False))
    used = {
        "blocks": (len(blocks), LIMITS.message_blocks),
        "characters as JSON": (size, LIMITS.message_chars),
        "characters of the notification": (
            count_chars(payload.get("text", "")),
            LIMITS.text_chars,
        ),
    }
    tables = [block for block in blocks if block.get("type") == "table"]
    if tables:
        cells = sum(map(count_chars, _texts(tables)))
        used["characters in the table"] = (cells, LIMITS.table_chars)
    return tuple(Meter(label, *numbers) for label, numbers in used.items())


def _texts(value: Any) -> Iterator[str]:
    """Every `text` in JSON, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _texts(each)
