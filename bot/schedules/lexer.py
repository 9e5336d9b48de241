"""Words of a schedule -> tokens, each with its kind and value, and policies taken out of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.schedules.said import Clock, PartialDate
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.texts import Mistake, mistake
from bot.schedules.time_words import time_forms, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_CJK = "\u3040-\u30ff\u3400-\u9fff"
_NUMBERS = r"[\d*][\d*/,-]*"
_CRON = (
    rf"{_NUMBERS}\s+{_NUMBERS}\s+(?:{_NUMBERS}|LW?)\s+(?:{_NUMBERS}|[A-Za-z]{{3}}[A-Za-z,-]*)\s+"
    r"(?:[\d*][\d*/,#L-]*|(?:mon|tue|wed|thu|fri|sat|sun)[\w,#-]*)"
)
_SHAPES: Final = (
    (
        "cron",
        "cron\\s*:?\\s*(?:[\"'`]([^\"'`]*)[\"'`]|(\\S+ \\S+ \\S+ \\S+ \\S+)(?!\\S))"
        rf"|[\"'`]?(?=[^A-Za-z]*\*)({_CRON})[\"'`]?(?!\S)",
    ),
    ("bad-cron", r"(?<!\S)(?:cron|@(?:hourly|daily|weekly|monthly|yearly|annually))(?!\w)"),
    ("quote", r'"[^"]*"'),
    ("date", r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?!\w)"),
    ("date", r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?!\w)"),
    ("slashed", r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\w/])"),
    ("date", r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号號]"),
    ("clock", r"(\d{1,2})[点點時时](?!間)(?:(\d{1,2})分?|(半))?()"),
    ("ordinal", r"(\d{1,2})[日号號](?!曜)"),
    (
        "clock",
        r"(\d{1,2})[:.](\d{2})()(?::\d{2})?(?:\s*([ap])\.?m\.?(?!\w)|\s?h(?!\w))?(?![\w.:]\d)",
    ),
    ("clock", r"(\d{1,2})(?:h(\d{2})?()(?!\w)|\s*(?=[ap]\.?m))()(?:([ap])\.?m\.?(?!\w))?(?!\w)"),
    ("clock", r"(0\d|1\d|2\d)([0-5]\d)()(?:\s?(?:h|hrs|hours)(?!\w)|(?<=0\d{3}))()(?!\w)"),
    ("offset", r"(?:utc|gmt)\s?[+-]\d{1,2}(?::?\d{2})?(?!\w)|(?<=\s)[+-]\d{1,2}:?\d{2}(?!\w)"),
    ("ordinal", r"(\d{1,2})(?:st|nd|rd|th|[ºª])(?!\w)|(\d{1,2})\.(?=\s+[^\W\d])"),
    ("number", r"(\d{1,4})(?!\w)"),
)
_SHAPE = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SHAPES)
_COMPOUND = re.compile(rf"[^\W_{_CJK}]+(?:[-/'’&._][^\W_{_CJK}]+)+")
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\S")
_SPLIT = re.compile(r"[-/]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a fixed phrase: its kind and value, of `time_words.MEANINGS`, and its place."""

    kind: str
    value: Any
    text: str
    start: int
    end: int


def normal(text: str) -> str:
    """A text with plain quotation marks and single blanks."""
    marks = dict.fromkeys(map(ord, "“”„«»「」"), '"') | {0x2018: "'", 0x2019: "'"}
    return " ".join(text.translate(marks).split())


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, tuple[str, Any]]:
    return {
        form: (kind, value)
        for kind, values in time_forms().items()
        for value, forms in values.items()
        for form in forms
    }


@lru_cache(maxsize=1)
def _form_pattern() -> re.Pattern[str]:
    """Every form, the longest first; letters of an alphabet end at the end of a word."""
    ordered = sorted(_forms(), key=len, reverse=True)
    wide = re.compile(f"[{_CJK}]")
    joined = "|".join(
        re.escape(f).replace(r"\ ", r"\s+")
        + ("" if wide.search(f) or not f[-1].isalnum() else r"(?!\w)")
        for f in ordered
    )
    return re.compile(joined, re.IGNORECASE)


def tokens_of(text: str) -> list[Token]:
    """The words of a text; a misspelt day or the like is read as what was meant."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _shaped(text, at) or _named(text, at)
        found.append(token)
        at = token.end
    return found


def _shaped(text: str, at: int) -> Token | None:
    if at and text[at - 1].isalnum() and text[at].isascii() and text[at - 1].isascii():
        return None
    for kind, pattern in _SHAPE:
        if found := pattern.match(text, at):
            read, value = _SHAPE_VALUES.get(kind, _as_number)(kind, found)
            return Token(read, value, found[0], at, found.end())
    return None


def _as_cron(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, next(filter(None, found.groups()), "").strip()


def _as_date(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    parts = found.groupdict()
    year = int(parts["y"]) if parts.get("y") else None
    return kind, PartialDate(int(parts["m"]), int(parts["d"]), year)


def _as_slashed(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    """3/4 is the third of April or the fourth of March; 25/12 is one date."""
    first, second = int(found[1]), int(found[2])
    year = int(found[3]) if found[3] else None
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "date", PartialDate(second, first, year)
    if second > 12 >= first:  # noqa: PLR2004 - months
        return "date", PartialDate(first, second, year)
    return kind, None


def _as_clock(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    hour, minute, *rest = found.groups()
    half = next((f"{each.lower()}m" for each in rest if each and each.lower() in "ap"), None)
    return kind, Clock(int(hour), 30 if "半" in rest else int(minute or 0), half)


def _as_number(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, int(next(filter(None, found.groups()), "0"))


def _as_text(kind: str, found: re.Match[str]) -> tuple[str, Any]:
    return kind, found[0]


_SHAPE_VALUES: Final = {
    "cron": _as_cron,
    "bad-cron": _as_text,
    "quote": _as_text,
    "offset": _as_text,
    "date": _as_date,
    "slashed": _as_slashed,
    "clock": _as_clock,
}


def _named(text: str, at: int) -> Token:
    compound = _COMPOUND.match(text, at)
    if compound and not _all_time(compound[0]):
        return Token("word", compound[0], compound[0], at, compound.end())
    if found := _form_pattern().match(text, at):
        form = " ".join(found[0].lower().split())
        return Token(*_forms()[form], found[0], at, found.end())
    found = _WORD.match(text, at)
    word = found[0] if found else text[at]
    end = at + len(word)
    if word in ",;、，；":
        return Token("comma", word, word, at, end)
    if word == "/":
        return Token("and", word, word, at, end)
    near = _misspelt(word.lower())
    kind, value = _forms()[near] if near else ("word" if word[0].isalnum() else "mark", word)
    return Token(kind, value, word, at, end)


def _all_time(compound: str) -> bool:
    """Whether it is a form, or several: `mon-thu` and `tue/thu`, but not `two-articles`."""
    known = _forms()
    parts = _SPLIT.split(compound.lower())
    return compound.lower() in known or all(part in known or part.isdigit() for part in parts)


@lru_cache(maxsize=1024)
def _misspelt(word: str) -> str | None:
    """The form that is meant: one letter off, or two in a long name of a day."""
    if len(word) < 5 or not word.isalpha():  # noqa: PLR2004 - letters
        return None
    most = 2 if len(word) > 7 else 1  # noqa: PLR2004 - letters
    for name, off in (("misspelt", 1), ("misspelt_days", most)):
        found = process.extractOne(word, words_of(name), scorer=OSA.distance, score_cutoff=off)
        if found and found[0][0] == word[0]:
            return found[0]
    return None


MOST_GRACE_S, MOST_JITTER_S = 7 * 86400, 3600
_UNIT_S: Final = {"m": 60, "h": 3600, "d": 86400}
_LENGTH = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?!\w)"
_THERE = r"(?: there(?:'?s| is))? nothing(?:'?s| is)? new(?!\w)"
_POLICIES: Final[tuple[tuple[str, str, Callable[[re.Match[str]], Any]], ...]] = (
    (
        "misfire",
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
