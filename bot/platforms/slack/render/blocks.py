"""Blocks within their limits, and their distribution over as few messages as possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.answering import phrases
from bot.platforms.plain import statement_label, statement_line
from bot.platforms.slack.render import limits
from bot.platforms.slack.render.slack_text import (
    escape,
    literal,
    one_line,
    plain,
    rich,
    split_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.answer import Statement, Table

    BlockDict: TypeAlias = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
GROUP_CHARS = limits.MESSAGE_CHARS // 2
LABEL_ROOM = 100
"""Kept free in a section for a bold beginning and the marks around it."""


def header(text: str) -> Iterator[BlockDict]:
    """A title; in a section where it is longer than Slack's header takes."""
    title = one_line(text)
    if not title:
        return
    if limits.count_chars(escape(title)) <= limits.HEADER_CHARS:
        yield {"type": "header", "text": plain(title)}
    else:
        yield from sections(title)


def sections(text: str, *, bold: str = "") -> Iterator[BlockDict]:
    """Text in sections, one unless it is longer than Slack takes."""
    begin = one_line(bold)
    if limits.count_chars(escape(begin)) > LABEL_ROOM - 10:
        text, begin = f"{begin} {text}", ""
    lead = f"{begin} " if begin else ""
    for piece in split_text(text, limits.SECTION_CHARS - LABEL_ROOM):
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
    for piece in split_text(text, limits.SECTION_CHARS):
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
    pieces = [p for line in lines for p in split_text(one_line(line), limits.SECTION_CHARS)]
    for elements in _groups(map(plain, pieces), limits.CONTEXT_ELEMENTS):
        yield {"type": "context", "elements": elements}


def actions(elements: Iterable[BlockDict | None]) -> Iterator[BlockDict]:
    """Buttons, 25 a block; those that are None are left out."""
    buttons = (element for element in elements if element)
    for chosen in _groups(buttons, limits.ACTION_ELEMENTS):
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
        len(content.columns) + 1 > limits.TABLE_COLUMNS
        or len(content.rows) + 1 > limits.TABLE_ROWS
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
    fits = chars <= limits.TABLE_CHARS and _size(block) <= limits.MESSAGE_CHARS
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
    return limits.count_chars(cell["text"])


def _size(block: BlockDict | Sequence[BlockDict]) -> int:
    return limits.count_chars(_encode(block)) + 2


def pack(blocks: Iterable[BlockDict]) -> list[list[BlockDict]]:
    """Whole blocks in as few messages as they fit in, in order."""
    body = list(blocks)
    tables = sum(block["type"] == "table" for block in body)
    if (
        0 < len(body) <= limits.MESSAGE_BLOCKS
        and tables <= limits.TABLES
        and _size(body) <= limits.MESSAGE_CHARS
    ):
        return [body]
    messages: list[list[BlockDict]] = []
    room = 0
    for block in body:
        size = _size(block)
        crowded = not messages or size > room or len(messages[-1]) >= limits.MESSAGE_BLOCKS
        if crowded or (block["type"] == "table" and _has_table(messages[-1])):
            messages.append([])
            room = limits.MESSAGE_CHARS
        messages[-1].append(block)
        room -= size
    return messages


def _has_table(blocks: Sequence[BlockDict]) -> bool:
    return [block["type"] for block in blocks].count("table") >= limits.TABLES
