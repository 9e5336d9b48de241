"""Text for Slack: escaped, cut only between words, never able to ping or to format."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from bot.platforms.bidi import close_bidi
from bot.platforms.slack.render import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return {"type": "mrkdwn", "text": f"*{shown}*{_gap(bold)}{escape(text)}", "verbatim": True}


def _gap(bold: str) -> str:
    return bold[len(bold.rstrip()) :]


def split_text(text: str, most_chars: int) -> Iterator[str]:
    """Pieces that are at most `most_chars` when escaped: cut after sentences, else words.

    A curated snippet is far below every limit; this only keeps the rest from being refused.
    """
    rest = visible(text).strip()
    while rest:
        if limits.count_chars(escape(rest)) <= most_chars:
            yield rest
            return
        cut = _cut(rest, most_chars)
        piece, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        if piece:
            yield piece


def shorten(text: str, most_chars: int) -> str:
    """The first words that fit, with an ellipsis where some were left out."""
    line = one_line(text)
    if limits.count_chars(escape(line)) <= most_chars:
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
