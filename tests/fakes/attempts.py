"""Attempts to post, as tests make them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bot.schedules.schedule_ports import Attempt, Fence, Window


def attempt(key: str, *, again: bool = False, left_s: float = 15.0) -> Attempt:
    """One that may post for so long; `again` where another may have posted just now."""
    now = datetime.now(UTC)
    earlier = Window(now - timedelta(seconds=10), now) if again else None
    return Attempt(key, Fence(time.monotonic() + left_s, time.monotonic), earlier)
