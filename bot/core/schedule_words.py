"""Words -> a rhythm and what remains: "every monday at 8am Berlin what comes next"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.core import schedule_phrases as phrases
from bot.core.recurrence import cron_problem
from bot.core.schedule_options import Mistake, mistake, parse_options
from bot.core.subscription import Rhythm
from bot.core.zones import find_zone, likely_zones

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_WORDS_CHARS = 500
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = r"(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?s?"
_AND = r"(?:\s*(?:,|&|\band\b)\s*(?:and\s+)?(?:on\s+)?)"
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_MONTH = r"(?:\s*,?\s*(?:of\s+)?(?:the|every|each|a)\s+month)"
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:(a\.?m\.?|p\.?m\.?)(?!\w))?(?:\s*(?:o'clock|uhr|h)\b)?"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A rhythm and the words that are not about time."""

    rhythm: Rhythm
    rest: str
    say_nothing_new: bool = False
    named: frozenset[str] = frozenset()
    """The fields of the rhythm that the words tell of."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is known so far; `rest` is yet to be read."""

    rest: str
    minute: int = 0
    hour: str | None = None
    dom: str = "*"
    dow: str = "*"
    cron: str | None = None
    zone: str | None = None
    days: str = ""
    inside: bool = False
    """Whether words stand before these: then a city at the end is no content."""
    mistake: Mistake | None = None


def parse_schedule(text: str, zone: str | None) -> Parsed | Mistake:
    """Read the words; `zone` is the person's own, used where no zone is named."""
    return _parse(text, zone, None)


def parse_changes(text: str, before: Rhythm) -> Parsed | Mistake:
    """Read the words as changes: what they do not tell of stays as `before`."""
    return _parse(text, before.zone, before)


def _parse(text: str, zone: str | None, before: Rhythm | None) -> Parsed | Mistake:
    text = " ".join(text.translate({0x201C: '"', 0x201D: '"', 0x2019: "'"}).split())
    if not text or len(text) > MAX_WORDS_CHARS:
        return mistake("empty")
    options = parse_options(text)
    draft = _find(options.rest, needs_time=before is None)
    if options.mistake or isinstance(draft, Mistake):
        return options.mistake or draft  # type: ignore[return-value] # one of them it is
    cron = _cron(draft, before)
    if problem := cron_problem(cron):
        return mistake(problem, given=cron)
    if not (chosen := draft.zone or zone):
        return mistake("no-zone")
    rhythm = replace(before or Rhythm(cron, chosen), cron=cron, zone=chosen)
    for name in options.named:
        rhythm = replace(rhythm, **{name: getattr(options, name)})
    named = options.named | ({"zone"} if draft.zone else set())
    return Parsed(rhythm, draft.rest, options.say_nothing_new, frozenset(named))


def _cron(draft: _Draft, before: Rhythm | None) -> str:
    """The five fields; the days and the time of `before` where no others are named."""
    if draft.cron:
        return draft.cron
    minute, hour, dom, month, dow = (before.cron if before else "0 9 * * *").split()
    if draft.hour is not None:
        minute, hour = str(draft.minute), draft.hour
    if draft.days or draft.dow != "*" or before is None:
        dom, month, dow = draft.dom, "*", draft.dow
    return f"{minute} {hour} {dom} {month} {dow}"


def _find(text: str, *, needs_time: bool) -> _Draft | Mistake:
    """Read from the first place on where words of time stand; what is before and after remains."""
    wrong: Mistake | None = None
    for place in re.finditer(r"(?<!\S)(?=\S)", text):
        draft = _read(_Draft(text[place.start() :], inside=place.start() > 0))
        if draft.mistake:
            return draft.mistake
        if draft.hour or draft.cron or (draft.days and not needs_time):
            before = re.sub(r"\s*\b(?:on|at|in|from)$", "", text[: place.start()].strip())
            return replace(draft, rest=f"{before} {draft.rest}".strip())
        if draft.days and wrong is None:
            wrong = mistake("time", days=draft.days)
    return (wrong or mistake("time")) if needs_time else _zone_alone(_Draft(text))


def _zone_alone(draft: _Draft) -> _Draft:
    """A change of the zone only; a city alone could as well be what to send."""
    found = find_zone(draft.rest)
    if found and found.named:
        return replace(draft, zone=found.zone, rest=found.rest)
    return draft


def _read(draft: _Draft) -> _Draft:
    """Take one phrase after the other from the head of the words."""
    while draft.rest and not draft.mistake:
        for pattern, take in _RULES:
            found = pattern.match(draft.rest)
            if found and (taken := take(draft, found)):
                draft = taken
                break
        else:
            break
    known = draft.hour is not None and draft.zone is None and not draft.mistake
    return _take_zone(draft) if known else draft


def _after(draft: _Draft, found: re.Match[str]) -> str:
    return draft.rest[found.end() :].lstrip(" ,;:")


def _take_days(dow: str) -> Callable[[_Draft, re.Match[str]], _Draft | None]:
    def take(draft: _Draft, found: re.Match[str]) -> _Draft | None:
        if draft.days:
            return None
        return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))

    return take


def _take_list(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.days:
        return None
    days = re.findall(_DAY, found["days"].lower())
    named = [_DAYS.index(day[:3]) for day in days]
    if found["span"]:
        first, last = named
        named = [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    dow = ",".join(str(day) for day in sorted(set(named)))
    return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))


def _take_nth_day(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.days:
        return None
    day, nth = _DAYS.index(found["day"].lower()[:3]), found["nth"].lower()
    dow = f"{day}L" if nth == "last" else f"{day}#{_NTH[nth]}"
    return replace(draft, dow=dow, days=found[0].strip(), rest=_after(draft, found))


def _take_dates(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.days:
        return None
    dates = sorted({int(n) for n in re.findall(r"\d+", found["dates"])})
    if not all(1 <= n <= 31 for n in dates):  # noqa: PLR2004 - days of a month
        return replace(draft, mistake=mistake("never", given=found[0].strip()))
    dom = ",".join(map(str, dates)) or "1"
    return replace(draft, dom=dom, days=found[0].strip(), rest=_after(draft, found))


def _take_last_date(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.days:
        return None
    return replace(draft, dom="L", days=found[0].strip(), rest=_after(draft, found))


def _take_time(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.hour is not None:
        return None
    if not (found[2] or found[3] or found[0].lower().startswith(("at", "@"))):
        return None
    clock = _clock(int(found[1]), int(found[2] or 0), (found[3] or "").replace(".", "").lower())
    if clock is None:
        return replace(draft, mistake=mistake("bad-time", given=found[0].strip()))
    hour, minute = clock
    return _take_zone(replace(draft, hour=str(hour), minute=minute, rest=_after(draft, found)))


def _clock(hour: int, minute: int, half: str) -> tuple[int, int] | None:
    """Hour and minute of the day; None where there is no such time."""
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24  # noqa: PLR2004
    return (hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004


def _take_named_time(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.hour is not None:
        return None
    hour = "12" if "noon" in found[0].lower() else "0"
    return _take_zone(replace(draft, hour=hour, rest=_after(draft, found)))


def _take_hours(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    if draft.hour is not None:
        return None
    return _take_zone(
        replace(draft, hour=f"*/{found[1]}" if found[1] else "*", rest=_after(draft, found))
    )


def _take_cron(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    cron = found["quoted"] or found["bare"]
    if problem := cron_problem(cron):
        return replace(draft, mistake=mistake(problem, given=cron))
    return _take_zone(replace(draft, cron=cron, days=found[0], rest=_after(draft, found)))


def _take_weekly(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    """Mondays, unless a day is named before or after."""
    dow = draft.dow if draft.days else "1"
    return replace(draft, dow=dow, rest=_after(draft, found))


def _take_fortnight(draft: _Draft, found: re.Match[str]) -> _Draft | None:
    return replace(draft, mistake=mistake("fortnight", given=found[0]))


def _take_zone(draft: _Draft) -> _Draft:
    """A zone stands right after the time: a city, an IANA name, "in Tokyo", "UTC"."""
    if (found := find_zone(draft.rest)) and (found.named or found.rest or draft.inside):
        return replace(draft, zone=found.zone, rest=found.rest)
    named = re.match(r"[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+(?=\s|$)", draft.rest)
    if named:
        near = likely_zones(named[0], 1)
        offer = phrases.DID_YOU_MEAN.format(given=near[0]) if near else ""
        return replace(draft, mistake=mistake("zone", given=named[0], offer=offer))
    return draft


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)


_EACH = r"(?:on\s+)?(?:every\s+|each\s+|all\s+)?"
_RULES: tuple[tuple[re.Pattern[str], Callable[[_Draft, re.Match[str]], _Draft | None]], ...] = (
    (
        _rule(r'cron\s*:?\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+ \S+ \S+ \S+ \S+))'),
        _take_cron,
    ),
    (
        _rule(
            r"(?:every|each)\s+(?:other|second|2nd|two|2)\s+(?:weeks?|days?|months?|"
            rf"{_DAY})|bi-?weekly|fortnightly"
        ),
        _take_fortnight,
    ),
    (_rule(r"weekly|(?:every|each|once a) week"), _take_weekly),
    (_rule(r"daily|(?:every|each) ?day|all days"), _take_days("*")),
    (_rule(rf"{_EACH}(?:weekdays?|work(?:ing)? ?days?|business days?)"), _take_days("1-5")),
    (_rule(rf"{_EACH}weekends?"), _take_days("0,6")),
    (
        _rule(
            rf"(?:monthly\s+)?(?:on\s+)?(?:the\s+|every\s+|each\s+)?(?P<nth>{'|'.join(_NTH)}|last)\s+"
            rf"(?P<day>{_DAY}){_MONTH}?"
        ),
        _take_nth_day,
    ),
    (
        _rule(rf"(?:monthly\s+)?(?:on\s+)?(?:the\s+)?last day(?:{_MONTH}|\s+monthly)?"),
        _take_last_date,
    ),
    (
        _rule(
            r"(?:monthly|(?:every|each) month)?\s*,?\s*(?:on\s+)?(?:the\s+)?"
            rf"(?P<dates>\d{{1,2}}(?:st|nd|rd|th)(?:{_AND}(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th))*){_MONTH}?"
        ),
        _take_dates,
    ),
    (_rule(r"(?:monthly|(?:every|each) month)(?P<dates>)"), _take_dates),
    (
        _rule(rf"{_EACH}(?P<days>{_DAY}\s*(?P<span>-|–|to|through|till|until)\s*{_DAY})"),
        _take_list,
    ),
    (_rule(rf"{_EACH}(?P<days>{_DAY}(?:{_AND}{_DAY})*)(?P<span>)"), _take_list),
    (_rule(r"hourly|every hour|every\s+(\d{1,2})\s+hours"), _take_hours),
    (_rule(r"(?:(?:at|@)\s*)?(?:noon|midday|midnight)"), _take_named_time),
    (_rule(rf"(?:(?:at|@)\s*)?{_TIME}"), _take_time),
)
