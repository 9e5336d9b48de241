"""Messages, buttons and forms as JSON, the ids that they carry, and what is said of schedules.

Buttons and menus carry no text of anybody:

ab1:ask:<ask>                a suggestion: the next question, made of ids
ab1:nth:<answer>:<number>    the same by its place, where the question is too long
ab1:why|share|up|down|tell:<answer>
ab1:page:<answer>:<number>   another page of the same answer
ab1:plain:<answer>:<number>  the same of an answer in plain text
ab1:pick:<answer>            a menu; what was chosen comes beside it
as1:<what to do>:<schedule>  a schedule's
as1:new|list                 for one that is not there yet, and for all of the channel
as1:form                     the form of a new one
"""

from __future__ import annotations

import re
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.language.pack import ENGLISH
from bot.platforms.base import Press, Verb
from bot.platforms.discord.render.discord_text import (
    IS_COMPONENTS_V2,
    LIMITS,
    SUPPRESS_EMBEDS,
    escape,
    shorten,
    translate,
)
from bot.platforms.plain import count_chars
from bot.schedules.texts import Moment, Where, Who, plain, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.schedules.texts import Line, Notice, Piece

Payload: TypeAlias = dict[str, Any]
"""A message or a component as JSON."""

ACTION_ROW, BUTTON, SELECT, TEXT, SEPARATOR, CONTAINER = 1, 2, 3, 10, 14, 17
TEXT_INPUT, LABEL = 4, 18
PRIMARY, SECONDARY = 1, 2
VERSION: Final = "ab1"
FORM: Final = "as1:form"
SCHEDULE_BUTTON: Final = re.compile(
    r"as1:(?:(?P<whole>new|list)|(?P<verb>pause|resume|again|test|remove):(?P<name>[a-z0-9-]{1,32}))",
    re.ASCII,
)
_PRESSED: Final = re.compile(
    rf"{VERSION}:(?:ask:.+|(?:nth|page|plain):[\w-]{{1,32}}:\d{{1,4}}"
    r"|(?:why|share|up|down|tell|pick):[\w-]{1,32})",
    re.DOTALL | re.ASCII,
)


def schedule_id(verb: str, name: str = "") -> str:
    """The id of a button for a schedule; without its name for none or all of them."""
    return ":".join(filter(None, ("as1", verb, name)))


def custom_id(verb: Verb, target: str, number: int | None = None) -> str:
    """The id to send; the caller sees to its length."""
    tail = "" if number is None else f":{number}"
    return f"{VERSION}:{verb}:{target}{tail}"


def ask_id(answer_id: str, number: int, ask: str) -> str:
    """The id of a suggestion: by its question, or by its place where that is too long."""
    whole = custom_id(Verb.ASK, ask)
    fits = len(whole) <= LIMITS.custom_id_chars and _PRESSED.fullmatch(whole)
    return whole if fits else custom_id(Verb.NTH, answer_id, number)


def parse_action(text: str) -> Press | None:
    """Read a custom id; None where it is none of this version."""
    if not _PRESSED.fullmatch(text):
        return None
    _, verb, rest = text.split(":", 2)
    if verb in {Verb.NTH, Verb.PAGE, Verb.PLAIN}:
        target, number = rest.rsplit(":", 1)
        return Press(Verb(verb), target, int(number))
    return Press(Verb(verb), rest)


def render_note(text: str, *, escaped: bool = False, language: str = ENGLISH) -> Payload:
    """A short text on its own; a fixed phrase in the language of whoever reads it."""
    return {
        "content": text if escaped else escape(translate(text, language)),
        "flags": SUPPRESS_EMBEDS,
        "allowed_mentions": {"parse": []},
    }


def render_message(components: Sequence[Payload]) -> Payload:
    """A message of Components V2."""
    return {
        "flags": IS_COMPONENTS_V2,
        "components": list(components),
        "allowed_mentions": {"parse": []},
    }


def render_button(label: str, pressed: str, style: int = SECONDARY) -> Payload:
    """A button that sends its id."""
    label = shorten(label, LIMITS.button_label_chars)
    return {"type": BUTTON, "style": style, "label": label, "custom_id": pressed}


def render_choices(offers: Iterable[tuple[str, str]]) -> list[Payload]:
    """Names and values for autocomplete; a value too long to be sent back is left out."""
    names: dict[str, str] = {}
    for name, value in offers:
        if fits(value, LIMITS.choice_chars):
            names.setdefault(value, shorten(name, LIMITS.choice_chars) or value)
    offered = [{"name": name, "value": value} for value, name in names.items()]
    return offered[: LIMITS.choices]


def fits(ask: str, limit: int) -> bool:
    """Whether Discord sends a question back as it is."""
    return bool(ask) and shorten(ask, limit) == ask


TEXT_ROOM: Final = LIMITS.content_chars - 100
"""Room for whole lines in a message's text; a role may be mentioned before them."""
FORM_FIELDS: Final = ("when", "what", "zone", "skip", "until")
"""A form has five fields at most."""


def render_lines(
    lines: Sequence[Line], buttons: Collection[str] = (), name: str = "", language: str = "en"
) -> tuple[Payload, ...]:
    """Whole lines, as many to a message as fit; the last has the buttons for `name`."""
    pages: list[list[str]] = [[]]
    room = TEXT_ROOM
    for line in map(_shown, lines):
        if count_chars(line) + 1 > room and pages[-1]:
            pages.append([])
            room = TEXT_ROOM
        pages[-1].append(line)
        room -= count_chars(line) + 1
    *before, last = ["\n".join(page) for page in pages]
    notes = tuple(render_note(text, escaped=True) for text in before)
    if not buttons:
        return (*notes, render_note(last, escaped=True))
    row = [
        render_button(say(f"button.{verb}", language), schedule_id(verb, name), style)
        for verb, style in zip(buttons, chain([PRIMARY], repeat(SECONDARY)), strict=False)
    ]
    shown = [{"type": TEXT, "content": last}, {"type": ACTION_ROW, "components": row}]
    return (*notes, render_message(shown))


def render_notice_of(notice: Notice) -> Payload:
    """A notice to the owner of a schedule, with its buttons."""
    return render_lines(notice.lines, notice.buttons, notice.schedule, notice.language)[-1]


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


def _shown(line: Line) -> str:
    """Escaped, but for code and Discord's marks; a line is never longer than a message."""
    whole = "".join(map(_piece, (line,) if isinstance(line, str) else line))
    return (
        whole if count_chars(whole) <= TEXT_ROOM else escape(shorten(plain(line), TEXT_ROOM // 3))
    )


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
