"""What people get wrong in YAML files -> what is wrong and how to put it right."""

from __future__ import annotations

import calendar
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.library.model import MARK, Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Told: TypeAlias = "tuple[str, str]"
"""What is wrong, and what to do; the first without its full stop."""

MAX_SHOWN: Final = 40
_READ_AS: Final = {"bool": "yes or no", "int": "a number", "float": "a number", "date": "a day"}
_GOT: Final = re.compile(r"Expected `(?:str|str \| null)`, got `(bool|int|float|date)`")
_FIELD: Final = re.compile(r"unknown field `(.+)`")
_MISSING: Final = re.compile(r"missing required field `(.+)`")
_LONG: Final = re.compile(r"of length <= (\d+)")
_ENUM: Final = re.compile(r"Invalid enum value '?(.*?)'?$")
_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_VALUES: Final = {
    "kind": tuple(Kind),
    "verdict": tuple(Verdict),
    "details": ("amount", "date", "names", "number", "place"),
    "opens": ("outlook", "summary"),
}
"""The words that a key may have."""
_WITH_A_NAME: Final = (
    (_MISSING, "the key {} is missing", "Add it."),
    (_LONG, "it has more than {} characters", "Shorten it or split it in two."),
)
_UNWRITTEN: Final = f"it is not written yet: it begins with {MARK}"
_UNSPACED: Final = re.compile(r"-\S")
_NO_BLANK: Final = ("a dash stands without a blank", "Put one after each dash: - one")
_MERGED: Final = re.compile(r"(?:<{7}|>{7}|\|{7})(?:\s|$)|={7}$")
_CITATION: Final = "matching regex '^([A-Za-z]"
_SIMPLE: Final = (
    (f"*{MARK}", _UNWRITTEN, "Write it in your own words."),
    ("matching regex '^[a-z0-9]", "'{raw}' is no id", "Use lower-case letters, digits and -."),
    ("matching regex '^https", "'{raw}' is no address", "Write https:// and what follows."),
    (_CITATION, "'{raw}' is no citation", "Write S1:8, or S1:8-9 for several lines."),
    ("matching regex '^[0-9a-f]", "'{raw}' is no sha256", "Copy what sha256sum prints."),
    ("got `null`", "it is empty", "Fill it in, or remove the key."),
    (
        "Expected `str` of length >= 1",
        "it is empty",
        "Fill it in; on lines of its own a text begins further in than its key.",
    ),
    ("of length >= 1", "it is empty", "Put at least one in."),
    ("got `array`", "a text belongs there", "Write it on one line, parts with commas between."),
    ("Expected `array`", "a list belongs there", "Write a line with a dash for each: - one"),
    ("Expected `int`", "'{raw}' is no whole number", "Write it in digits."),
    ("Expected `bool`", "'{raw}' is neither true nor false", "Write true or false."),
    ("Expected `date`", "'{raw}' is no day", "Write it as 2026-11-24, without quotes."),
    ("RFC3339", "'{raw}' is no day", "Write it as 2026-11-24, without quotes."),
    ("got `object`", "a colon made a key of '{raw}'", 'Put the whole line in quotes: "...: ..."'),
    ("Expected `object`", "keys belong there", "Write keys with their values, as other files do."),
)


def tell_wrong(message: str, key: str, raw: str, fields: Sequence[str]) -> Told:
    """What to say of a value of another form than the schema's.

    Args:
        message: What msgspec says.
        key: The last key on the way to the value.
        raw: The value as it is written; of a mapping its first key.
        fields: The keys that are known there.
    """
    shown = raw[:MAX_SHOWN]
    if match := _GOT.search(message):
        return f"YAML reads {shown} as {_READ_AS[match[1]]}, not as text", f'Quote it: "{shown}"'
    if match := _FIELD.search(message):
        return f"there is no key {match[1]}", _did_you_mean(match[1], fields)
    if match := _ENUM.search(message):
        return f"'{match[1]}' is no {key}", _did_you_mean(match[1], _VALUES.get(key, ()))
    return _tell_simple(message, key, raw)


def _tell_simple(message: str, key: str, raw: str) -> Told:
    for pattern, told, fix in _WITH_A_NAME:
        if match := pattern.search(message):
            return told.format(match[1]), fix
    if "Expected `array`" in message and _UNSPACED.match(raw):
        return _NO_BLANK
    if not key and "got `null`" in message:
        return "it is empty", "Fill it in, or remove the file."
    found = ((told, fix) for sign, told, fix in _SIMPLE if sign in message)
    told, fix = next(found, (message, "Correct it."))
    return told.format(raw=raw[:MAX_SHOWN]), fix


def tell_unknown(word: str, known: Sequence[str], otherwise: str) -> str:
    """`Did you mean tea?` for a name that is not known; else what to do."""
    near = get_close_matches(word, known, 1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else otherwise


def find_unknown(message: str) -> str | None:
    """The key that is not known, where that is what msgspec says."""
    match = _FIELD.search(message)
    return match[1] if match else None


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word.lower(), known, 1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(known)}."


def tell_unreadable(error: Any, text: str) -> tuple[int, str, str]:
    """Line (from 1, 0 where none is known), fault and fix for a text that is no YAML."""
    mark = getattr(error, "problem_mark", None)
    line = mark.line if mark else -1
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    context = getattr(error, "context", None) or ""
    began = getattr(error, "context_mark", None)
    if "quoted scalar" in context and began:
        return began.line + 1, "the quote that begins here is not closed", "Close it."
    for sign, fix in _SAID:
        if sign in problem:
            return line + 1, problem, fix
    if "alias" in context:
        problem = "undefined alias"
    lines = text.split("\n")
    if marked := next((n for n, each in enumerate(lines, 1) if _MERGED.match(each)), 0):
        return marked, "a merge is not finished", "Keep one side and remove its marks."
    return _tell_place(lines, line, problem)


def _tell_place(lines: Sequence[str], line: int, problem: str) -> tuple[int, str, str]:
    if 0 < line < len(lines) and _UNSPACED.match(lines[line - 1].strip()):
        line -= 1  # YAML finds out a line later
    shown = lines[line] if 0 <= line < len(lines) else ""
    for sign, tell in _UNREADABLE:
        if sign in problem and (told := tell(shown)):
            return line + 1, *told
    return line + 1, problem, "Check indents and quotes."


def _colon(shown: str) -> Told:
    key, _, value = shown.strip().removeprefix("- ").partition(":")
    return "a colon in a text makes a key of what stands before it", (
        f'Quote the text: {key}: "{value.strip()[:MAX_SHOWN]}..."'
    )


def _start(shown: str) -> Told | None:
    value = shown.partition(":")[2].strip() or shown.strip().removeprefix("- ")
    if shown.startswith("\t") or value.startswith("\t"):
        return _tab(shown)
    return f"a text cannot begin with {value[:1]}", "Put it in quotes."


def _tab(_: str) -> Told:
    return "a tab stands before the text", "Indent with blanks: two for each step."


def _alias(shown: str) -> Told:
    return "a text that begins with * is a reference", _quoted_again(shown)


def _quoted_again(shown: str) -> str:
    return f'Put it in quotes: "{shown.partition(":")[2].strip()[:MAX_SHOWN]}"'


def _dash(_: str) -> Told:
    return "a text cannot begin with a dash and a blank", "Put it in quotes."


def _second(_: str) -> Told:
    return "a line of --- begins a second document", "Remove it; write one file for each brief."


def _indent(shown: str) -> Told:
    if _UNSPACED.match(shown.strip()):
        return _NO_BLANK
    begin = shown.partition(":")[2].strip()[:1]
    if begin in {"{", "["}:
        kind = "keys" if begin == "{" else "a list"
        return f"a text that begins with {begin} is read as {kind}", _quoted_again(shown)
    return "the line does not begin in the column of those it belongs to", (
        "Give it as many blanks as the key above; or close a bracket above it."
    )


_UNREADABLE: Final[Sequence[tuple[str, Callable[[str], Told | None]]]] = (
    ("mapping values are not allowed", _colon),
    ("tab character", _tab),
    ("cannot start any token", _start),
    ("undefined alias", _alias),
    ("did not find expected", _indent),
    ("could not find expected ':'", _indent),
    ("block sequence entries are not allowed", _dash),
    ("found another document", _second),
)


_SAID: Final = (
    ("is written twice", "Keep one of the two."),
    ("is no day", "Write one that is in the calendar."),
)
"""What is said of it already, and what to do."""


def tell_day(text: str) -> str | None:
    """Why a text that looks like a day is none; None for other texts."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:  # noqa: PLR2004 - of a year
        return f"{text} is no day: months go from 01 to 12"
    days = calendar.monthrange(year, month)[1] if year else 31
    name = calendar.month_name[month]
    return f"{text} is no day: {name} {year} has {days}" if not 1 <= day <= days else None
