"""`doctor`: is everything set up, and what to do where it is not."""

from __future__ import annotations

import asyncio
import json
import os
from argparse import ArgumentTypeError
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cli.command_line import command, option
from bot.errors import AibriefError, SettingsError
from bot.parts import (
    PAGES_FIX,
    check_reader,
    clock,
    load_catalog,
    open_engine,
    pages_on,
    schedules_on,
)
from bot.platforms.base import Check, Platform, run_checks
from bot.platforms.registry import PLATFORMS
from bot.setting_values import hide_secrets
from bot.settings import Settings, load_settings, wiping_host

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime


LONG_WAIT = timedelta(minutes=15)
"""A briefing that waits for longer waits for something that does not end by itself."""

MOST_WRONG_S = 60.0
"""Slack's signatures count for 300 s, and schedules should not be a minute late:
https://docs.slack.dev/authentication/verifying-requests-from-slack ."""

SQLITE_FIX = (
    "Set DATABASE_URL to a PostgreSQL database, or to a SQLite file on a volume: docs/deploy.md."
)


def _channel(text: str) -> tuple[str, str]:
    platform, colon, channel = text.partition(":")
    names = [known.name for known in PLATFORMS]
    if platform not in names or not colon or not channel:
        forms = " or ".join(f"{name}:ID" for name in names)
        raise ArgumentTypeError(f"give the platform and the id of a channel there: {forms}")
    return platform, channel


_FORMS = " or ".join(f"{p.name}:{p.channel_example}" for p in PLATFORMS)


@command(
    "doctor",
    option("--json", action="store_true", help="print one JSON object"),
    option(
        "--channel",
        type=_channel,
        action="append",
        default=[],
        metavar="PLATFORM:ID",
        help=f"also check what the bot may do there: {_FORMS}",
    ),
)
def _doctor(args: Namespace) -> int:
    """Check the set-up; exit code 1 on a fault."""
    found = [
        replace(check, message=hide_secrets(check.message), fix=hide_secrets(check.fix))
        for check in asyncio.run(diagnose(dict(args.channel)))
    ]
    well = all(check.ok for check in found)
    if args.json:
        print(json.dumps({"ok": well, "checks": [asdict(c) for c in found]}, ensure_ascii=False))
    else:
        _print(found)
    return 0 if well else 1


def _print(found: list[Check]) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only to print
    from rich.text import Text  # noqa: PLC0415 - rich is loaded only to print

    out = Console()
    for check in found:
        mark = Text("ok   ", "green") if check.ok else Text("FAULT", "bold red")
        out.print(mark, Text(f"{check.name}: {check.message}"))
        if not check.ok and check.fix:
            out.print(Text(f"      {check.fix}"))


async def diagnose(
    channels: Mapping[str, str] = MappingProxyType({}), platforms: Sequence[Platform] = PLATFORMS
) -> list[Check]:
    """Look at everything that is set up, for `aibrief doctor`.

    Args:
        channels: The name of a platform -> a channel there to be looked at as well.
        platforms: What is looked at beside the bot itself.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Check("settings", ok=False, message=str(error), fix="Correct them and try again.")]
    groups = [(name, partial(check, settings)) for name, check in DIAGNOSES]
    groups += [(p.name, partial(p.check, settings, channels.get(p.name))) for p in platforms]
    return [Check("settings", ok=True, message="All known, all valid."), *await run_checks(groups)]


async def check_content(settings: Settings) -> AsyncIterator[Check]:
    """Whether all of the briefs can be loaded."""
    try:
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    except AibriefError as error:
        fix = "Correct them; a bot that runs goes on with the last good library until then."
        yield Check("library", ok=False, message=str(error), fix=fix)
        return
    library = catalog.library
    if catalog.skipped:
        fix = "Correct them; until then the bot answers without these files."
        yield Check("library", ok=False, message="\n".join(map(str, catalog.skipped)), fix=fix)
        return
    told = f"{len(library.briefs)} briefs, {len(library.snippets)} snippets; "
    told += "changes need a restart." if settings.reload == "off" else "changes need no restart."
    yield Check("library", ok=True, message=told)


async def check_database(settings: Settings) -> AsyncIterator[Check]:
    """Whether the database can be used; nothing in it is changed."""
    from bot.storage.database import newest_revision, read_revision  # noqa: PLC0415 - SQLAlchemy

    try:
        async with open_engine(settings) as engine:
            revision = await read_revision(engine)
    except AibriefError as error:
        yield Check("database", ok=False, message=str(error), fix="See docs/troubleshooting.md.")
        return
    kind = "DATABASE_URL" if settings.database_url else "a SQLite file in this folder"
    newest = newest_revision()
    state = f"revision {revision}"
    if revision is None:
        state = "not made yet; `aibrief serve` or `aibrief db upgrade` makes it"
    elif revision != newest:
        state += f"; this version has {newest}, and brings it up to date at its start"
    yield Check("database", ok=True, message=f"{kind}, {state}.")


async def check_schedules(settings: Settings) -> AsyncIterator[Check]:
    """Whether briefings are sent."""
    if schedules_on(settings, wiping_host()):
        async for check in _check_deliveries(settings):
            yield check
    elif settings.schedules == "off":
        yield Check("schedules", ok=True, message="Off, by SCHEDULES.")
    else:
        told = "Off: there is no database that survives."
        yield Check("schedules", ok=False, message=told, fix="Set DATABASE_URL.")


async def _check_deliveries(settings: Settings) -> AsyncIterator[Check]:
    """Whether every schedule can be read, and nothing waits that was due long ago."""
    from bot.storage.database import newest_revision, read_revision  # noqa: PLC0415 - SQLAlchemy
    from bot.storage.deliveries import SqlDeliveries  # noqa: PLC0415 - SQLAlchemy
    from bot.storage.subscription_rows import SqlSubscriptions  # noqa: PLC0415 - SQLAlchemy

    now = clock()
    try:
        async with open_engine(settings) as engine:
            if await read_revision(engine) != newest_revision():
                yield Check("schedules", ok=True, message="On; none yet.")
                return
            for bad in await SqlSubscriptions(engine).unreadable():
                name, told = f"schedule {bad.id}", f"It is stopped: {bad.why}"
                yield Check(name, ok=False, message=told, fix="Remove it and make it anew.")
            oldest = await SqlDeliveries(engine).oldest_due(now)
    except AibriefError:  # the check of the database tells it
        yield Check("schedules", ok=True, message="On.")
        return
    waits = now - oldest if oldest else timedelta()
    fix = "See why with: aibrief deliveries --state due --state retry --state uncertain"
    told = f"On; the longest waiting briefing was due {waits} ago." if oldest else "On."
    yield Check("schedules", ok=waits < LONG_WAIT, message=told, fix=fix)


async def check_pages(settings: Settings) -> AsyncIterator[Check]:
    """Where the pages are served."""
    try:
        on = pages_on(settings)
    except SettingsError as error:
        yield Check("playground", ok=False, message=str(error), fix=f"Please {PAGES_FIX}.")
        return
    if on:
        told = "Behind PLAYGROUND_TOKEN." if settings.playground_token else "On loopback."
    elif settings.playground == "off":
        told = "Off, by PLAYGROUND."
    else:
        told = f"Off, since PORT is given; to have it, {PAGES_FIX}."
    yield Check("playground", ok=True, message=told)


async def check_disk(settings: Settings) -> AsyncIterator[Check]:
    """Whether what is stored survives the next deploy."""
    from bot.storage.database import DEFAULT_URL, parse_database_url  # noqa: PLC0415 - SQLAlchemy

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
    url = next(filter(None, (p.date_url(settings) for p in PLATFORMS)), None)
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


async def _date_of(url: str) -> datetime | None:
    """The time at which a server answered, by its `Date`; None where it gave none."""
    import aiohttp  # noqa: PLC0415 - only to compare

    timeout = aiohttp.ClientTimeout(total=5.0)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as reply:
            return parsedate_to_datetime(reply.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return None


DIAGNOSES: tuple[tuple[str, Callable[[Settings], AsyncIterator[Check]]], ...] = (
    ("library", check_content),
    ("database", check_database),
    ("disk", check_disk),
    ("schedules", check_schedules),
    ("clock", check_clock),
    ("playground", check_pages),
    ("reader", check_reader),
)
"""What the doctor looks at before the platforms, in order."""
