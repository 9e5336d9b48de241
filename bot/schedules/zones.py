"""Time zones as people say them: a city, an IANA name, a common abbreviation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process, utils

from bot.schedules.texts import Mistake, mistake

MOST_WORDS = 4
_NO_CITY = frozenset({"act", "center", "east", "general", "north", "resolute", "south", "west"})
"""Ends of zones' names (`Brazil/East`) that are rather a word of what to send."""
_GOES_ON = frozenset({"and", "or", "vs", "vs.", "versus", "to"})
"""After one of these words a city was the subject: "Beijing and Silicon Valley"."""
_ALSO = {
    "Asia/Shanghai": "beijing, shenzhen, hangzhou, 北京, 上海",
    "Asia/Kolkata": "mumbai, delhi, new delhi, bangalore, bengaluru",
    "Europe/Berlin": "munich, munchen, koln, hamburg, cologne, frankfurt",
    "Europe/Vienna": "wien",
    "Europe/Rome": "roma, milan",
    "America/Mexico_City": "ciudad de mexico",
    "America/Havana": "la habana",
    "America/Bogota": "bogota",
    "Asia/Hong_Kong": "香港",
    "Asia/Tokyo": "东京, 東京, osaka",
    "Europe/Zurich": "geneva",
    "Europe/Madrid": "barcelona",
    "Europe/London": "edinburgh, manchester",
    "America/New_York": "new york city, nyc, boston, washington, miami, atlanta, eastern",
    "America/Chicago": "austin, dallas, houston",
    "America/Los_Angeles": "san francisco, seattle, san diego, pacific",
    "America/Toronto": "montreal",
    "America/Sao_Paulo": "rio de janeiro",
    "UTC": "gmt, z",
}
"""Places that the zone database does not name."""
_SHORT = {
    "America/New_York": "ET EST EDT",
    "America/Denver": "MT MST MDT",
    "America/Los_Angeles": "PT PST PDT",
    "America/Anchorage": "AKST AKDT",
    "America/St_Johns": "NST NDT",
    "America/Sao_Paulo": "BRT",
    "America/Argentina/Buenos_Aires": "ART",
    "Pacific/Honolulu": "HST",
    "Europe/London": "BST",
    "Europe/Lisbon": "WET WEST",
    "Europe/Berlin": "CET CEST MEZ MESZ",
    "Europe/Athens": "EET EEST",
    "Europe/Moscow": "MSK",
    "Europe/Istanbul": "TRT",
    "Africa/Johannesburg": "SAST",
    "Africa/Lagos": "WAT",
    "Africa/Nairobi": "EAT",
    "Africa/Maputo": "CAT",
    "Asia/Karachi": "PKT",
    "Asia/Kathmandu": "NPT",
    "Asia/Bangkok": "ICT",
    "Asia/Jakarta": "WIB",
    "Asia/Singapore": "SGT",
    "Asia/Manila": "PHT",
    "Asia/Hong_Kong": "HKT",
    "Australia/Perth": "AWST",
    "Asia/Tokyo": "JST",
    "Asia/Seoul": "KST",
    "Australia/Sydney": "AEST AEDT AET",
    "Pacific/Auckland": "NZST NZDT NZT",
}
"""Abbreviations; a zone follows its local clock, so EST means New York's time, in summer as
well."""
_AMBIGUOUS = {
    "CT": ("America/Chicago", "Asia/Shanghai"),
    "CST": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "CDT": ("America/Chicago", "America/Havana"),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "AST": ("America/Halifax", "Asia/Riyadh"),
    "ADT": ("America/Halifax", "Asia/Baghdad"),
    "GST": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "AMT": ("America/Manaus", "Asia/Yerevan"),
    "ACT": ("Australia/Adelaide", "America/Rio_Branco"),
    "ACST": ("Australia/Adelaide", "Australia/Darwin"),
    "ECT": ("America/Guayaquil", "America/Puerto_Rico"),
    "SST": ("Pacific/Pago_Pago", "Asia/Singapore"),
    "BDT": ("Asia/Dhaka", "Asia/Brunei"),
    "WST": ("Australia/Perth", "Pacific/Apia"),
    "LMT": ("UTC",),
}
"""Abbreviations of several zones: asked about."""
_ORDINARY = frozenset("act art cat eat et ist mt nst pht pt wat west wet".split())
"""Abbreviations that are words of some language too: zones only in capital letters."""
POPULAR = (
    *("UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Toronto", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore"),
    *("Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney"),
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-])(\d{1,2})(?::?(\d{2}))?(?=[\s,;]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundZone:
    """A zone at the head of some words and the words after it.

    `named` is false where the words could as well be a topic: a bare city.
    """

    zone: str
    rest: str
    named: bool


@cache
def zone_names() -> tuple[str, ...]:
    """Every IANA zone that people choose from, in order of the alphabet."""
    hidden = ("Etc/", "SystemV/", "US/", "posix", "right")
    return tuple(
        sorted(
            name
            for name in _all_zones()
            if name == "UTC" or ("/" in name and not name.startswith(hidden))
        )
    )


def is_zone(name: str) -> bool:
    """Whether the name is an IANA zone that this machine knows."""
    return name in _all_zones()


@cache
def _all_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _known() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for zone in zone_names():
        city = zone.rpartition("/")[2].replace("_", " ").lower()
        if city not in _NO_CITY:
            names.setdefault(city, zone)
    also = {name: zone for zone, row in _ALSO.items() for name in row.split(", ")}
    short = {name.lower(): zone for zone, row in _SHORT.items() for name in row.split()}
    return names | also | short | {zone.lower(): zone for zone in zone_names()}


def find_zone(words: str) -> FoundZone | None:
    """The zone that the words begin with: "in New York (time) ...", "Europe/Berlin ..."."""
    parts = words.split()
    inside = bool(parts) and parts[0].lower() == "in"
    parts = parts[1:] if inside else parts
    for count in range(min(MOST_WORDS, len(parts)), 0, -1):
        given = " ".join(parts[:count]).strip(",;:()")
        apart = unicodedata.normalize("NFKD", given.lower())
        name = "".join(letter for letter in apart if not unicodedata.combining(letter))
        if name in _ORDINARY and not given.isupper():
            continue
        zone = _known().get(name) or _known().get(name.replace(" ", "_"))
        if zone:
            after = parts[count:]
            timely = bool(after) and after[0].lower().strip(",;:") == "time"
            rest = " ".join(after[timely:]).lstrip(",;: ")
            named = inside or timely or "/" in name or given.isupper()
            if not named and rest.split(maxsplit=1)[:1] and rest.split()[0].lower() in _GOES_ON:
                return None
            return FoundZone(zone, rest, named=named)
    return None


def refused_zone(words: str) -> Mistake | None:
    """What is wrong with the zone that the words begin with: one of several, or none at all."""
    inside = re.match(r"in\s+", words, re.IGNORECASE)
    first = (words[inside.end() :] if inside else words).split(maxsplit=1)[:1]
    name = first[0].strip(",;:()") if first else ""
    if choices := _AMBIGUOUS.get(name if name.lower() in _ORDINARY else name.upper()):
        return mistake("which-zone", given=name, choices=", ".join(choices))
    place = inside and name[:1].isupper()
    if place or re.fullmatch(r"[A-Z]{1,2}[SD]T|[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+", name):
        return unknown_zone(name)
    return None


def find_offset(words: str) -> FoundZone | Mistake | None:
    """A fixed offset at the head: "UTC+2 ..."; zones of half an hour have no such name."""
    found = _OFFSET.match(words)
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    zone = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"
    if minutes or not is_zone(zone):
        return mistake("zone", given=found[0])
    return FoundZone(zone, words[found.end() :].lstrip(",;: "), named=True)


def parse_zone(text: str) -> str | Mistake:
    """A whole field: a city, an abbreviation or a zone's name -> its IANA name."""
    text = " ".join(text.split())
    found = find_offset(text) or find_zone(text)
    if isinstance(found, FoundZone) and not found.rest:
        return found.zone
    return refused_zone(text) or unknown_zone(text)


def unknown_zone(given: str) -> Mistake:
    """It is no zone, and the likeliest one."""
    if near := likely_zones(given, 1):
        return mistake("zone-near", given=given, near=near[0])
    return mistake("zone", given=given)


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
