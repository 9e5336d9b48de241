"""The custom ids of our buttons and menus: a version, a verb and ids; never text of anybody.

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
from typing import Final

from bot.platforms.base import Press, Verb
from bot.platforms.discord.render.discord_limits import CUSTOM_ID_CHARS

VERSION: Final = "ab1"


BUTTON_TEMPLATE: Final = re.compile(
    rf"{VERSION}:(?:ask:.+|(?:nth|page|plain):[\w-]{{1,32}}:\d{{1,4}}|(?:why|share|up|down|tell):[\w-]{{1,32}})",
    re.DOTALL | re.ASCII,
)
MENU_TEMPLATE: Final = re.compile(rf"{VERSION}:pick:[\w-]{{1,32}}", re.ASCII)


SCHEDULE_BUTTON: Final = re.compile(
    r"as1:(?:(?P<whole>new|list)|(?P<verb>pause|resume|again|test|remove):(?P<name>[a-z0-9-]{1,32}))",
    re.ASCII,
)
FORM: Final = "as1:form"


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
    fits = len(whole) <= CUSTOM_ID_CHARS and BUTTON_TEMPLATE.fullmatch(whole)
    return whole if fits else custom_id(Verb.NTH, answer_id, number)


def parse_action(text: str) -> Press | None:
    """Read a custom id; None where it is none of this version."""
    if not (BUTTON_TEMPLATE.fullmatch(text) or MENU_TEMPLATE.fullmatch(text)):
        return None
    _, verb, rest = text.split(":", 2)
    if verb in {Verb.NTH, Verb.PAGE, Verb.PLAIN}:
        target, number = rest.rsplit(":", 1)
        return Press(Verb(verb), target, int(number))
    return Press(Verb(verb), rest)
