"""Triggers by their cron expression, which is short to read in a test."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bot.schedules.recurrence import cron_recurrence
from bot.schedules.subscription import Trigger

LONG_AGO = datetime(1970, 1, 1)  # noqa: DTZ001 - local time


def cron_trigger(cron: str, zone: str, *, skips: tuple[date, ...] = (), **policy: Any) -> Trigger:
    return Trigger(cron_recurrence(cron, LONG_AGO, skips), zone, **policy)
