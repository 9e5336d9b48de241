"""Blocks and buttons within their limits, over as few messages as possible; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.answering import phrases
from bot.platforms.plain import statement_label, statement_line
from bot.platforms.slack.slack_text import (
    LIMITS,
    count_chars,
    escape,
    literal,
    one_line,
    plain,
    rich,
    shorten,
    split_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def button(
    label: str, kind: str, *ids: str, action: str = "", about: str = ""
) -> BlockDict | None:
    """A button element; None where there is nothing to show or the value does not fit.

    `action` tells it from the others of a message, where the kind alone does not.
    """
    text, value = shorten(label, LIMITS.button_chars), button_value(kind, *ids)
    if not text or count_chars(value) > LIMITS.button_value_chars:
        return None
    element: BlockDict = {
        "type": "button",
        "text": plain(text),
        "action_id": f"{ACTION_PREFIX}{action or kind}",
        "value": value,
    }
    if about:
        element["accessibility_label"] = escape(shorten(about, LIMITS.button_chars))
    return element


def plain_feedback(answer_id: str) -> Iterator[BlockDict]:
    """Thumbs up and down as two ordinary buttons, for where Slack does not take the block."""
    sides = ((phrases.HELPFUL, "up"), (phrases.NOT_HELPFUL, "down"))
    return actions(
        button(label, RATE, answer_id, vote, action=f"{RATE}:{vote}") for label, vote in sides
    )


def feedback(answer_id: str) -> BlockDict:
    """Thumbs up and down.

    https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    """

    def side(label: str, vote: str) -> BlockDict:
        return {"text": plain(label), "value": button_value(RATE, answer_id, vote)}

    element = {
        "type": "feedback_buttons",
        "action_id": f"{ACTION_PREFIX}{RATE}",
        "positive_button": side(phrases.HELPFUL, "up"),
        "negative_button": side(phrases.NOT_HELPFUL, "down"),
    }
    return {"type": "context_actions", "elements": [element]}


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
GROUP_CHARS = LIMITS.message_chars // 2
"""The most of one block: it must fit in a message."""
LABEL_ROOM = 100
"""Kept free in a section for a bold beginning and the marks around it."""


def header(text: str) -> Iterator[BlockDict]:
    """A title; in a section where it is longer than Slack's header takes."""
    title = one_line(text)
    if not title:
        return
    if count_chars(escape(title)) <= LIMITS.header_chars:
        yield {"type": "header", "text": plain(title)}
    else:
        yield from sections(title)


def sections(text: str, *, bold: str = "") -> Iterator[BlockDict]:
    """Text in sections, one unless it is longer than Slack takes."""
    begin = one_line(bold)
    if count_chars(escape(begin)) > LABEL_ROOM - 10:
        text, begin = f"{begin} {text}", ""
    lead = f"{begin} " if begin else ""
    for piece in split_text(text, LIMITS.section_chars - LABEL_ROOM):
        yield {"type": "section", "text": rich(piece, bold=lead)}
        lead = ""


def brief_sections(title: str, text: str, ask: str, action: str) -> list[BlockDict]:
    """What is told of a brief, with a button that asks for it."""
    rows = list(sections(text, bold=title))
    about = f"{phrases.BRIEF_ME}: {title}"
    opens = button(phrases.BRIEF_ME, ASK, ask, action=action, about=about)
    if rows and opens and ask:
        rows[0]["accessory"] = opens
    return rows


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
    pieces = (p for line in lines for p in split_text(one_line(line), LIMITS.section_chars))
    for elements in _groups(map(plain, pieces), LIMITS.context_elements, GROUP_CHARS):
        yield {"type": "context", "elements": elements}


def actions(elements: Iterable[BlockDict | None]) -> Iterator[BlockDict]:
    """Buttons, 25 a block; those that are None are left out."""
    buttons = (element for element in elements if element)
    for chosen in _groups(buttons, LIMITS.action_elements, GROUP_CHARS):
        yield {"type": "actions", "elements": chosen}


def table(content: Table) -> BlockDict | None:
    """A real table; None where it is larger than Slack's may be."""
    columns = len(content.columns) + 1
    if columns > LIMITS.table_columns or len(content.rows) + 1 > LIMITS.table_rows:
        return None
    said = [
        (phrases.ASPECT, *content.columns),
        *((row.label, *map(_cell_text, row.cells)) for row in content.rows),
    ]
    shown = [[literal(text).strip() or "-" for text in row] for row in said]
    block: BlockDict = {
        "type": "table",
        "rows": [
            [_cell(text, bold=not (x and y)) for x, text in enumerate(row)]
            for y, row in enumerate(shown)
        ],
        "column_settings": [{"is_wrapped": True}] * columns,
    }
    chars = sum(count_chars(text) for row in shown for text in row)
    fits = chars <= LIMITS.table_chars and _size(block) <= LIMITS.message_chars
    return block if fits else None


def table_sections(content: Table) -> Iterator[BlockDict]:
    """The same where there is no table: a section for each cell, the row's label above."""
    for row in content.rows:
        yield from sections(row.label)
        for column, cell in zip(content.columns, row.cells, strict=True):
            yield from sections(_cell_text(cell), bold=f"{column}:")


def _cell_text(cell: Iterable[Statement]) -> str:
    return "\n".join(map(statement_line, cell)) or phrases.NO_CLAIM


def _cell(text: str, *, bold: bool) -> BlockDict:
    if not bold:
        return {"type": "raw_text", "text": text}
    element = {"type": "text", "text": text, "style": {"bold": True}}
    section = {"type": "rich_text_section", "elements": [element]}
    return {"type": "rich_text", "elements": [section]}


def _size(block: BlockDict) -> int:
    return count_chars(_encode(block)) + 2


def pack(blocks: Iterable[BlockDict]) -> Iterator[list[BlockDict]]:
    """Whole blocks in as few messages as they fit in, in order."""
    return _groups(blocks, LIMITS.message_blocks, LIMITS.message_chars)


def _groups(
    elements: Iterable[BlockDict], most: int, most_chars: int
) -> Iterator[list[BlockDict]]:
    """So many at once, fewer where they are large or tables."""
    group: list[BlockDict] = []
    room = most_chars
    for element in elements:
        size = _size(element)
        tables = sum(each["type"] == "table" for each in (*group, element))
        if group and (size > room or len(group) == most or tables > LIMITS.tables):
            yield group
            group, room = [], most_chars
        group.append(element)
        room -= size
    if group:
        yield group
