"""Time zones as people say them: a city, an IANA name, a common abbreviation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils

from bot.schedules.recurrence import zone_names

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_WORDS = 4
_NO_CITY = frozenset({"act", "center", "east", "general", "north", "resolute", "south", "west"})
"""Ends of zones' names (`Brazil/East`) that are rather a word of what to send."""
_VERBS = "is are was were has have had will would does did can could"
_GOES_ON = frozenset(("and", "or", "vs", "vs.", "versus", "to", *_VERBS.split()))
"""After one of these words a city was the subject: "Beijing and Silicon Valley"."""
_ALSO = {
    "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "hangzhou": "Asia/Shanghai",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
    "edinburgh": "Europe/London",
    "manchester": "Europe/London",
    "osaka": "Asia/Tokyo",
    "new york city": "America/New_York",
    "nyc": "America/New_York",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "austin": "America/Chicago",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "san diego": "America/Los_Angeles",
    "montreal": "America/Toronto",
    "rio de janeiro": "America/Sao_Paulo",
    "gmt": "UTC",
    "z": "UTC",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "eastern": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "bst": "Europe/London",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest": "Australia/Sydney",
}
"""Places and abbreviations that the zone database does not name; a zone follows its local
clock, so "est" means New York's time, in summer as well."""


@dataclass(frozen=True, slots=True)
class FoundZone:
    """A zone at the head of some words and the words after it.

    `named` is false where the words could as well be a topic: a bare city.
    """

    zone: str
    rest: str
    named: bool


@lru_cache(maxsize=1)
def _known() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for zone in zone_names():
        city = zone.rpartition("/")[2].replace("_", " ").lower()
        if city not in _NO_CITY:
            names.setdefault(city, zone)
    return names | _ALSO | {zone.lower(): zone for zone in zone_names()}


def find_zone(words: str) -> FoundZone | None:
    """The zone that the words begin with: "in New York (time) ...", "Europe/Berlin ..."."""
    parts = words.split()
    inside = bool(parts) and parts[0].lower() == "in"
    parts = parts[1:] if inside else parts
    for count in range(min(MOST_WORDS, len(parts)), 0, -1):
        name = " ".join(parts[:count]).strip(",;:()").lower()
        zone = _known().get(name) or _known().get(name.replace(" ", "_"))
        if zone:
            after = parts[count:]
            timely = bool(after) and after[0].lower().strip(",;:") == "time"
            rest = " ".join(after[timely:]).lstrip(",;: ")
            named = inside or timely or "/" in name or name == "utc"
            if not named and rest.split(maxsplit=1)[:1] and rest.split()[0].lower() in _GOES_ON:
                return None
            return FoundZone(zone, rest, named=named)
    return None


def likely_zones(partial: str, limit: int = 25) -> tuple[str, ...]:
    """Zones for what somebody is typing, best first; popular ones for nothing."""
    wanted = utils.default_process(partial)
    if not wanted:
        return POPULAR[:limit]
    if exact := _known().get(partial.strip().lower()):
        return (exact,)
    keys = {key: utils.default_process(key) for key in _known()}
    starts = [z for key, z in _known().items() if keys[key].startswith(wanted)]
    ranked = process.extract(wanted, keys, scorer=fuzz.WRatio, limit=limit, score_cutoff=75)
    found = (*starts, *(_known()[key] for _, _, key in ranked))
    return tuple(dict.fromkeys(found))[:limit]


POPULAR = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Toronto",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
)
