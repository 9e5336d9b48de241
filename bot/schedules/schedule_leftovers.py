"""Words of time that no rule has read: better asked about than taken for a question.

A schedule that runs at another time than its words say is worse than one that is refused.
"""

from __future__ import annotations

import re

from bot.schedules.schedule_options import Mistake, mistake

_QUOTED = re.compile(r'"[^"]*"')
_DATES = re.compile(
    r"\b(?:except|excluding|skipping|but not on)\b.*|\bwithout\s+\d.*", re.IGNORECASE
)
_EVERY = (
    "days?|weeks?|months?|years?|quarters?|hours?|minutes?|mornings?|afternoons?|evenings?|nights?"
)
_OFTEN = "daily|weekly|monthly|quarterly|yearly|annually|hourly"
_TIMES = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekdays?|weekends?)\b"
    r"|^(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b"
    r"|\b\d{1,2}:\d{2}\b|\b\d{1,2}\s?[ap]\.?m\b|\b\d{1,2}\s?o'clock\b"
    rf"|^(?:{_OFTEN}|tomorrow|today|tonight|once an?)\b|\b(?:{_OFTEN})$"
    rf"|\b(?:every|each)\s+(?:\w+\s+)?(?:{_EVERY})\b"
    r"|\b(?:of|in)\s+(?:the|every|each|a)\s+month\b"
    r"|\b(?:first|last|\d+(?:st|nd|rd|th))\s+(?:work(?:ing)?|business)\s+day\b"
    r"|\bif (?:it is |it's )?missed\b.*|\bcatch[ -]?up\s+(?:policy|late|skip|merge)\b.*"
    r"|\bwithin\s+\d+\s*\w+|\bspread\s+over\s+\d.*|\bnothing (?:is )?new\b",
    re.IGNORECASE,
)


def find_leftover(rest: str) -> Mistake | None:
    """What to ask about the words that remain; what stands in quotation marks is content."""
    bare = " ".join(_QUOTED.sub(" ", rest).split())
    if dates := _DATES.search(bare):
        return mistake("date", given=dates[0])
    if left := _TIMES.search(bare):
        return mistake("leftover", given=left[0])
    return None
