"""A schedule from a form: fields -> the words that `schedule_words` reads."""

from __future__ import annotations

from bot.schedules.schedule_draft import unknown_zone
from bot.schedules.schedule_options import Mistake, parse_options
from bot.schedules.schedule_words import Parsed, parse_changes
from bot.schedules.subscription import Rhythm
from bot.schedules.zones import find_zone

_ANY = Rhythm("0 9 * * *", "UTC")


def join_fields(when: str, zone: str, what: str, more: str) -> str | Mistake:
    """The words of four fields, each of which may be empty.

    The zone must be one, a city will do; where `when` names another, that one counts, as forms
    come with the person's own zone filled in. What to send is content, whatever it sounds like.
    """
    named = parse_zone(zone)
    if isinstance(named, Mistake):
        return named
    parts = (when, "" if _has_zone(when) else named, _quoted(what.strip()), more)
    return " ".join(filter(None, map(str.strip, parts)))


def parse_zone(text: str) -> str | Mistake:
    """A city or a zone's name -> its IANA name; empty for nothing."""
    text = " ".join(text.split())
    if not text:
        return ""
    found = find_zone(text)
    return found.zone if found and not found.rest else unknown_zone(text)


def _quoted(what: str) -> str:
    """In quotation marks, but for options at the end: `china-vs-us except 2026-12-25`."""
    content = parse_options(what).rest
    if not content or '"' in what or not what.startswith(content):
        return what
    return f'"{content}"{what[len(content) :]}'


def _has_zone(when: str) -> bool:
    parsed = parse_changes(when, _ANY)
    if not isinstance(parsed, Parsed):
        return False
    found = find_zone(parsed.rest)
    return "zone" in parsed.named or bool(found and not found.rest)
