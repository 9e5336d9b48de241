"""What is said of schedules, as plain messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.platforms.discord.render.discord_limits import CHOICE_CHARS, CHOICES, CONTENT_CHARS
from bot.platforms.discord.render.discord_text import escape, shorten, size_chars
from bot.platforms.discord.render.payload import Payload, render_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ROOM: Final = CONTENT_CHARS - 100


def render_lines(lines: Sequence[str]) -> tuple[Payload, ...]:
    """Lines of `service.subscriptions`: whole lines, as many to a message as fit."""
    pages: list[list[str]] = [[]]
    room = _ROOM
    for line in map(_shown, lines):
        if size_chars(line) + 1 > room and pages[-1]:
            pages.append([])
            room = _ROOM
        pages[-1].append(line)
        room -= size_chars(line) + 1
    return tuple(render_note("\n".join(page), escaped=True) for page in pages)


def render_named_choices(choices: Iterable[tuple[str, str]]) -> list[Payload]:
    """Names and values that autocomplete offers; a value that is too long is left out."""
    offered = [
        {"name": shorten(name, CHOICE_CHARS), "value": value}
        for name, value in choices
        if 0 < size_chars(value) <= CHOICE_CHARS and name.strip()
    ]
    return offered[:CHOICES]


def _shown(line: str) -> str:
    """Escaped, but for code between backticks; a line is never longer than a message."""
    parts = line.split("`")
    shown = [f"`{p}`" if i % 2 and p else _kept(p) for i, p in enumerate(parts)]
    whole = "".join(shown)
    return whole if size_chars(whole) <= _ROOM else escape(shorten(line, _ROOM // 3))


def _kept(text: str) -> str:
    """`escape` with the spaces at both ends."""
    bare = text.strip()
    if not bare:
        return text
    head = text[: len(text) - len(text.lstrip())]
    return f"{head}{escape(bare)}{text[len(text.rstrip()) :]}"
