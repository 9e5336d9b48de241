"""What may stand anywhere among the words: what happens to runs that were missed, and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from bot.schedules.lexer import normal
from bot.schedules.mistakes import Mistake, mistake
from bot.schedules.subscription import MisfirePolicy

MOST_GRACE_S, MOST_JITTER_S = 7 * 86400, 3600
_UNIT_S: Final = {"m": 60, "h": 3600, "d": 86400}
_LENGTH = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?!\w)"
_THERE = r"(?: there(?:'?s| is))? nothing(?:'?s| is)? new(?!\w)"
_POLICIES: Final[tuple[tuple[str, str, Callable[[re.Match[str]], Any]], ...]] = (
    (
        "catch_up",
        r"\bif missed,?\s+(?:send (?:it |them )?)?(skip|late|merge)\w*",
        lambda found: MisfirePolicy(found[1].lower()),
    ),
    ("grace_s", rf"\bwithin {_LENGTH}", lambda found: min(_seconds(found), MOST_GRACE_S)),
    ("jitter_s", rf"\bspread over {_LENGTH}", lambda found: min(_seconds(found), MOST_JITTER_S)),
    ("no_skips", r"\bno (?:more )?(?:skip(?:ped)? dates|exceptions)(?!\w)", lambda _: True),
    (
        "say_nothing_new",
        rf"\b(?:even|also|say(?: so)?|tell(?: me| us)?) (?:if|when){_THERE}",
        lambda _: True,
    ),
    (
        "say_nothing_new",
        rf"\b(?:skip(?: it)?|silent|quiet|not|but not|send nothing) (?:if|when){_THERE}",
        lambda _: False,
    ),
)
_POLICY_LEFT = re.compile(
    r"\bif (?:it is |it's )?missed\b.*|\bcatch[ -]?up\s+(?:policy|late|skip|merge)\b.*"
    r"|\bwithin\s+\d+\s*\w+|\bspread\s+over\s+\d.*|\bnothing (?:is )?new\b",
    re.IGNORECASE,
)


def _seconds(found: re.Match[str]) -> int:
    return int(found[1]) * _UNIT_S[found[2][0].lower()]


def take_policies(text: str) -> tuple[dict[str, Any] | Mistake, str]:
    """Take these out; what stands in quotation marks stays as it is."""
    found: dict[str, Any] = {}
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        for name, pattern, value in _POLICIES:
            if match := re.search(pattern, parts[index], re.IGNORECASE):
                found[name] = value(match)
                parts[index] = parts[index][: match.start()] + " " + parts[index][match.end() :]
        if left := _POLICY_LEFT.search(parts[index]):
            return mistake("leftover", given=left[0]), text
    return found, normal('"'.join(parts))
