"""A rhythm in words, for confirmations and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.schedules import schedule_phrases as words
from bot.schedules.recurrence import explain_cron

if TYPE_CHECKING:
    from bot.schedules.subscription import Rhythm


def describe_rhythm(rhythm: Rhythm) -> str:
    """`At 09:00 on Monday through Friday, Europe/Berlin`."""
    return f"{explain_cron(rhythm.cron)}, {rhythm.zone}"


def describe_policy(rhythm: Rhythm) -> str:
    """What happens to missed runs, skip dates and jitter, in one sentence."""
    parts = [words.IF_MISSED[rhythm.catch_up.value].format(grace=_span(rhythm.grace_s))]
    if rhythm.skip_dates:
        dates = ", ".join(day.isoformat() for day in rhythm.skip_dates)
        parts.insert(0, f"{words.EXCEPT} {dates}")
    if rhythm.jitter_s:
        parts.append(words.SPREAD.format(given=_span(rhythm.jitter_s)))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _span(seconds: int) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
