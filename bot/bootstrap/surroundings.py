"""What the doctor says of the machine: whether files last, whether the clock is right."""

from __future__ import annotations

import os
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.bootstrap import clock
from bot.platforms.registry import PLATFORMS
from bot.service.health import Check
from bot.settings import wiping_host

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.settings import Settings

MOST_WRONG_S = 60.0
"""Slack's signatures count for 300 s, and schedules should not be a minute late:
https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
SQLITE_FIX = (
    "Set DATABASE_URL to a PostgreSQL database, or to a SQLite file on a volume: docs/deploy.md."
)


async def check_disk(settings: Settings) -> AsyncIterator[Check]:
    """Whether what is stored survives the next deploy."""
    from bot.storage.url import DEFAULT_URL, parse_database_url  # noqa: PLC0415 - SQLAlchemy

    given = settings.database_url
    url = parse_database_url(given.reveal() if given else DEFAULT_URL)
    if url.get_backend_name() == "postgresql":
        yield Check("disk", ok=True, message="Everything is in PostgreSQL; no file is needed.")
        return
    file = Path(os.path.abspath(url.database or ""))  # noqa: PTH100, ASYNC240 - no file is read
    yield judge_file(file, wiping_host(), Path.is_mount)


def judge_file(file: Path, host: str | None, is_mount: Callable[[Path], bool]) -> Check:
    """Whether a database file lasts.

    Args:
        file: Its absolute path.
        host: The platform that wipes its disk, None where none does.
        is_mount: Whether a folder is where a volume is mounted.
    """
    volume = next((p for p in file.parents[:-1] if is_mount(p)), None)
    if host and volume is None:
        told = f"{host} wipes the disk at every restart, and {file} with it."
        return Check("disk", ok=False, message=told, fix=SQLITE_FIX)
    where = f" on the volume {volume}" if volume else ""
    return Check("disk", ok=True, message=f"{file}{where}; as lasting as that folder.")


async def check_clock(settings: Settings) -> AsyncIterator[Check]:
    """Whether the clock agrees with a platform's, and time zones are known."""
    now = clock()
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    url = _reference(settings)
    theirs = await _date_of(url) if url else None
    if theirs is None:
        why = "the platform gave no time" if url else "no platform is set up to compare with"
        yield Check("clock", ok=True, message=f"{told}; not compared, {why}.")
    else:
        yield judge_clock((clock() - theirs).total_seconds(), told)
    try:
        ZoneInfo("America/Argentina/Buenos_Aires")
    except (ZoneInfoNotFoundError, OSError):
        yield Check("time zones", ok=False, message="None are known.", fix="Install tzdata.")
    else:
        yield Check("time zones", ok=True, message="IANA zones are known.")


def judge_clock(ahead_s: float, told: str) -> Check:
    """The check for a clock that is so many seconds ahead of a platform's."""
    if abs(ahead_s) > MOST_WRONG_S:
        wrong = f"{told} is {abs(ahead_s):.0f} s {'ahead' if ahead_s > 0 else 'behind'}."
        fix = "Set the clock, for example with NTP: signatures and schedules depend on it."
        return Check("clock", ok=False, message=wrong, fix=fix)
    return Check("clock", ok=True, message=f"{told}, right within {MOST_WRONG_S:.0f} s.")


def _reference(settings: Settings) -> str | None:
    return next(filter(None, (p.date_url(settings) for p in PLATFORMS)), None)


async def _date_of(url: str) -> datetime | None:
    """The time at which a server answered, by its `Date`; None where it gave none."""
    import aiohttp  # noqa: PLC0415 - only to compare

    timeout = aiohttp.ClientTimeout(total=5.0)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as reply:
            return parsedate_to_datetime(reply.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return None
