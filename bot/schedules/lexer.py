"""Words of a schedule -> tokens, each with its kind and value, and policies taken out of them.

Each language says the words of time in its `times.yaml`, by what they mean. Forms may have several
words; the longest that fits is read. A form of kind `unclear` is a word of time that has no one
meaning here: it is asked about, never taken for content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.language.pack import LANGUAGES, check_keys, read_language
from bot.library.vocabulary import parse_forms
from bot.schedules.said import Clock, PartialDate
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.texts import Mistake, mistake

FILE: Final = "times.yaml"


def _numbered(names: str, first: int = 1) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names.split(), first)}


def _itself(names: str) -> Mapping[str, str]:
    return {name: name for name in names.split()}


MEANINGS: Final[Mapping[str, Any]] = {
    "day": _numbered("monday tuesday wednesday thursday friday saturday sunday", 0),
    "month": _numbered(
        "january february march april may june july august september october november december"
    ),
    "number": {
        **_numbered("one two three four five six seven eight nine ten eleven twelve"),
        "fifteen": 15,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "forty-five": 45,
        "fifty": 50,
    },
    "days": {"weekdays": (0, 1, 2, 3, 4), "weekend": (5, 6), "monday-wednesday-friday": (0, 2, 4)},
    "nth": {
        **_numbered("first second third fourth fifth"),
        "last": -1,
        "last-but-one": -2,
        "last-but-two": -3,
    },
    "often": {
        "daily": (1, "day"),
        "weekly": (1, "week"),
        "fortnightly": (2, "week"),
        "monthly": (1, "month"),
        "quarterly": (1, "quarter"),
        "yearly": (1, "year"),
        "hourly": (1, "hour"),
    },
    "unit": _itself("minute hour day week fortnight month quarter year"),
    "half": _itself("morning afternoon evening night"),
    "ampm": _itself("am pm"),
    "named": {"noon": 12, "midnight": 0},
    "part": {"half": 30, "quarter": 15},
    "relative": {"today": 0, "tomorrow": 1, "day-after-tomorrow": 2},
    "monthend": {"end": -1, "start": 1},
    "every": 1,
    "other": 2,
    "once": 1,
    "twice": 2,
    "a": 1,
    "tonight": 0,
    **dict.fromkeys("oclock at past and to except until from between for times per".split(), 1),
    **dict.fromkeys("next this in ofmonth glue unclear".split(), 1),
}
"""Kind of word -> its value; where it has several, each by its key in `times.yaml`."""

WORD_LISTS: Final = "misspelt_days misspelt questions before after polite nothing".split()
"""The other keys of `times.yaml`; its comments say what they are."""


@cache
def time_forms() -> Mapping[str, Mapping[Any, tuple[str, ...]]]:
    """Kind -> value -> forms, of all languages.

    Raises:
        SettingsError: A language's file lacks a key or has one too many.
    """
    files = list(map(_times, LANGUAGES))
    return {
        kind: {
            value: tuple(
                form
                for file in files
                for form in parse_forms(file[kind] if key is None else file[kind][key])
            )
            for key, value in _values(values)
        }
        for kind, values in MEANINGS.items()
    }


def _values(values: Any) -> list[tuple[str | None, Any]]:
    return list(values.items()) if isinstance(values, Mapping) else [(None, values)]


@cache
def words_of(name: str) -> tuple[str, ...]:
    """One of `WORD_LISTS`, of all languages."""
    return tuple(word for code in LANGUAGES for word in parse_forms(_times(code)[name]))


@cache
def _times(code: str) -> Mapping[str, Any]:
    words: Mapping[str, Any] = read_language(code, FILE, dict[str, str | dict[str, str]])
    check_keys(words, (*MEANINGS, *WORD_LISTS), code, FILE)
    for kind, values in MEANINGS.items():
        known, given = ([k for k, _ in _values(v) if k] for v in (values, words[kind]))
        check_keys((f"{kind}.{k}" for k in given), (f"{kind}.{k}" for k in known), code, FILE)
    return words


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a fixed phrase: its kind and value, of `MEANINGS`, and its place."""

    kind: str
    value: Any
    text: str
    start: int
    end: int


def _first(found: re.Match[str]) -> str:
    return next(filter(None, found.groups()), "")


def _number(found: re.Match[str]) -> int:
    return int(_first(found) or 0)


def _date(found: re.Match[str]) -> PartialDate:
    return PartialDate(**{name: int(text) for name, text in found.groupdict().items() if text})


def _clock(found: re.Match[str]) -> Clock:
    given = {"minute": None, "half": None, "thirty": None} | found.groupdict()
    half = f"{given['half'].lower()}m" if given["half"] else None
    return Clock(int(found["hour"]), 30 if given["thirty"] else int(given["minute"] or 0), half)


CJK = "\u3040-\u30ff\u3400-\u9fff"
_NUMBERS = r"[\d*][\d*/,-]*"
_CRON = (
    rf"{_NUMBERS}\s+{_NUMBERS}\s+(?:{_NUMBERS}|LW?)\s+(?:{_NUMBERS}|[A-Za-z]{{3}}[A-Za-z,-]*)\s+"
    r"(?:[\d*][\d*/,#L-]*|(?:mon|tue|wed|thu|fri|sat|sun)[\w,#-]*)"
)
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_OVER_12, _UP_TO_12 = r"1[3-9]|[2-9]\d", r"0?\d|1[0-2]"
_HOUR, _AMPM = r"(?P<hour>\d{1,2})", r"(?P<half>[ap])\.?m\.?(?!\w)"
_SHAPES: Final[tuple[tuple[str, Callable[[re.Match[str]], Any], str], ...]] = (
    (
        "cron",
        lambda found: _first(found).strip(),
        "cron\\s*:?\\s*(?:[\"'`]([^\"'`]*)[\"'`]|(\\S+ \\S+ \\S+ \\S+ \\S+)(?!\\S))"
        rf"|[\"'`]?(?=[^A-Za-z]*\*)({_CRON})[\"'`]?(?!\S)",
    ),
    (
        "bad-cron",
        re.Match.group,
        r"(?<!\S)(?:cron|@(?:hourly|daily|weekly|monthly|yearly|annually))(?!\w)",
    ),
    ("quote", re.Match.group, r'"[^"]*"'),
    ("date", _date, rf"{_YEAR}[-/]{_MONTH}[-/]{_DAY}(?!\w)"),
    ("date", _date, rf"{_DAY}\.{_MONTH}\.{_YEAR}(?!\w)"),
    # 3/4 is the third of April or the fourth of March; 25/12 is one date.
    ("date", _date, rf"(?P<day>{_OVER_12})/(?P<month>{_UP_TO_12})(?:/{_YEAR})?(?![\w/])"),
    ("date", _date, rf"(?P<month>{_UP_TO_12})/(?P<day>{_OVER_12})(?:/{_YEAR})?(?![\w/])"),
    ("slashed", re.Match.group, r"\d{1,2}/\d{1,2}(?:/\d{4})?(?![\w/])"),
    ("date", _date, rf"{_MONTH}月{_DAY}[日号號]"),
    ("clock", _clock, rf"{_HOUR}[点點時时](?!間)(?:(?P<minute>\d{{1,2}})分?|(?P<thirty>半))?"),
    ("ordinal", _number, r"(\d{1,2})[日号號](?!曜)"),
    (
        "clock",
        _clock,
        rf"{_HOUR}[:.](?P<minute>\d{{2}})(?::\d{{2}})?(?:\s*{_AMPM}|\s?h(?!\w))?(?![\w.:]\d)",
    ),
    (
        "clock",
        _clock,
        rf"{_HOUR}(?:h(?P<minute>\d{{2}})?(?!\w)|\s*(?=[ap]\.?m))(?:{_AMPM})?(?!\w)",
    ),
    (
        "clock",
        _clock,
        r"(?P<hour>[012]\d)(?P<minute>[0-5]\d)(?:\s?(?:h|hrs|hours)(?!\w)|(?<=0\d{3}))(?!\w)",
    ),
    (
        "offset",
        re.Match.group,
        r"(?:utc|gmt)\s?[+-]\d{1,2}(?::?\d{2})?(?!\w)|(?<=\s)[+-]\d{1,2}:?\d{2}(?!\w)",
    ),
    ("ordinal", _number, r"(\d{1,2})(?:st|nd|rd|th|[ºª])(?!\w)|(\d{1,2})\.(?=\s+[^\W\d])"),
    ("number", _number, r"(\d{1,4})(?!\w)"),
)
_SHAPE = tuple((kind, read, re.compile(text, re.IGNORECASE)) for kind, read, text in _SHAPES)
_COMPOUND = re.compile(rf"[^\W_{CJK}]+(?:[-/'’&._][^\W_{CJK}]+)+")
_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\S")


def normal(text: str) -> str:
    """A text with plain quotation marks and single blanks."""
    marks = dict.fromkeys(map(ord, "“”„«»「」"), '"') | {0x2018: "'", 0x2019: "'"}
    return " ".join(text.translate(marks).split())


@cache
def _forms() -> Mapping[str, tuple[str, Any]]:
    return {
        form: (kind, value)
        for kind, values in time_forms().items()
        for value, forms in values.items()
        for form in forms
    }


@cache
def _form_pattern() -> re.Pattern[str]:
    """Every form, the longest first; letters of an alphabet end at the end of a word."""
    wide = re.compile(f"[{CJK}]")
    joined = "|".join(
        re.escape(f).replace(r"\ ", r"\s+")
        + ("" if wide.search(f) or not f[-1].isalnum() else r"(?!\w)")
        for f in sorted(_forms(), key=len, reverse=True)
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
        found.append(_shaped(text, at) or _named(text, at))
        at = found[-1].end
    return found


def _shaped(text: str, at: int) -> Token | None:
    if at and text[at - 1].isalnum() and text[at].isascii() and text[at - 1].isascii():
        return None
    for kind, read, pattern in _SHAPE:
        if found := pattern.match(text, at):
            return Token(kind, read(found), found[0], at, found.end())
    return None


def _named(text: str, at: int) -> Token:
    compound = _COMPOUND.match(text, at)
    if compound and not _all_time(compound[0]):
        return Token("word", compound[0], compound[0], at, compound.end())
    if found := _form_pattern().match(text, at):
        form = " ".join(found[0].lower().split())
        return Token(*_forms()[form], found[0], at, found.end())
    found = _WORD.match(text, at)
    word = found[0] if found else text[at]
    kind, value = "word" if word[0].isalnum() else "mark", word
    if word in ",;、，；/":
        kind = "and" if word == "/" else "comma"
    elif near := _misspelt(word.lower()):
        kind, value = _forms()[near]
    return Token(kind, value, word, at, at + len(word))


def _all_time(compound: str) -> bool:
    """Whether it is a form, or several: `mon-thu` and `tue/thu`, but not `two-articles`."""
    known = _forms()
    parts = re.split("[-/]", compound.lower())
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
_LENGTH = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?!\w)"
_THERE = r"(?: there(?:'?s| is))? nothing(?:'?s| is)? new(?!\w)"
_POLICIES: Final[tuple[tuple[str, Callable[[re.Match[str]], Any], str], ...]] = (
    (
        "misfire",
        lambda found: MisfirePolicy(found[1].lower()),
        r"\bif missed,?\s+(?:send (?:it |them )?)?(skip|late|merge)\w*",
    ),
    ("grace_s", lambda found: min(_seconds(found), MOST_GRACE_S), rf"\bwithin {_LENGTH}"),
    ("jitter_s", lambda found: min(_seconds(found), MOST_JITTER_S), rf"\bspread over {_LENGTH}"),
    ("no_skips", lambda _: True, r"\bno (?:more )?(?:skip(?:ped)? dates|exceptions)(?!\w)"),
    (
        "say_nothing_new",
        lambda _: True,
        rf"\b(?:even|also|say(?: so)?|tell(?: me| us)?) (?:if|when){_THERE}",
    ),
    (
        "say_nothing_new",
        lambda _: False,
        rf"\b(?:skip(?: it)?|silent|quiet|not|but not|send nothing) (?:if|when){_THERE}",
    ),
)
_POLICY_LEFT = re.compile(
    r"\bif (?:it is |it's )?missed\b.*|\bcatch[ -]?up\s+(?:policy|late|skip|merge)\b.*"
    r"|\bwithin\s+\d+\s*\w+|\bspread\s+over\s+\d.*|\bnothing (?:is )?new\b",
    re.IGNORECASE,
)


def _seconds(found: re.Match[str]) -> int:
    return int(found[1]) * {"m": 60, "h": 3600, "d": 86400}[found[2][0].lower()]


def take_policies(text: str) -> tuple[dict[str, Any] | Mistake, str]:
    """Take these out; what stands in quotation marks stays as it is."""
    found: dict[str, Any] = {}
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        for name, value, pattern in _POLICIES:
            if match := re.search(pattern, parts[index], re.IGNORECASE):
                found[name] = value(match)
                parts[index] = parts[index][: match.start()] + " " + parts[index][match.end() :]
        if left := _POLICY_LEFT.search(parts[index]):
            return mistake("leftover", given=left[0]), text
    return found, normal('"'.join(parts))
