"""Slack's checks of blocks, written from its documentation and not from our limits.

`check_blocks` and `check_view` raise `Invalid` for what Slack refuses; they are stricter than
the SDK's models, which let empty text, oversized tables and doubled action ids pass.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Block = dict[str, Any]

_PING = re.compile(r"<[@#!]")
_LINK = re.compile(r"<https?://[^<>|\s]+(\|[^<>]*)?>")


class Invalid(Exception):
    """Slack would refuse this."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def need(condition: object, why: str) -> None:
    if not condition:
        raise Invalid(why)


def check_message(payload: dict[str, Any]) -> None:
    """A message: text for screen readers, and blocks within the limits of a message."""
    text = payload.get("text")
    need(isinstance(text, str) and text.strip(), "no_text")
    need(units(str(text)) <= 40_000, "msg_too_long")
    check_no_ping(str(text))
    if "blocks" in payload:
        check_blocks(payload["blocks"], most=50)
        size = units(json.dumps(payload["blocks"], ensure_ascii=False))
        if size > 13_200:
            raise Invalid("msg_blocks_too_long")
        tables = [b for b in payload["blocks"] if b["type"] == "table"]
        need(len(tables) <= 1, "only_one_table_allowed")


def check_view(view: dict[str, Any]) -> None:
    need(view.get("type") == "home", "unsupported view")
    need(set(view) <= {"type", "blocks", "private_metadata", "callback_id"}, "unknown key")
    check_blocks(view["blocks"], most=100)
    need(not any(b["type"] in {"table", "context_actions"} for b in view["blocks"]), "not in home")


_DATE = re.compile(r"<!date\^\d{10}\^[^|<>^]*\{[a-z_]+\}[^|<>^]*\|[^|<>]+>")
"""https://docs.slack.dev/messaging/formatting-message-text#date-formatting"""
_NAMED = re.compile(r"<(?:@U|#C)[A-Z0-9]+>")
"""A person or a channel by id, where only one person sees it."""


def check_no_ping(text: str, *, private: bool = False) -> None:
    text = _DATE.sub("", text)
    text = _NAMED.sub("", text) if private else text
    need(not _PING.search(text), "a mention in the text")
    rest = _LINK.sub("", text)
    need("<" not in rest and ">" not in rest, "unescaped angle bracket")
    need(not re.search(r"&(?!amp;|lt;|gt;)", rest), "unescaped ampersand")


def check_blocks(blocks: Any, *, most: int) -> None:
    need(isinstance(blocks, list) and 0 < len(blocks) <= most, "number of blocks")
    ids = [b["block_id"] for b in blocks if "block_id" in b]
    need(len(ids) == len(set(ids)), "block_id twice")
    for block in blocks:
        check = _BLOCKS.get(block.get("type"))
        if check is None:
            raise Invalid(f"unknown block {block.get('type')}")
        check(block)


def _keys(block: Block, required: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    keys = set(block) - {"type", "block_id"}
    need(required <= keys, f"missing {required - keys}")
    need(keys <= required | optional, f"unknown {keys - required - optional}")


def _text(value: Any, most: int, kinds: tuple[str, ...] = ("plain_text",)) -> None:
    need(isinstance(value, dict) and value.get("type") in kinds, "kind of text")
    allowed = (
        {"type", "text", "emoji"}
        if value["type"] == "plain_text"
        else {
            "type",
            "text",
            "verbatim",
        }
    )
    need(set(value) <= allowed, "key of text")
    text = value.get("text")
    need(isinstance(text, str) and text.strip(), "empty text")
    need(units(text) <= most, f"text over {most}")
    check_no_ping(text, private=value["type"] == "mrkdwn")


def _section(block: Block) -> None:
    _keys(block, {"text"}, {"accessory", "expand"})
    _text(block["text"], 3000, ("plain_text", "mrkdwn"))
    if "accessory" in block:
        _button(block["accessory"])


def _header(block: Block) -> None:
    _keys(block, {"text"})
    _text(block["text"], 150)


def _context(block: Block) -> None:
    _keys(block, {"elements"})
    need(1 <= len(block["elements"]) <= 10, "number of elements")
    for element in block["elements"]:
        _text(element, 3000, ("plain_text", "mrkdwn"))


def _input(block: Block) -> None:
    """By https://docs.slack.dev/reference/block-kit/blocks/input-block ."""
    _keys(block, {"label", "element"}, {"dispatch_action", "hint", "optional"})
    _text(block["label"], 2000)
    element = block["element"]
    need(element.get("type") == "plain_text_input", "kind of input")
    _keys(
        element,
        {"action_id"},
        {"placeholder", "initial_value", "dispatch_action_config", "multiline", "max_length"},
    )
    _text(element["placeholder"], 150)
    need(units(element.get("initial_value", "x")) <= 3000, "initial_value")


def _divider(block: Block) -> None:
    _keys(block, set())


def _actions(block: Block) -> None:
    _keys(block, {"elements"})
    need(1 <= len(block["elements"]) <= 25, "number of elements")
    for element in block["elements"]:
        _button(element)
    ids = [element["action_id"] for element in block["elements"]]
    need(len(ids) == len(set(ids)), "action_id twice")


def _button(element: Block) -> None:
    need(element.get("type") == "button", "not a button")
    _keys(element, {"text", "action_id", "value"}, {"accessibility_label", "style"})
    _text(element["text"], 75)
    need(0 < units(element["action_id"]) <= 255, "action_id")
    need(0 < units(element["value"]) <= 2000, "value")
    if "accessibility_label" in element:
        need(0 < units(element["accessibility_label"]) <= 75, "accessibility_label")


def _context_actions(block: Block) -> None:
    _keys(block, {"elements"})
    need(1 <= len(block["elements"]) <= 5, "number of elements")
    for element in block["elements"]:
        need(element.get("type") == "feedback_buttons", "element")
        _keys(element, {"action_id", "positive_button", "negative_button"})
        for side in ("positive_button", "negative_button"):
            _keys(element[side], {"text", "value"}, {"accessibility_label"})
            _text(element[side]["text"], 75)
            need(0 < units(element[side]["value"]) <= 2000, "value")


def _table(block: Block) -> None:
    _keys(block, {"rows"}, {"column_settings"})
    rows = block["rows"]
    need(1 <= len(rows) <= 100, "number of rows")
    width = len(rows[0])
    need(1 <= width <= 20 and all(len(row) == width for row in rows), "width of rows")
    need(len(block.get("column_settings", [])) <= 20, "column_settings")
    total = sum(_cell(cell) for row in rows for cell in row)
    need(total <= 10_000, "table over 10000")


def _cell(cell: Block) -> int:
    """A cell is literal: nothing in it is escaped, formats or mentions."""
    if cell["type"] == "raw_text":
        _keys(cell, {"text"})
        need(cell["text"].strip(), "empty cell")
        return units(cell["text"])
    need(cell["type"] == "rich_text", "kind of cell")
    total = 0
    for section in cell["elements"]:
        need(section["type"] == "rich_text_section", "kind of section")
        for element in section["elements"]:
            need(element["type"] == "text" and element["text"].strip(), "element of a cell")
            need(set(element) <= {"type", "text", "style"}, "key of an element")
            total += units(element["text"])
    return total


def _rich_text(block: Block) -> None:
    _keys(block, {"elements"})
    need(bool(block["elements"]), "empty rich text")
    for part in block["elements"]:
        need(part["type"] in {"rich_text_section", "rich_text_quote"}, "kind of part")
        need(bool(part["elements"]), "empty part")
        for element in part["elements"]:
            need(element["type"] == "text" and element["text"], "element of rich text")
            need(set(element) <= {"type", "text", "style"}, "key of an element")


_BLOCKS: dict[Any, Callable[[Block], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "divider": _divider,
    "input": _input,
    "actions": _actions,
    "context_actions": _context_actions,
    "table": _table,
    "rich_text": _rich_text,
}
