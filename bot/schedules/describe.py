"""Schedules in words: when, a line of a list, and what a phrase would do without a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from bot.schedules.content import describe_content
from bot.schedules.orders import order_of_words, trigger_of
from bot.schedules.recurrence import NAMES, days_of, local_time, parts_of, times_of
from bot.schedules.subscription import LEFT, SubscriptionStatus, runs
from bot.schedules.texts import Mistake, Moment, Who, line, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.schedules.posting import Rules
    from bot.schedules.recurrence import Recurrence
    from bot.schedules.subscription import Change, Delivery, Subscription, Trigger
    from bot.schedules.texts import Line, Piece


MOST_TIMES = 6
"""More times of day than that are told as how many and from when to when."""


def describe_trigger(trigger: Trigger, language: str = "en") -> str:
    """`every Monday to Friday at 09:00, Europe/Berlin`."""
    return f"{describe_recurrence(trigger.recurrence, language)}, {trigger.zone}"


def describe_recurrence(recurrence: Recurrence, language: str = "en") -> str:
    """Days, times, end and what is left out."""
    comma = say("comma", language)
    said = [_rule(rule, language) for rule in days_of(recurrence)]
    if recurrence.dates:
        days = dict.fromkeys(each.date().isoformat() for each in recurrence.dates)
        said.append(say("once", language, dates=comma.join(days)))
    parts = [f"{comma.join(said)} {_times(recurrence, language)}", *_ends(recurrence, language)]
    if recurrence.skips:
        dates = comma.join(_spans(recurrence.skips, language))
        parts.append(say("except", language, dates=dates))
    return comma.join(parts)


def describe_policy(trigger: Trigger, language: str = "en") -> str:
    """What happens to missed runs, and whether runs are spread."""
    grace = _length(trigger.grace_s, language)
    parts = [say(f"missed.{trigger.misfire.value}", language, grace=grace)]
    if trigger.jitter_s:
        parts.append(say("spread", language, given=_length(trigger.jitter_s, language)))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _rule(rule: str, language: str) -> str:
    """A rule without its times; as it is where it was made elsewhere and is of another kind."""
    parts = parts_of(rule)
    known = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}
    describe = known.get(parts["FREQ"])
    try:
        said = describe(parts, language) if describe else rule
    except (KeyError, ValueError):
        return rule
    if "BYMONTH" in parts and parts["FREQ"] != "YEARLY":
        named = [say(f"month.{number}", language) for number in parts["BYMONTH"].split(",")]
        months = say("in-months", language, months=say("comma", language).join(named))
        said = f"{said} {months}"
    return said


def _daily(parts: dict[str, str], language: str) -> str:
    interval = parts.get("INTERVAL", "1")
    said = say("every-day" if interval == "1" else "every-days", language, n=interval)
    if "BYDAY" in parts:
        said += " " + say("only-on", language, days=_days(parts["BYDAY"], language))
    return said


def _weekly(parts: dict[str, str], language: str) -> str:
    interval = parts.get("INTERVAL", "1")
    key = "weekly" if interval == "1" else "weeks"
    return say(key, language, n=interval, days=_days(parts["BYDAY"], language))


def _monthly(parts: dict[str, str], language: str) -> str:
    interval, dated = parts.get("INTERVAL", "1"), "-days" if "BYMONTHDAY" in parts else ""
    if dated:
        numbers = map(int, parts["BYMONTHDAY"].split(","))
        named = [_month_day(number, language) for number in numbers]
        if "BYDAY" in parts:
            named.append(say("only-on", language, days=_days(parts["BYDAY"], language)))
    elif "BYSETPOS" in parts:
        working = parts["BYDAY"] == "MO,TU,WE,TH,FR"
        of = _days(parts["BYDAY"], language)
        day = say("working-day" if working else "day-of", language, days=of)
        nth = say(f"nth.{parts['BYSETPOS']}", language)
        named = [say("nth-day", language, nth=nth, day=day)]
    else:
        named = [_nth_day(day, language) for day in parts["BYDAY"].split(",")]
    key = "monthly" if interval == "1" else "months"
    return say(f"{key}{dated}", language, n=interval, days=say("comma", language).join(named))


def _yearly(parts: dict[str, str], language: str) -> str:
    interval = parts.get("INTERVAL", "1")
    month = say(f"month.{parts['BYMONTH']}", language)
    days = say("year-day", language, day=str(int(parts["BYMONTHDAY"])), month=month)
    return say("yearly" if interval == "1" else "years", language, n=interval, days=days)


def _nth_day(text: str, language: str) -> str:
    day = say(f"day.{NAMES.index(text[-2:])}", language)
    if len(text) == 2:  # noqa: PLR2004 - no number before the day
        return say("weekly", language, days=day)
    return say("nth-day", language, nth=say(f"nth.{int(text[:-2])}", language), day=day)


def _month_day(number: int, language: str) -> str:
    if number == -1:
        return say("last-day", language)
    if number < 0:
        raise ValueError(number)
    return say("ordinal", language, n=str(number))


def _days(text: str, language: str) -> str:
    if text == "MO,TU,WE,TH,FR":
        return say("monday-to-friday", language)
    names = [say(f"day.{NAMES.index(name)}", language) for name in text.split(",")]
    return say("comma", language).join(names)


def _times(recurrence: Recurrence, language: str) -> str:
    times = [f"{each:%H:%M}" for each in times_of(recurrence)]
    if len(times) > MOST_TIMES:
        count = str(len(times))
        return say("many-times", language, n=count, first=times[0], last=times[-1])
    return say("at", language, times=say("comma", language).join(times))


def _ends(recurrence: Recurrence, language: str) -> Iterable[str]:
    parts = [parts_of(rule) for rule in recurrence.rules]
    counts = {each["COUNT"] for each in parts if "COUNT" in each}
    ends = {each["UNTIL"] for each in parts if "UNTIL" in each}
    for count in sorted(counts):
        yield say("count", language, n=count)
    for end in sorted(ends):
        day = datetime.strptime(end[:8], "%Y%m%d")  # noqa: DTZ007 - a local date
        yield say("until", language, date=day.date().isoformat())


def _spans(days: Sequence[date], language: str) -> Iterable[str]:
    """`2026-12-24 to 2027-01-02`: days in a row as one."""
    first = last = days[0]
    for day in (*days[1:], None):
        if day is not None and day - last == timedelta(days=1):
            last = day
            continue
        begin, end = first.isoformat(), last.isoformat()
        yield begin if first == last else say("span", language, first=begin, last=end)
        if day is not None:
            first = last = day


def _length(seconds: int, language: str) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return say(unit, language, n=str(seconds // size))
    return say("seconds", language, n=str(seconds))


ROOM: Final = "room."
"""A schedule that waits until the bot may post where it goes is paused for such a reason."""
_HISTORY: Final = frozenset(
    f"history.{what}" for what in ("added", "edited", "paused", "resumed", "removed", "imported")
)


def schedule_line(subscription: Subscription, catalog: Catalog, language: str = "en") -> str:
    """The id, what is sent and when."""
    what = describe_content(subscription.content, catalog, language)
    when = describe_trigger(subscription.trigger, language)
    return f"`{subscription.id}` {what.replace('`', chr(39))}: {when}"


def state_line(subscription: Subscription, rules: Rules, language: str) -> Line:
    """The next run, or why there is none."""
    if subscription.standing is SubscriptionStatus.PAUSED:
        why = _why_paused(subscription, rules, language)
        return say("state.paused-for" if why else "state.paused", language, why=why)
    if subscription.next_at is None:
        return say("state.done", language)
    at = Moment(subscription.next_at, subscription.trigger.zone)
    return line("state.next", language, at=at)


def _why_paused(subscription: Subscription, rules: Rules, language: str) -> str:
    """Why the bot paused it, in words; empty where a person did."""
    why = subscription.paused_for
    if not why:
        return ""
    if why.startswith(ROOM):
        return say(why, language)
    if why == LEFT:
        return say("notice.uninstalled", language)
    notice = rules.outcome_of(subscription.target.platform, why).notice
    return say(f"notice.{notice}", language, code=why)


def last_result(
    delivery: Delivery, subscription: Subscription, language: str
) -> tuple[Piece, ...]:
    """What came of the last run."""
    at = Moment(delivery.due_at, subscription.trigger.zone)
    why = delivery.reason or ""
    return pieces_of(line(f"last.{delivery.state.value}", language, at=at, why=why))


def history_line(change: Change, language: str) -> Line:
    """Who did what, and when."""
    who = Who(change.who) if change.who else say("somebody", language)
    known = f"history.{change.what}"
    what = say(known, language) if known in _HISTORY else change.what
    at = Moment(change.at, "UTC")
    return line("history", language, at=at, what=what, who=who, detail=change.detail)


def pieces_of(given: Line) -> tuple[Piece, ...]:
    """A line in its parts."""
    return (given,) if isinstance(given, str) else given


@dataclass(frozen=True, slots=True)
class Preview:
    """The next runs in local time, or why there are none."""

    message: str = ""
    """The refusal; empty where it is understood."""
    zone: str = ""
    runs: tuple[datetime, ...] = ()
    """Local times without zone."""
    trigger: str = ""
    """When, in words."""
    content: str = ""
    """What is sent: slugs of briefs, a question, "changes" or "rotation"."""

    @property
    def ok(self) -> bool:
        """Whether the phrase is understood."""
        return not self.message

    def as_json(self) -> dict[str, Any]:
        """As `aibrief schedules preview --json` prints it."""
        if not self.ok:
            return {"ok": False, "message": self.message}
        shown = [f"{run:%Y-%m-%dT%H:%M}" for run in self.runs]
        return {"ok": True, "zone": self.zone, "runs": shown, "content": self.content}


def preview_words(
    text: str, catalog: Catalog, zone: str | None, now: datetime, count: int = 5
) -> Preview:
    """The runs of a phrase typed now by a person in a zone."""
    order = order_of_words(text, catalog)
    if isinstance(order, Mistake):
        return Preview(order.text())
    trigger = trigger_of(order, zone, now)
    if isinstance(trigger, Mistake):
        return Preview(trigger.text())
    content = order.content
    sent = "" if content is None else ", ".join(content.asks) or content.kind.value
    following = islice(runs(trigger, now), count)
    return Preview(
        zone=trigger.zone,
        runs=tuple(local_time(run, trigger.zone) for run in following),
        trigger=describe_trigger(trigger),
        content=sent,
    )
