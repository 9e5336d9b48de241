"""Blocks and buttons within their limits, over as few messages as possible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.answering import phrases
from bot.platforms.plain import statement_label, statement_line
from bot.platforms.slack.render import slack_text
from bot.platforms.slack.render.slack_text import (
    LIMITS,
    escape,
    literal,
    one_line,
    plain,
    rich,
    shorten,
    split_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.answer import Statement, Table

    BlockDict: TypeAlias = dict[str, Any]


VERSION = "1"
ACTION_PREFIX = "aibrief:"

ASK, WHY, SHARE, RATE, SCHEDULE = "ask", "why", "share", "rate", "schedule"
"""The kinds, with their ids: what to ask; answer; answer and asker; answer and "up" or "down";
what to do and the schedule."""
NEW, LIST = "new", "list"
"""With `SCHEDULE`, twice: for one that is not there yet, and for all of a channel."""
TELL = "tell"
"""With the id of the answer that did not cover it."""

HOME, FIND = "home", "find"
"""On the App Home: with a page; what is typed comes beside it."""

_COUNTS = {HOME: 1, FIND: 0, ASK: 1, WHY: 1, SHARE: 2, RATE: 2, SCHEDULE: 2, TELL: 1}


@dataclass(frozen=True, slots=True)
class Button:
    """A button that was pressed."""

    kind: str
    ids: tuple[str, ...]


def button_value(kind: str, *ids: str) -> str:
    """The value of a button of this version."""
    return "|".join((VERSION, kind, *ids))


def parse_button(value: object) -> Button | None:
    """The button of a value; None for one of another version or of nobody's making."""
    if not isinstance(value, str):
        return None
    version, _, rest = value.partition("|")
    kind, *ids = rest.split("|")
    if version != VERSION or len(ids) != _COUNTS.get(kind) or not all(ids):
        return None
    return Button(kind, tuple(ids))


def button(label: str, action: str, value: str, *, about: str = "") -> dict[str, Any] | None:
    """A button element; None where there is nothing to show or the value does not fit."""
    text = shorten(label, LIMITS.button_chars)
    if not text or slack_text.count_chars(value) > LIMITS.button_value_chars:
        return None
    element: dict[str, Any] = {
        "type": "button",
        "text": plain(text),
        "action_id": f"{ACTION_PREFIX}{action}",
        "value": value,
    }
    if about:
        element["accessibility_label"] = escape(shorten(one_line(about), LIMITS.button_chars))
    return element


def plain_feedback(answer_id: str) -> list[dict[str, Any] | None]:
    """The same as two ordinary buttons, for where Slack does not take the block."""
    return [
        button(phrases.HELPFUL, f"{RATE}:up", button_value(RATE, answer_id, "up")),
        button(phrases.NOT_HELPFUL, f"{RATE}:down", button_value(RATE, answer_id, "down")),
    ]


def feedback(answer_id: str) -> dict[str, Any]:
    """Thumbs up and down.

    https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    """

    def side(label: str, vote: str) -> dict[str, Any]:
        return {"text": plain(label), "value": button_value(RATE, answer_id, vote)}

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": f"{ACTION_PREFIX}{RATE}",
                "positive_button": side(phrases.HELPFUL, "up"),
                "negative_button": side(phrases.NOT_HELPFUL, "down"),
            }
        ],
    }


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
GROUP_CHARS = LIMITS.message_chars // 2
LABEL_ROOM = 100
"""Kept free in a section for a bold beginning and the marks around it."""


def header(text: str) -> Iterator[BlockDict]:
    """A title; in a section where it is longer than Slack's header takes."""
    title = one_line(text)
    if not title:
        return
    if slack_text.count_chars(escape(title)) <= LIMITS.header_chars:
        yield {"type": "header", "text": plain(title)}
    else:
        yield from sections(title)


def sections(text: str, *, bold: str = "") -> Iterator[BlockDict]:
    """Text in sections, one unless it is longer than Slack takes."""
    begin = one_line(bold)
    if slack_text.count_chars(escape(begin)) > LABEL_ROOM - 10:
        text, begin = f"{begin} {text}", ""
    lead = f"{begin} " if begin else ""
    for piece in split_text(text, LIMITS.section_chars - LABEL_ROOM):
        yield {"type": "section", "text": rich(piece, bold=lead)}
        lead = ""


def statement_sections(statement: Statement) -> Iterator[BlockDict]:
    """`Forecast (unnamed experts): text [S1:8]`, the label in bold."""
    label = f"{statement_label(statement)}: " if statement.label else ""
    yield from sections(statement_line(statement).removeprefix(label), bold=label)


def quotation(statement: Statement) -> Iterator[BlockDict]:
    """A statement quoted under "Closest": it is not what was asked.

    In rich text Slack escapes and formats nothing.
    """
    text = literal(one_line(statement_line(statement)))
    for piece in split_text(text, LIMITS.section_chars):
        head = {"type": "text", "text": f"{phrases.CLOSEST_LABEL}:", "style": {"bold": True}}
        yield {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [head]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": piece}]},
            ],
        }


def context(lines: Iterable[str]) -> Iterator[BlockDict]:
    """Small print, ten elements a block."""
    pieces = [p for line in lines for p in split_text(one_line(line), LIMITS.section_chars)]
    for elements in _groups(map(plain, pieces), LIMITS.context_elements):
        yield {"type": "context", "elements": elements}


def actions(elements: Iterable[BlockDict | None]) -> Iterator[BlockDict]:
    """Buttons, 25 a block; those that are None are left out."""
    buttons = (element for element in elements if element)
    for chosen in _groups(buttons, LIMITS.action_elements):
        yield {"type": "actions", "elements": chosen}


def _groups(elements: Iterable[BlockDict], most: int) -> Iterator[list[BlockDict]]:
    """So many at once, fewer where they are large: a block must fit in a message."""
    waiting = list(elements)
    if len(waiting) <= most and _size(waiting) <= GROUP_CHARS:
        # Nearly always; then nothing needs a look of its own.
        if waiting:
            yield waiting
        return
    group: list[BlockDict] = []
    room = GROUP_CHARS
    for element in waiting:
        size = _size(element)
        if group and (size > room or len(group) == most):
            yield group
            group, room = [], GROUP_CHARS
        group.append(element)
        room -= size
    if group:
        yield group


def table(content: Table) -> BlockDict | None:
    """A real table; None where it is larger than Slack's may be."""
    if (
        len(content.columns) + 1 > LIMITS.table_columns
        or len(content.rows) + 1 > LIMITS.table_rows
    ):
        return None
    rows = [[_cell(phrases.ASPECT, bold=True), *(_cell(c, bold=True) for c in content.columns)]]
    for row in content.rows:
        said = ["\n".join(map(statement_line, cell)) or phrases.NO_CLAIM for cell in row.cells]
        rows.append([_cell(row.label, bold=True), *map(_cell, said)])
    chars = sum(_cell_chars(cell) for row in rows for cell in row)
    block: BlockDict = {
        "type": "table",
        "rows": rows,
        "column_settings": [{"is_wrapped": True}] * (len(content.columns) + 1),
    }
    fits = chars <= LIMITS.table_chars and _size(block) <= LIMITS.message_chars
    return block if fits else None


def table_sections(content: Table) -> Iterator[BlockDict]:
    """The same where there is no table: a section for each cell, the row's label above."""
    for row in content.rows:
        yield from sections(row.label, bold="")
        for column, cell in zip(content.columns, row.cells, strict=True):
            said = "\n".join(map(statement_line, cell)) or phrases.NO_CLAIM
            yield from sections(said, bold=f"{column}:")


def _cell(text: str, *, bold: bool = False) -> BlockDict:
    shown = literal(text).strip() or "-"
    if not bold:
        return {"type": "raw_text", "text": shown}
    element = {"type": "text", "text": shown, "style": {"bold": True}}
    section = {"type": "rich_text_section", "elements": [element]}
    return {"type": "rich_text", "elements": [section]}


def _cell_chars(cell: BlockDict) -> int:
    if cell["type"] == "rich_text":
        cell = cell["elements"][0]["elements"][0]
    return slack_text.count_chars(cell["text"])


def _size(block: BlockDict | Sequence[BlockDict]) -> int:
    return slack_text.count_chars(_encode(block)) + 2


def pack(blocks: Iterable[BlockDict]) -> list[list[BlockDict]]:
    """Whole blocks in as few messages as they fit in, in order."""
    body = list(blocks)
    tables = sum(block["type"] == "table" for block in body)
    if (
        0 < len(body) <= LIMITS.message_blocks
        and tables <= LIMITS.tables
        and _size(body) <= LIMITS.message_chars
    ):
        return [body]
    messages: list[list[BlockDict]] = []
    room = 0
    for block in body:
        size = _size(block)
        crowded = not messages or size > room or len(messages[-1]) >= LIMITS.message_blocks
        if crowded or (block["type"] == "table" and _has_table(messages[-1])):
            messages.append([])
            room = LIMITS.message_chars
        messages[-1].append(block)
        room -= size
    return messages


def _has_table(blocks: Sequence[BlockDict]) -> bool:
    return [block["type"] for block in blocks].count("table") >= LIMITS.tables
