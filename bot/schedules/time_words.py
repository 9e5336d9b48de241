"""The words of time that people write, in every language, by meaning: data of `schedules.words`.

Each language says them in its `times.yaml`. Forms may have several words; the longest that fits is
read. A form of kind `unclear` is a word of time that has no one meaning here: it is asked about,
never taken for content.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.language.pack import LANGUAGES, check_keys, read_language
from bot.library.vocabulary import parse_forms

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "times.yaml"
MEANINGS: Final[Mapping[str, Any]] = {
    "day": {
        "monday": 0,
        "tuesday": 1,
        "wednesday": 2,
        "thursday": 3,
        "friday": 4,
        "saturday": 5,
        "sunday": 6,
    },
    "month": {
        "january": 1,
        "february": 2,
        "march": 3,
        "april": 4,
        "may": 5,
        "june": 6,
        "july": 7,
        "august": 8,
        "september": 9,
        "october": 10,
        "november": 11,
        "december": 12,
    },
    "number": {
        "one": 1,
        "two": 2,
        "three": 3,
        "four": 4,
        "five": 5,
        "six": 6,
        "seven": 7,
        "eight": 8,
        "nine": 9,
        "ten": 10,
        "eleven": 11,
        "twelve": 12,
        "fifteen": 15,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "forty-five": 45,
        "fifty": 50,
    },
    "days": {"weekdays": (0, 1, 2, 3, 4), "weekend": (5, 6), "monday-wednesday-friday": (0, 2, 4)},
    "nth": {
        "first": 1,
        "second": 2,
        "third": 3,
        "fourth": 4,
        "fifth": 5,
        "last": -1,
        "last-but-one": -2,
        "last-but-two": -3,
    },
    "every": 1,
    "other": 2,
    "often": {
        "daily": (1, "day"),
        "weekly": (1, "week"),
        "fortnightly": (2, "week"),
        "monthly": (1, "month"),
        "quarterly": (1, "quarter"),
        "yearly": (1, "year"),
        "hourly": (1, "hour"),
    },
    "unit": {
        "minute": "minute",
        "hour": "hour",
        "day": "day",
        "week": "week",
        "fortnight": "fortnight",
        "month": "month",
        "quarter": "quarter",
        "year": "year",
    },
    "half": {
        "morning": "morning",
        "afternoon": "afternoon",
        "evening": "evening",
        "night": "night",
    },
    "ampm": {"am": "am", "pm": "pm"},
    "named": {"noon": 12, "midnight": 0},
    "oclock": 1,
    "at": 1,
    "past": 1,
    "part": {"half": 30, "quarter": 15},
    "and": 1,
    "to": 1,
    "except": 1,
    "until": 1,
    "from": 1,
    "between": 1,
    "for": 1,
    "times": 1,
    "once": 1,
    "twice": 2,
    "a": 1,
    "per": 1,
    "next": 1,
    "this": 1,
    "in": 1,
    "relative": {"today": 0, "tomorrow": 1, "day-after-tomorrow": 2},
    "tonight": 0,
    "monthend": {"end": -1, "start": 1},
    "ofmonth": 1,
    "glue": 1,
    "unclear": 1,
}
"""Kind of word -> its value; where it has several, each by its key in `times.yaml`."""

WORD_LISTS: Final = (
    "misspelt_days",
    "misspelt",
    "questions",
    "before",
    "after",
    "polite",
    "nothing",
)
"""The other keys of `times.yaml`; its comments say what they are."""


@cache
def time_forms() -> Mapping[str, Mapping[Any, tuple[str, ...]]]:
    """Kind -> value -> forms, of all languages.

    Raises:
        SettingsError: A language's file lacks a key or has one too many.
    """
    files = list(map(_times, LANGUAGES))
    found: dict[str, dict[Any, tuple[str, ...]]] = {}
    for kind, values in MEANINGS.items():
        of_kind = [file[kind] if isinstance(values, dict) else {"": file[kind]} for file in files]
        found[kind] = {
            value: tuple(form for forms in of_kind for form in parse_forms(forms[key]))
            for key, value in (values if isinstance(values, dict) else {"": values}).items()
        }
    return found


@cache
def words_of(name: str) -> tuple[str, ...]:
    """One of `WORD_LISTS`, of all languages."""
    return tuple(word for code in LANGUAGES for word in parse_forms(_times(code)[name]))


@cache
def _times(code: str) -> Mapping[str, Any]:
    words = read_language(code, FILE, dict[str, str | dict[str, str]])
    check_keys(words, (*MEANINGS, *WORD_LISTS), code, FILE)
    for kind, values in MEANINGS.items():
        known = values if isinstance(values, dict) else ()
        given = words[kind]
        keys = (f"{kind}.{key}" for key in (given if isinstance(given, dict) else ()))
        check_keys(keys, (f"{kind}.{key}" for key in known), code, FILE)
    return words
