"""What is known of a schedule while its words are read, and the zone that stands after a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.schedules import schedule_phrases as phrases
from bot.schedules.schedule_options import Mistake, mistake
from bot.schedules.zones import find_zone, likely_zones

_OFFSET = re.compile(r"(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d{2})?(?=[\s,]|$)", re.IGNORECASE)
_ORDINARY = (
    "a all an any both brief case depth detail each either english every future general how less "
    "light many mind more most my no one order other our particular plain practice private public "
    "real recent response return short simple some such summary terms that the their theory these "
    "this those three total two view what which whose words your"
)
_NO_PLACE = frozenset(_ORDINARY.split())
"""What begins no name of a place after "in": "at 9 in the morning"."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far; `rest` is yet to be read."""

    rest: str
    minute: int = 0
    hour: str | None = None
    half: str | None = None
    """The part of the day: morning, afternoon, evening or night."""
    sure: bool = False
    """Whether the hour is one of 24, whatever the part of the day."""
    dom: str = "*"
    dow: str = "*"
    cron: str | None = None
    zone: str | None = None
    days: str = ""
    inside: bool = False
    """Whether words stand before these: then a city at the end is no content."""
    mistake: Mistake | None = None


def hour_of(draft: Draft) -> str:
    """The hour as cron has it: "at 6 in the evening" is 18."""
    hour = draft.hour or "9"
    if draft.sure or not hour.isdigit() or draft.half in {None, "morning"}:
        return hour
    early = 6 if draft.half == "night" else 1
    return str(int(hour) + 12) if early <= int(hour) < 12 else hour  # noqa: PLR2004


def take_zone(draft: Draft) -> Draft:
    """A zone stands right after the time: a city, an IANA name, "in Tokyo", "UTC"."""
    if offset := _OFFSET.match(draft.rest):
        return replace(draft, mistake=mistake("zone", given=offset[0], offer=""))
    if (found := find_zone(draft.rest)) and (found.named or found.rest or draft.inside):
        return replace(draft, zone=found.zone, rest=found.rest)
    named = re.match(r"(?:in\s+)?([A-Za-z]+(?:/[A-Za-z_+-]+\d*)+)(?=\s|$)", draft.rest)
    inside = re.match(r"in\s+(?!\d)([\w.'-]+)", draft.rest, re.IGNORECASE)
    unknown = (named or inside) if found is None else None
    if unknown and unknown[1].lower() not in _NO_PLACE:
        return replace(draft, mistake=unknown_zone(unknown[1]))
    return draft


def unknown_zone(given: str) -> Mistake:
    """It is no zone, and the likeliest one."""
    near = likely_zones(given, 1)
    offer = phrases.DID_YOU_MEAN.format(given=near[0]) if near else ""
    return mistake("zone", given=given, offer=offer)
