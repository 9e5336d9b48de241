"""Text for Slack within Slack's limits: escaped, cut only between words, never able to ping.

Characters are UTF-16 units, the larger of the ways Slack may count. Where a limit is documented
its page is named; the others were observed, and the page or thread that reports them is named.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.platforms.plain import close_bidi

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class SlackLimits:
    """How much Slack takes, each with where it is told."""

    message_blocks: int = 50
    """https://docs.slack.dev/reference/block-kit/blocks"""
    home_blocks: int = 100
    """https://docs.slack.dev/reference/views/home-tab-views"""
    message_chars: int = 12_000
    """All blocks of a message as JSON. Slack answers `msg_blocks_too_long` from about 13,200:
    https://github.com/slackapi/bolt-js/issues/2509"""
    text_chars: int = 3_000
    """The top-level `text`. Slack cuts it at 40,000, but splits messages from 4,000:
    https://docs.slack.dev/reference/methods/chat.postMessage"""
    section_chars: int = 3_000
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    header_chars: int = 150
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""
    context_elements: int = 10
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    action_elements: int = 25
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block"""
    button_chars: int = 75
    """Text and accessibility label:
    https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    button_value_chars: int = 2_000
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    options: int = 100
    """Of a select, or of one of its groups:
    https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
    option_chars: int = 75
    """The text of an option, and the label of a group:
    https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    option_value_chars: int = 150
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    table_rows: int = 100
    """The heading row included: https://docs.slack.dev/reference/block-kit/blocks/table-block"""
    table_columns: int = 20
    """https://docs.slack.dev/reference/block-kit/blocks/table-block"""
    table_chars: int = 10_000
    """All cells of all tables of a message:
    https://docs.slack.dev/reference/block-kit/blocks/table-block"""
    tables: int = 1
    """In one message: https://docs.slack.dev/reference/block-kit/blocks/table-block"""
    suggested_prompts: int = 4
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""
    response_url_uses: int = 5
    """Within 30 minutes: https://docs.slack.dev/interactivity/handling-user-interaction"""


LIMITS: Final = SlackLimits()


def count_chars(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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
    shown = escape(bold.strip())
    gap = bold[len(bold.rstrip()) :]
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
    spaces = head.rfind(" ")
    best = stops[-1] if stops else spaces
    return max(1, best if best > end // 4 else end)
