"""What the bot says of schedules, mistakes and notices included, in every language.

Every language has the same keys in its `schedules.yaml`, and the same names in braces. What a
channel is sent is in the library's language: the constants at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.language.pack import ENGLISH, LANGUAGES, check_keys, read_language
from bot.schedules.recurrence import NAMES, WORKING_DAYS, Recurrence, days_of, parts_of, times_of
from bot.schedules.subscription import Delivery, Subscription, Trigger, short_key

_FILE: Final = "schedules.yaml"
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, which a platform shows on the reader's own clock; `zone` where it cannot."""

    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Who:
    """A person, by the platform's id."""

    id: str


@dataclass(frozen=True, slots=True)
class Where:
    """A channel, by the platform's id."""

    channel: str


Piece: TypeAlias = "str | Moment | Who | Where"
Line: TypeAlias = "str | tuple[Piece, ...]"
"""One line for a person; in text, what stands between backticks is code."""


@cache
def texts_of(language: str) -> Mapping[str, str]:
    """Key -> text; in English where the language is none of ours.

    Raises:
        SettingsError: The language's file lacks a key, or a text a name in braces.
    """
    if language == ENGLISH:
        return read_language(ENGLISH, _FILE, dict[str, str])
    if language not in LANGUAGES:
        return texts_of(ENGLISH)
    texts, english = read_language(language, _FILE, dict[str, str]), texts_of(ENGLISH)
    check_keys(texts, english, language, _FILE)
    for key, text in texts.items():
        check_keys(_names(key, text), _names(key, english[key]), language, _FILE)
    return texts


def _names(key: str, text: str) -> set[str]:
    return {f"{key}: {{{name}}}" for name in _NAME.findall(text)}


def say(key: str, language: str = "en", **given: str) -> str:
    """The text with what is put in; in English where the language is none of ours."""
    return _NAME.sub(lambda name: given.get(name[1], ""), texts_of(language)[key])


def also_sent(language: str) -> list[tuple[str, str]]:
    """What can be sent beside briefs and questions: how people call it, and its name."""
    return [(say(name, language), name) for name in ("changes", "rotation")]


def line(key: str, language: str = "en", **given: Piece) -> Line:
    """The same where what is put in has to be shown as the platform shows it."""
    parts = _NAME.split(texts_of(language)[key])
    pieces = (given.get(part, "") if index % 2 else part for index, part in enumerate(parts))
    return tuple(piece for piece in pieces if piece)


def pieces_of(given: Line) -> tuple[Piece, ...]:
    """A line in its parts."""
    return (given,) if isinstance(given, str) else given


def plain(given: Line) -> str:
    """As text alone: instants on the clock of their own zone."""
    return "".join(map(_plain, pieces_of(given)))


def _plain(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Moment():
            return local_text(piece)
        case Who():
            return piece.id
        case Where():
            return piece.channel


def local_text(moment: Moment) -> str:
    """`2026-11-30 09:00 (Europe/Berlin)`."""
    local = moment.at.astimezone(ZoneInfo(moment.zone))
    return f"{local:%Y-%m-%d %H:%M} ({moment.zone})"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A person's mistake, to be told in their language."""

    key: str
    """Of `texts`, group `mistakes`."""
    given: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """What to do, with an example."""
        return say(f"mistakes.{self.key}", language, **self.given).strip()


def mistake(key: str, **given: str) -> Mistake:
    """With what was given, cut to what fits on a line and free of code marks."""
    safe = {name: " ".join(text.replace("`", "'").split()) for name, text in given.items()}
    return Mistake(key, {name: text[:200] for name, text in safe.items()})


MOST_TIMES = 6
"""More times of day than that are told as how many and from when to when."""


def describe_trigger(trigger: Trigger, language: str = "en") -> str:
    """`every Monday to Friday at 09:00, Europe/Berlin`."""
    return f"{describe_recurrence(trigger.recurrence, language)}, {trigger.zone}"


def describe_recurrence(recurrence: Recurrence, language: str = "en") -> str:
    """Days, times, end and what is left out."""
    said = [_rule(rule, language) for rule in days_of(recurrence)]
    if recurrence.dates:
        days = dict.fromkeys(each.date().isoformat() for each in recurrence.dates)
        said.append(say("once", language, dates=_listed(days, language)))
    parts = [f"{_listed(said, language)} {_times(recurrence, language)}"]
    rules = [parts_of(rule) for rule in recurrence.rules]
    counts = sorted({each["COUNT"] for each in rules if "COUNT" in each})
    ends = sorted({each["UNTIL"] for each in rules if "UNTIL" in each})
    parts += [say("count", language, n=count) for count in counts]
    parts += [say("until", language, date=f"{d[:4]}-{d[4:6]}-{d[6:8]}") for d in ends]
    if recurrence.skips:
        dates = _listed(_spans(recurrence.skips, language), language)
        parts.append(say("except", language, dates=dates))
    return _listed(parts, language)


def describe_policy(trigger: Trigger, language: str = "en") -> str:
    """What happens to missed runs, and whether runs are spread."""
    grace = _length(trigger.grace_s, language)
    parts = [say(f"missed.{trigger.misfire.value}", language, grace=grace)]
    if trigger.jitter_s:
        parts.append(say("spread", language, given=_length(trigger.jitter_s, language)))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _listed(names: Iterable[str], language: str) -> str:
    return say("comma", language).join(names)


_EVERY: Final = {
    "DAILY": ("every-day", "every-days"),
    "WEEKLY": ("weekly", "weeks"),
    "MONTHLY": ("monthly", "months"),
    "YEARLY": ("yearly", "years"),
}
"""How often, and where it is every so many days, weeks and so on."""


def _rule(rule: str, language: str) -> str:
    """A rule without its times; as it is where it was made elsewhere and is of another kind."""
    parts = parts_of(rule)
    interval, often = parts.get("INTERVAL", "1"), parts["FREQ"]
    try:
        key = _EVERY[often][interval != "1"]
        if often == "MONTHLY" and "BYMONTHDAY" in parts:
            key += "-days"
        said = say(key, language, n=interval, days=_days_said(parts, language))
        if often == "DAILY" and "BYDAY" in parts:
            said += f" {_only_on(parts, language)}"
    except (KeyError, ValueError):
        return rule
    if often != "YEARLY" and "BYMONTH" in parts:
        named = [say(f"month.{number}", language) for number in parts["BYMONTH"].split(",")]
        said += " " + say("in-months", language, months=_listed(named, language))
    return said


def _days_said(parts: Mapping[str, str], language: str) -> str:
    match parts["FREQ"]:
        case "YEARLY":
            month = say(f"month.{parts['BYMONTH']}", language)
            return say("year-day", language, day=str(int(parts["BYMONTHDAY"])), month=month)
        case "MONTHLY":
            return _listed(_month_days(parts, language), language)
        case "WEEKLY":
            return _week_days(parts, language)
    return ""


def _month_days(parts: Mapping[str, str], language: str) -> Iterable[str]:
    if "BYMONTHDAY" in parts:
        for number in map(int, parts["BYMONTHDAY"].split(",")):
            if number < -1:
                raise ValueError(number)
            key = "last-day" if number == -1 else "ordinal"
            yield say(key, language, n=str(number))
        if "BYDAY" in parts:
            yield _only_on(parts, language)
    elif "BYSETPOS" in parts:
        key = "working-day" if parts["BYDAY"] == WORKING_DAYS else "day-of"
        day = say(key, language, days=_week_days(parts, language))
        yield _nth_day(parts["BYSETPOS"], day, language)
    else:
        for text in parts["BYDAY"].split(","):
            yield _nth_day(text[:-2], _day(text[-2:], language), language)


def _nth_day(number: str, day: str, language: str) -> str:
    if not number:
        return say("weekly", language, days=day)
    return say("nth-day", language, nth=say(f"nth.{int(number)}", language), day=day)


def _day(name: str, language: str) -> str:
    return say(f"day.{NAMES.index(name)}", language)


def _only_on(parts: Mapping[str, str], language: str) -> str:
    return say("only-on", language, days=_week_days(parts, language))


def _week_days(parts: Mapping[str, str], language: str) -> str:
    if parts["BYDAY"] == WORKING_DAYS:
        return say("monday-to-friday", language)
    return _listed((_day(name, language) for name in parts["BYDAY"].split(",")), language)


def _times(recurrence: Recurrence, language: str) -> str:
    times = [f"{each:%H:%M}" for each in times_of(recurrence)]
    if len(times) > MOST_TIMES:
        count = str(len(times))
        return say("many-times", language, n=count, first=times[0], last=times[-1])
    return say("at", language, times=_listed(times, language))


def _spans(days: Sequence[date], language: str) -> Iterable[str]:
    """`2026-12-24 to 2027-01-02`: days in a row as one."""
    for _, run in groupby(enumerate(days), key=lambda each: each[1] - timedelta(days=each[0])):
        first, *others = [day.isoformat() for _, day in run]
        yield say("span", language, first=first, last=others[-1]) if others else first


def _length(seconds: int, language: str) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return say(unit, language, n=str(seconds // size))
    return say("seconds", language, n=str(seconds))


CHANGES_TITLE: Final = "New since the last briefing"
NOTHING_NEW: Final = "There is nothing new since the last briefing."
CORRECTION_TITLE: Final = "Correction"
CORRECTS: Final = "The briefing of {day} had this wrong. It should read:"
NOTICE_TITLE: Final = "A schedule of yours has stopped"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person."""

    id: str
    """Letters and digits that mark the message, so that it can be found again."""
    lines: tuple[Line, ...]
    schedule: str
    language: str
    buttons: tuple[str, ...] = ("resume", "remove")
    """`button.*` of the texts."""


LOOK = "look:"
"""What a notice begins with where a post may have been lost and cannot be looked for; after it
stands what is missing for that. Such a schedule goes on."""


def notice_of(delivery: Delivery, subscription: Subscription) -> Notice:
    """Which schedule has stopped, where, and what to do."""
    language, notice = subscription.language, delivery.notice or ""
    name, where = f"`{subscription.id}`", Where(subscription.target.channel)
    if notice.startswith(LOOK):
        needed = notice.removeprefix(LOOK) or say("look.history", language)
        told = line("look", language, id=name, where=where, needed=needed)
        return Notice(short_key(delivery.key), (told,), subscription.id, language, ("test",))
    known = f"notice.{notice}" in texts_of(ENGLISH)
    key = notice if known else "refused"  # one that an earlier version wrote down
    what = say(f"notice.{key}", language, code=subscription.paused_for or "")
    told = line("notice", language, id=name, where=where, what=what)
    return Notice(short_key(delivery.key), (told,), subscription.id, language)


def look_notice(needed: str) -> str:
    """The notice that a scope or permission is missing; it has to fit a column of 32."""
    return f"{LOOK}{needed}"[:32]
