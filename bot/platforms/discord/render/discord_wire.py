"""Discord's limits, and the custom ids of our buttons and menus: never text of anybody.

Addresses below stand under https://docs.discord.com/developers. Our own budgets stay below what
Discord takes, because it counts in ways that it does not document. The ids:

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
from dataclasses import dataclass
from typing import Final

from bot.platforms.base import Press, Verb


@dataclass(frozen=True, slots=True)
class DiscordLimits:
    """How much Discord takes, each with where it is told."""

    content_chars: int = 2000
    """Text of a message without Components V2: /resources/message#create-message."""
    components: int = 40
    """Components of a message, nested ones included: /components/reference#component-object."""
    text_chars: int = 3800
    """Our budget for all text displays of a message; Discord takes 4000:
    https://github.com/discord/discord-api-docs/pull/8562."""
    text_bytes: int = 9000
    """Our budget in UTF-8. Above 10170, counting 12 a text display, Discord answers HTTP 500:
    https://github.com/discord/discord-api-docs/issues/8554."""
    buttons_in_row: int = 5
    """/components/reference#action-row."""
    button_label_chars: int = 80
    """/components/reference#button."""
    custom_id_chars: int = 100
    """At least 1, and unique in a message: /components/reference#custom-id."""
    select_options: int = 25
    """/components/reference#string-select."""
    option_chars: int = 100
    """Label, value, description each: /components/reference#string-select-select-option-structure.
    """
    choices: int = 25
    """Autocomplete: /interactions/application-commands#application-command-object."""
    choice_chars: int = 100
    """Name and text value each:
    /interactions/application-commands#application-command-object-application-command-option-choice-structure.
    """
    form_chars: int = 45
    """A form's title: /interactions/receiving-and-responding#interaction-response-object-modal,
    and the label of a field: /components/reference#label."""
    placeholder_chars: int = 100
    """In a field of a form: /components/reference#text-input."""


LIMITS: Final = DiscordLimits()

IS_COMPONENTS_V2: Final = 1 << 15
"""Message flag: /resources/message#message-object-message-flags."""
SUPPRESS_EMBEDS: Final = 1 << 2
"""Message flag: /resources/message#message-object-message-flags."""


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
    fits = len(whole) <= LIMITS.custom_id_chars and BUTTON_TEMPLATE.fullmatch(whole)
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
