"""Words -> a rhythm and what remains: "every monday at 8am Berlin what comes next"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.schedules.recurrence import cron_problem
from bot.schedules.schedule_draft import Draft, hour_of, unknown_zone
from bot.schedules.schedule_leftovers import find_leftover
from bot.schedules.schedule_options import Mistake, mistake, parse_options
from bot.schedules.schedule_rules import read_draft
from bot.schedules.subscription import Rhythm
from bot.schedules.zones import find_zone

MAX_WORDS_CHARS = 500
_NTH_BEFORE = re.compile(r"\b(?:first|second|third|last|\d+(?:st|nd|rd|th))\s*$", re.IGNORECASE)
"""What makes days that follow mean something else: "first weekday of the month"."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A rhythm and the words that are not about time."""

    rhythm: Rhythm
    rest: str
    say_nothing_new: bool = False
    named: frozenset[str] = frozenset()
    """The fields of the rhythm that the words tell of."""


def parse_schedule(text: str, zone: str | None) -> Parsed | Mistake:
    """Read the words; `zone` is the person's own, used where no zone is named."""
    return _parse(text, zone, None)


def parse_changes(text: str, before: Rhythm) -> Parsed | Mistake:
    """Read the words as changes: what they do not tell of stays as `before`."""
    return _parse(text, before.zone, before)


def _parse(text: str, zone: str | None, before: Rhythm | None) -> Parsed | Mistake:
    text = " ".join(text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}).split())
    if not text or len(text) > MAX_WORDS_CHARS:
        return mistake("empty")
    options = parse_options(text)
    draft = _find(options.rest, needs_time=before is None)
    if options.mistake or isinstance(draft, Mistake):
        return options.mistake or draft  # type: ignore[return-value] # one of them it is
    draft = _with_zone(draft, changes=before is not None)
    if wrong := draft.mistake or find_leftover(draft.rest):
        return wrong
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


def _cron(draft: Draft, before: Rhythm | None) -> str:
    """The five fields; the days and the time of `before` where no others are named."""
    if draft.cron:
        return draft.cron
    minute, hour, dom, month, dow = (before.cron if before else "0 9 * * *").split()
    if draft.hour is not None:
        minute, hour = str(draft.minute), hour_of(draft)
    if draft.days or draft.dow != "*" or before is None:
        dom, month, dow = draft.dom, "*", draft.dow
    return f"{minute} {hour} {dom} {month} {dow}"


def _find(text: str, *, needs_time: bool) -> Draft | Mistake:
    """Read from the first place on where words of time stand; what is before and after remains.

    Days and time may stand apart: `daily china-vs-us at 9`, `9:00 china-vs-us on mondays`.
    """
    days: tuple[str, Draft] | None = None
    for place in re.finditer(r"(?<!\S)(?=\S)", text):
        before, after = text[: place.start()], text[place.start() :]
        draft = read_draft(Draft(after, inside=bool(before)))
        nth = _NTH_BEFORE.search(before)
        if nth and draft.days and not draft.days.lower().endswith("s"):
            return mistake("leftover", given=f"{nth[0].strip()} {draft.days}")
        if draft.mistake:
            return draft.mistake
        if draft.hour or draft.cron or (draft.days and not needs_time):
            if days and not draft.days and not draft.cron and days[1].rest.endswith(after):
                before = f"{days[0]} {days[1].rest[: -len(after)]}"
                draft = _joined(draft, days[1])
            return _around(_days_at_end(draft), _bare(before))
        if (draft.days or draft.dow != "*") and days is None:
            days = before, draft
    if needs_time:
        return mistake("time", days=days[1].days or "weekly") if days else mistake("time")
    return Draft(text)


def _days_at_end(draft: Draft) -> Draft:
    """With the days that the words after a time end in."""
    if draft.days or draft.cron:
        return draft
    for place in re.finditer(r"(?<=\s)(?=\S)", draft.rest):
        found = read_draft(Draft(draft.rest[place.start() :]))
        if found.days and not found.rest and found.hour is None and not found.mistake:
            return replace(_joined(draft, found), rest=_bare(draft.rest[: place.start()]))
    return draft


def _joined(draft: Draft, days: Draft) -> Draft:
    half = draft.half or days.half
    return replace(draft, dom=days.dom, dow=days.dow, days=days.days, half=half)


def _around(draft: Draft, before: str) -> Draft:
    """With what stands before the words of time: a zone, or what is to be sent."""
    found = None if draft.zone else find_zone(before)
    if found and not found.rest and (found.named or draft.rest):
        return replace(draft, zone=found.zone)
    return replace(draft, rest=f"{before} {draft.rest}".strip())


def _bare(text: str) -> str:
    """Without the preposition that belongs to the time after it."""
    return re.sub(r"(?:^|\s+)(?:on|at|in|from)$", "", " ".join(text.split()).strip(" ,;:"))


def _with_zone(draft: Draft, *, changes: bool) -> Draft:
    """A zone at the end, or at the head of changes; a city alone could as well be content."""
    if draft.zone:
        return draft
    found = find_zone(draft.rest) if changes else None
    if found and found.named:
        return replace(draft, zone=found.zone, rest=found.rest)
    last = draft.rest.rpartition(" ")[2]
    if not re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+", last):
        return draft
    found = find_zone(last)
    if found is None:
        return replace(draft, mistake=unknown_zone(last))
    rest = re.sub(r"(?:^|\s+)(?:in|at)$", "", draft.rest[: -len(last)].strip(" ,;"))
    return replace(draft, zone=found.zone, rest=rest)
