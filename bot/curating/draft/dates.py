"""The times that a document speaks of, and when its forecasts are worth another look."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_YEAR = r"(?:19|20)\d\d"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_WHEN = re.compile(
    rf"\b((?:(?:early|mid|late)[ -]|(?:{_MONTH}) (?:\d{{1,2}}, )?|Q[1-4] )?({_YEAR}))\b(?!s\b)"
)
_BY = re.compile(
    rf"\b(?:by|until|before|through)(?: the)?(?: end of| early| mid| late)? ({_YEAR})\b"
)
_IN = re.compile(rf"\b(?:in|during|from|since) ({_YEAR})\b")
_SPAN = re.compile(
    r"\b(?:over|within|in|during) the (?:next|coming) (?:(\d{1,2}|\w+) )?(year|decade)s?\b"
    r"|\bnext (year|decade)\b"
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
YEAR = timedelta(days=365)
FARTHEST_YEAR = 2100
_AMOUNT = re.compile(r"\d")
_ANY_YEAR = re.compile(rf"\b{_YEAR}s?\b")


def find_time(text: str) -> str | None:
    """The first time that is named, as it is named: "early 2024", "March 2026"."""
    match = _WHEN.search(text)
    return match[1] if match else None


def document_time(texts: Iterable[str], today: date) -> str | None:
    """How a document dates what it describes: the year it names most, in its words."""
    years: Counter[str] = Counter()
    first: dict[str, str] = {}
    for text in texts:
        for match in _WHEN.finditer(text):
            if int(match[2]) <= today.year + 1:
                years[match[2]] += 1
                first.setdefault(match[2], match[1])
    return first[max(years, key=lambda year: (years[year], year))] if years else None


def look_again(text: str, today: date) -> date:
    """When to check what came of a forecast: after the time it names, else in a year."""
    named = [int(year) for year in (*_BY.findall(text), *_IN.findall(text))]
    coming = [year for year in named if today.year <= year <= FARTHEST_YEAR]
    if coming:
        return date(max(coming) + 1, 1, 1)
    if match := _SPAN.search(text):
        unit = match[2] or match[3]
        count = _count(match[1]) * (10 if unit == "decade" else 1)
        return date(today.year + count, 1, 1) if count > 1 else today + YEAR
    return today + YEAR


def _count(word: str | None) -> int:
    if word is None:
        return 1
    return int(word) if word.isdecimal() else _NUMBERS.get(word.lower(), 1)


def find_details(text: str) -> frozenset[str]:
    """Whether it can tell a date, or a number that is no date."""
    found = {"date"} if _WHEN.search(text) else set()
    if _AMOUNT.search(_ANY_YEAR.sub("", text)):
        found.add("number")
    return frozenset(found)
