"""What is said of schedules: plain messages, with buttons where something can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.platforms.discord.render.discord_text import escape, shorten, size_chars
from bot.platforms.discord.render.discord_wire import FORM, IS_COMPONENTS_V2, LIMITS, schedule_id
from bot.platforms.discord.render.payload import (
    ACTION_ROW,
    BUTTON,
    LABEL,
    PRIMARY,
    SECONDARY,
    TEXT,
    TEXT_INPUT,
    Payload,
    render_note,
)
from bot.schedules.texts import Moment, Where, Who, plain, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.schedules.texts import Line, Notice, Piece

_ROOM: Final = LIMITS.content_chars - 100
FORM_FIELDS: Final = ("when", "what", "zone", "skip", "until")
"""A form has five fields at most."""


def render_lines(
    lines: Sequence[Line], buttons: Collection[str] = (), name: str = "", language: str = "en"
) -> tuple[Payload, ...]:
    """Whole lines, as many to a message as fit; the last has the buttons for `name`."""
    pages: list[list[str]] = [[]]
    room = _ROOM
    for line in map(_shown, lines):
        if size_chars(line) + 1 > room and pages[-1]:
            pages.append([])
            room = _ROOM
        pages[-1].append(line)
        room -= size_chars(line) + 1
    *before, last = ["\n".join(page) for page in pages]
    notes = tuple(render_note(text, escaped=True) for text in before)
    if not buttons:
        return (*notes, render_note(last, escaped=True))
    return (*notes, _with_buttons(last, buttons, name, language))


def render_notice_of(notice: Notice) -> Payload:
    """A notice to the owner of a schedule, with its buttons."""
    return render_lines(notice.lines, notice.buttons, notice.schedule, notice.language)[-1]


def _with_buttons(text: str, buttons: Collection[str], name: str, language: str) -> Payload:
    row = [
        {
            "type": BUTTON,
            "style": SECONDARY if number else PRIMARY,
            "label": say(f"button.{verb}", language),
            "custom_id": schedule_id(verb, name),
        }
        for number, verb in enumerate(buttons)
    ]
    return {
        "flags": IS_COMPONENTS_V2,
        "components": [
            {"type": TEXT, "content": text},
            {"type": ACTION_ROW, "components": row},
        ],
        "allowed_mentions": {"parse": []},
    }


def render_form(example: str, language: str) -> Payload:
    """The form of a new schedule; `example` is a brief to name.

    https://docs.discord.com/developers/interactions/receiving-and-responding
    """
    hints = {
        "when": say("form.when-hint", language),
        "what": example,
        "zone": say("form.zone-hint", language),
        "skip": say("form.skip-hint", language),
        "until": say("form.until-hint", language),
    }
    return {
        "custom_id": FORM,
        "title": shorten(say("form.new", language), LIMITS.form_chars),
        "components": [_field(name, hints[name], language) for name in FORM_FIELDS],
    }


def _field(name: str, hint: str, language: str) -> Payload:
    return {
        "type": LABEL,
        "label": shorten(say(f"form.{name}", language), LIMITS.form_chars),
        "component": {
            "type": TEXT_INPUT,
            "custom_id": name,
            "style": 1,
            "placeholder": shorten(hint, LIMITS.placeholder_chars),
            "required": name in {"when", "what"},
            "max_length": 400,
        },
    }


def render_named_choices(choices: Iterable[tuple[str, str]]) -> list[Payload]:
    """Names and values that autocomplete offers; a value that is too long is left out."""
    offered = [
        {"name": shorten(name, LIMITS.choice_chars), "value": value}
        for name, value in choices
        if 0 < size_chars(value) <= LIMITS.choice_chars and name.strip()
    ]
    return offered[: LIMITS.choices]


def _shown(line: Line) -> str:
    """Escaped, but for code and Discord's marks; a line is never longer than a message."""
    whole = "".join(map(_piece, (line,) if isinstance(line, str) else line))
    return whole if size_chars(whole) <= _ROOM else escape(shorten(plain(line), _ROOM // 3))


def _piece(piece: Piece) -> str:
    """See https://docs.discord.com/developers/reference#message-formatting."""
    match piece:
        case str():
            parts = piece.split("`")
            return "".join(f"`{p}`" if i % 2 and p else _kept(p) for i, p in enumerate(parts))
        case Moment():
            return f"<t:{int(piece.at.timestamp())}:F>"
        case Who():
            return f"<@{piece.id}>" if piece.id.isdecimal() else escape(piece.id)
        case Where():
            return f"<#{piece.channel}>" if piece.channel.isdecimal() else "…"


def _kept(text: str) -> str:
    """`escape` with the spaces at both ends."""
    bare = text.strip()
    if not bare:
        return text
    head = text[: len(text) - len(text.lstrip())]
    return f"{head}{escape(bare)}{text[len(text.rstrip()) :]}"
