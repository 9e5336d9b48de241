"""Text, buttons and blocks within Slack's limits, over as few messages as possible; pure.

Text is escaped, cut only between words, and never able to ping. Characters are UTF-16 units, the
larger of the ways Slack may count.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.answering import phrases
from bot.platforms.plain import close_bidi, count_chars, statement_label, statement_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answering.answer import Statement, Table

    BlockDict: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackLimits:
    """How much Slack takes; docs/platform-facts.md says where each is told."""

    message_blocks: int = 50
    home_blocks: int = 100
    message_chars: int = 12_000
    """All blocks of a message as JSON; `msg_blocks_too_long` comes from about 13,200."""
    text_chars: int = 3_000
    """The top-level `text`. Slack cuts it at 40,000, but splits messages from 4,000."""
    section_chars: int = 3_000
    header_chars: int = 150
    context_elements: int = 10
    action_elements: int = 25
    button_chars: int = 75
    """Text and accessibility label."""
    button_value_chars: int = 2_000
    options: int = 100
    """Of a select, or of one of its groups."""
    option_chars: int = 75
    """The text of an option, and the label of a group."""
    option_value_chars: int = 150
    table_rows: int = 100
    """The heading row included."""
    table_columns: int = 20
    table_chars: int = 10_000
    """All cells of all tables of a message."""
    tables: int = 1
    """In one message."""
    suggested_prompts: int = 4
    response_url_uses: int = 5
    """Within 30 minutes."""


LIMITS: Final = SlackLimits()


_FORMATS = re.compile(r"[*_~`]|:[\w+'-]+:")
"""What `mrkdwn` would read as formatting or as an emoji; it knows no escape for them."""
_APART = "\u2060"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_ENTITY = re.compile(r"<([^<>]*)>")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
_COSTS = {"&": len("&amp;"), "<": len("&lt;"), ">": len("&gt;")}


def escape(text: str) -> str:
    """`&`, `<` and `>` as Slack wants them, so no mention or link can come out of it.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return html.escape(literal(text), quote=False)


def literal(text: str) -> str:
    """Text for where Slack escapes nothing, such as a cell of a table."""
    return close_bidi(visible(text))


def unformatted(text: str) -> str:
    """Escaped, and with nothing in it that would format: for a message's top-level text.

    Slack knows no escape for marks of formatting, so a character of no width follows each.
    """
    return _FORMATS.sub(lambda found: f"{found[0][0]}{_APART}{found[0][1:]}", escape(text))


def visible(text: str) -> str:
    """The text with a space for each control character."""
    return text if text.isprintable() else _CONTROL.sub(" ", text)


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(visible(text).split())


def parse_text(text: str) -> str:
    """What a person wrote, from Slack's form: mentions out, links as their label, unescaped."""
    return one_line(html.unescape(_ENTITY.sub(_shown, text)))


def _shown(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith(("@", "#", "!")):
        return " "
    return label or target


def plain(text: str) -> dict[str, Any]:
    """A `plain_text` object: nothing in it formats."""
    return {"type": "plain_text", "text": escape(text), "emoji": False}


def rich(text: str, *, bold: str = "") -> dict[str, Any]:
    """A text object for a section that begins with `bold` in bold.

    Where the text itself would format, it is plain instead: the words matter more.
    """
    if _FORMATS.search(text) or _FORMATS.search(bold) or not bold.strip():
        return plain(f"{bold}{text}")
    # A space between the mark and the text would leave the mark visible.
    shown, gap = escape(bold.strip()), bold[len(bold.rstrip()) :]
    return {"type": "mrkdwn", "text": f"*{shown}*{gap}{escape(text)}", "verbatim": True}


def split_text(text: str, most_chars: int) -> Iterator[str]:
    """Pieces that are at most `most_chars` when escaped: cut after sentences, else words.

    A curated snippet is far below every limit; this only keeps the rest from being refused.
    """
    rest = visible(text).strip()
    while rest:
        if count_chars(escape(rest)) <= most_chars:
            yield rest
            return
        cut = _cut(rest, most_chars)
        piece, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        if piece:
            yield piece


def shorten(text: str, most_chars: int) -> str:
    """The first words that fit, with an ellipsis where some were left out."""
    line = one_line(text)
    if count_chars(escape(line)) <= most_chars:
        return line
    return line[: _cut(line, most_chars - 1)].rstrip() + "…"


def _cut(text: str, most_chars: int) -> int:
    """How much of the text fits when escaped, at the best place to stop; at least 1."""
    room, end = most_chars, 0
    for char in text:
        room -= _COSTS.get(char) or (1 if char <= "\uffff" else 2)
        if room < 0:
            break
        end += 1
    head = text[:end]
    stops = [match.start() for match in _SENTENCE_END.finditer(head)]
    best = stops[-1] if stops else head.rfind(" ")
    return max(1, best if best > end // 4 else end)


VERSION = "1"
ACTION_PREFIX = "aibrief:"


class ButtonKind(StrEnum):
    """What a button does, by which its value begins."""

    ASK = "ask"
    WHY = "why"
    SHARE = "share"
    RATE = "rate"
    TELL = "tell"
    SCHEDULE = "schedule"
    HOME = "home"
    FIND = "find"
    """On the App Home: what is typed comes beside it."""


IDS: Final = {
    ButtonKind.ASK: ("what to ask",),
    ButtonKind.WHY: ("answer",),
    ButtonKind.SHARE: ("answer", "asker"),
    ButtonKind.RATE: ("answer", "up or down"),
    ButtonKind.TELL: ("the answer that did not cover it",),
    ButtonKind.SCHEDULE: ("what to do", "schedule"),
    ButtonKind.HOME: ("page",),
    ButtonKind.FIND: (),
}
"""What follows in the value of a button."""
NEW, LIST = "new", "list"
"""With `ButtonKind.SCHEDULE`, twice: for one that is not there yet, and for all of a channel."""


def button_value(kind: ButtonKind, *ids: str) -> str:
    """The value of a button of this version."""
    return "|".join((VERSION, kind, *ids))


def button(
    label: str, kind: ButtonKind, *ids: str, mark: str = "", about: str = ""
) -> BlockDict | None:
    """A button element; None where there is nothing to show or the value does not fit.

    A `mark` tells it from the others of a message, where the kind alone does not.
    """
    text, value = shorten(label, LIMITS.button_chars), button_value(kind, *ids)
    if not text or count_chars(value) > LIMITS.button_value_chars:
        return None
    element: BlockDict = {
        "type": "button",
        "text": plain(text),
        "action_id": ACTION_PREFIX + (f"{kind}:{mark}" if mark else kind),
        "value": value,
    }
    if about:
        element["accessibility_label"] = escape(shorten(about, LIMITS.button_chars))
    return element


def plain_feedback(answer_id: str) -> Iterator[BlockDict]:
    """Thumbs up and down as two ordinary buttons, for where Slack does not take the block."""
    sides = ((phrases.HELPFUL, "up"), (phrases.NOT_HELPFUL, "down"))
    return actions(
        button(label, ButtonKind.RATE, answer_id, vote, mark=vote) for label, vote in sides
    )


def feedback(answer_id: str) -> BlockDict:
    """Thumbs up and down.

    https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    """

    def side(label: str, vote: str) -> BlockDict:
        return {"text": plain(label), "value": button_value(ButtonKind.RATE, answer_id, vote)}

    element = {
        "type": "feedback_buttons",
        "action_id": f"{ACTION_PREFIX}{ButtonKind.RATE}",
        "positive_button": side(phrases.HELPFUL, "up"),
        "negative_button": side(phrases.NOT_HELPFUL, "down"),
    }
    return {"type": "context_actions", "elements": [element]}


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


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
    begin, room = one_line(bold), 100  # for that and the marks around it
    if count_chars(escape(begin)) > room - 10:
        text, begin = f"{begin} {text}", ""
    lead = f"{begin} " if begin else ""
    for piece in split_text(text, LIMITS.section_chars - room):
        yield {"type": "section", "text": rich(piece, bold=lead)}
        lead = ""


def brief_sections(title: str, text: str, ask: str, action: str) -> list[BlockDict]:
    """What is told of a brief, with a button that asks for it."""
    rows = list(sections(text, bold=title))
    about = f"{phrases.BRIEF_ME}: {title}"
    opens = button(phrases.BRIEF_ME, ButtonKind.ASK, ask, about=about)
    if rows and opens and ask:
        rows[0]["accessory"] = opens | {"action_id": f"{ACTION_PREFIX}{action}"}
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
    return _rows("context", map(plain, pieces), LIMITS.context_elements)


def actions(elements: Iterable[BlockDict | None]) -> Iterator[BlockDict]:
    """Buttons, 25 a block; those that are None are left out."""
    return _rows("actions", (each for each in elements if each), LIMITS.action_elements)


def _rows(kind: str, elements: Iterable[BlockDict], most: int) -> Iterator[BlockDict]:
    """Blocks that fit in a message beside others."""
    for chosen in _groups(elements, most, LIMITS.message_chars // 2):
        yield {"type": kind, "elements": chosen}


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
