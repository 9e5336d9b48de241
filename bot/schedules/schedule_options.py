"""What may stand anywhere in a schedule's words: "except 2026-12-25", "within 3 hours"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.schedules import schedule_phrases as phrases
from bot.schedules.subscription import CatchUp

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_GRACE_S = 7 * 86400
MOST_JITTER_S = 3600
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_SPAN = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with what somebody typed; `text` says what to do and gives an example."""

    text: str
    key: str
    """The phrase's, one of `schedule_phrases.MISTAKES`."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the words say beside when and what; `rest` are the words that remain."""

    rest: str
    skip_dates: tuple[date, ...] = ()
    catch_up: CatchUp = CatchUp.MERGE
    grace_s: int = 7200
    jitter_s: int = 0
    say_nothing_new: bool = False
    named: frozenset[str] = frozenset()
    mistake: Mistake | None = None


def mistake(key: str, **given: str) -> Mistake:
    """The fixed phrase with what was given, which is cut to what fits on a line."""
    safe = {name: " ".join(text.replace("`", "'").split())[:200] for name, text in given.items()}
    return Mistake(
        phrases.MISTAKES[key].format(**({"offer": "", "days": "weekdays"} | safe)).strip(), key
    )


def parse_options(text: str) -> Options:
    """Take out what is understood; `mistake` says what is not."""
    options = Options(text)
    for name, pattern, take in _OPTIONS:
        if found := pattern.search(options.rest):
            rest = _without(options.rest, found[0])
            named = options.named | ({name} if name else set())
            options = take(replace(options, rest=rest, named=named), found)
    return options


def _take_skip_dates(options: Options, found: re.Match[str]) -> Options:
    dates = re.findall(r"\d{4}-[^\s,]+", found[1] or "")
    try:
        return replace(options, skip_dates=tuple(sorted({date.fromisoformat(d) for d in dates})))
    except ValueError:
        return replace(options, mistake=mistake("date", given=found[1]))


def _take_grace(options: Options, found: re.Match[str]) -> Options:
    return replace(options, grace_s=min(int(found[1]) * _UNITS[found[2][0].lower()], MOST_GRACE_S))


def _take_jitter(options: Options, found: re.Match[str]) -> Options:
    return replace(
        options, jitter_s=min(int(found[1]) * _UNITS[found[2][0].lower()], MOST_JITTER_S)
    )


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)


_DATES = r"((?:\d{4}-\S+[\s,]*(?:and\s+)?)+)"
_OPTIONS: tuple[tuple[str, re.Pattern[str], Callable[[Options, re.Match[str]], Options]], ...] = (
    (
        "skip_dates",
        _rule(
            r"\b(?:except|excluding|but not|skip(?:ping)?|without|not)\s+(?:for\s+|on\s+)?"
            rf"{_DATES}|\bno (?:more )?(?:skip(?:ped)? dates|exceptions)"
        ),
        _take_skip_dates,
    ),
    (
        "catch_up",
        _rule(r"\bif missed,?\s+(?:send (?:it |them )?)?(skip|late|merge)\w*"),
        lambda options, found: replace(options, catch_up=CatchUp(found[1].lower())),
    ),
    ("grace_s", _rule(rf"\bwithin {_SPAN}"), _take_grace),
    ("jitter_s", _rule(rf"\bspread over {_SPAN}"), _take_jitter),
    (
        "",
        _rule(
            r"\b(?:even|also|say(?: so)?|tell(?: me| us)?) (?:if|when)(?: there(?:'?s| is))?"
            r" nothing(?:'?s| is)? new"
        ),
        lambda options, _: replace(options, say_nothing_new=True),
    ),
    (
        "",
        _rule(
            r"\b(?:skip(?: it)?|silent|quiet|not|but not|send nothing) (?:if|when)"
            r"(?: there(?:'?s| is))? nothing(?:'?s| is)? new"
        ),
        lambda options, _: options,
    ),
)


def _without(text: str, part: str) -> str:
    return " ".join(text.replace(part, " ", 1).split()).strip(" ,;")
