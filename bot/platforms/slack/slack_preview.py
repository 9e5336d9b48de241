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
from bot.platforms.slack import slack_text
from bot.platforms.slack.slack_text import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Json = Mapping[str, Any]
    from collections.abc import Iterator


_EMPTY = Markup()


def preview_slack(payload: Json) -> Markup:
    """A message or a view, block by block."""
    blocks = payload.get("blocks")
    if not blocks:
        return Markup('<p class="sl-text">{}</p>').format(_plain(payload.get("text", "")))
    return _join(map(_block, blocks))


def _block(block: Json) -> Markup:
    draw = _BLOCKS.get(block.get("type", ""))
    return draw(block) if draw else _unknown("block", block)


def _unknown(what: str, thing: Json) -> Markup:
    return Markup('<p class="pv-unknown">[{} {}]</p>').format(what, thing.get("type", "?"))


def _join(parts: Iterable[Markup]) -> Markup:
    return _EMPTY.join(parts)


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
            return Markup("<strong>{}</strong>{}").format(_plain(bold), _plain(rest))
    return Markup.escape(_plain(text))


def _header(block: Json) -> Markup:
    return Markup('<h4 class="sl-header">{}</h4>').format(_text(block["text"]))


def _section(block: Json) -> Markup:
    shown = [Markup('<p class="sl-text">{}</p>').format(_text(block["text"]))]
    if "accessory" in block:
        shown.append(_element(block["accessory"]))
    return Markup('<div class="sl-section">{}</div>').format(_join(shown))


def _context(block: Json) -> Markup:
    lines = (Markup("<li>{}</li>").format(_text(each)) for each in block["elements"])
    return Markup('<ul class="sl-context">{}</ul>').format(_join(lines))


def _actions(block: Json) -> Markup:
    return Markup('<div class="sl-actions">{}</div>').format(
        _join(map(_element, block["elements"]))
    )


def _divider(block: Json) -> Markup:
    del block
    return Markup('<hr class="sl-divider">')


def _table(block: Json) -> Markup:
    head, *rows = block["rows"]
    columns = _join(Markup('<th scope="col">{}</th>').format(_cell(cell)) for cell in head)
    body = _join(map(_row, rows))
    return Markup(
        '<div class="pv-scroll" tabindex="0" role="region" aria-label="Table">'
        '<table class="sl-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(columns, body)


def _quotation(block: Json) -> Markup:
    return _join(map(_part, block["elements"]))


def _part(part: Json) -> Markup:
    shown = _join(map(_rich, part.get("elements", ())))
    match part.get("type"):
        case "rich_text_section":
            return Markup('<p class="sl-text">{}</p>').format(shown)
        case "rich_text_quote":
            return Markup('<blockquote class="sl-quote">{}</blockquote>').format(shown)
    return _unknown("part", part)


def _row(row: Iterable[Json]) -> Markup:
    first, *rest = row
    cells = _join(Markup("<td>{}</td>").format(_cell(cell)) for cell in rest)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(_cell(first), cells)


def _cell(cell: Json) -> Markup:
    match cell.get("type"):
        case "raw_text":
            return Markup.escape(cell["text"])
        case "rich_text":
            return _join(map(_rich, cell["elements"]))
    return _unknown("cell", cell)


def _rich(element: Json) -> Markup:
    if element.get("type") == "rich_text_section":
        return _join(map(_rich, element["elements"]))
    if element.get("type") != "text":
        return _unknown("text", element)
    shown = Markup.escape(element["text"])
    bold = element.get("style", {}).get("bold")
    return Markup("<strong>{}</strong>").format(shown) if bold else shown


def _element(element: Json) -> Markup:
    match element.get("type"):
        case "button":
            about = element.get("accessibility_label") or element["text"]["text"]
            return _press("sl-button", element["value"], _text(element["text"]), about)
        case "feedback_buttons":
            sides = (
                (element[side], thumb)
                for side, thumb in (("positive_button", "👍"), ("negative_button", "👎"))
            )
            return _join(
                _press("sl-thumb", side["value"], Markup.escape(thumb), side["text"]["text"])
                for side, thumb in sides
            )
        case "plain_text_input":
            placeholder = _plain(element.get("placeholder", {}).get("text", ""))
            return Markup('<span class="sl-input">{}</span>').format(placeholder)
        case "static_select":
            options = _join(
                Markup("<li>{}</li>").format(_text(option["text"]))
                for option in element["options"]
            )
            return Markup('<ul class="sl-options">{}</ul>').format(options)
    return _unknown("element", element)


def _press(kind: str, value: str, shown: Markup, about: str) -> Markup:
    return Markup(
        '<button class="{}" type="submit" name="press" value="{}" aria-label="{}">{}</button>'
    ).format(kind, value, _plain(about), shown)


def _input(block: Json) -> Markup:
    return Markup('<div class="sl-field"><strong>{}</strong>{}</div>').format(
        _text(block["label"]), _element(block["element"])
    )


_BLOCKS: Mapping[str, Callable[[Json], Markup]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "divider": _divider,
    "table": _table,
    "rich_text": _quotation,
    "input": _input,
}


def slack_meters(payload: Json) -> tuple[Meter, ...]:
    """Blocks, their size, the notification's text, and the table's where there is one."""
    blocks = payload.get("blocks", [])
    size = slack_text.count_chars(json.dumps(blocks, ensure_ascii=False))
    meters = [
        Meter("blocks", len(blocks), LIMITS.message_blocks),
        Meter("characters as JSON", size, LIMITS.message_chars),
        Meter(
            "characters of the notification",
            slack_text.count_chars(payload.get("text", "")),
            LIMITS.text_chars,
        ),
    ]
    tables = [block for block in blocks if block.get("type") == "table"]
    if tables:
        cells = sum(slack_text.count_chars(text) for text in _texts(tables))
        meters.append(Meter("characters in the table", cells, LIMITS.table_chars))
    return tuple(meters)


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
