"""What `aibrief doctor` looks at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from bot.bootstrap import build_engine, clock, load_catalog
from bot.bootstrap.pages import check_pages
from bot.bootstrap.reader import check_reader
from bot.bootstrap.schedules import schedules_on
from bot.bootstrap.surroundings import check_clock, check_disk
from bot.errors import AibriefError, SettingsError
from bot.platforms.base import Platform
from bot.platforms.registry import PLATFORMS
from bot.service.health import Check, run_checks
from bot.settings import Settings, load_settings, wiping_host

LONG_WAIT = timedelta(minutes=15)
"""A briefing that waits for longer waits for something that does not end by itself."""


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
    from bot.storage.migrate import newest_revision, read_revision  # noqa: PLC0415 - SQLAlchemy

    try:
        engine = build_engine(settings)
        try:
            revision = await read_revision(engine)
        finally:
            await engine.dispose()
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
    from bot.storage.deliveries import SqlDeliveries  # noqa: PLC0415 - SQLAlchemy
    from bot.storage.migrate import newest_revision, read_revision  # noqa: PLC0415 - see above
    from bot.storage.subscriptions import SqlSubscriptions  # noqa: PLC0415 - see above

    engine = build_engine(settings)
    try:
        if await read_revision(engine) != newest_revision():
            yield Check("schedules", ok=True, message="On; none yet.")
            return
        for bad in await SqlSubscriptions(engine).unreadable():
            name, told = f"schedule {bad.id}", f"It is stopped: {bad.why}"
            yield Check(name, ok=False, message=told, fix="Remove it and make it anew.")
        now = clock()
        oldest = await SqlDeliveries(engine).oldest_due(now)
    except AibriefError:  # the check of the database tells it
        yield Check("schedules", ok=True, message="On.")
        return
    finally:
        await engine.dispose()
    waits = now - oldest if oldest else timedelta()
    fix = "See why with: aibrief deliveries --state due --state retry --state uncertain"
    told = f"On; the longest waiting briefing was due {waits} ago." if oldest else "On."
    yield Check("schedules", ok=waits < LONG_WAIT, message=told, fix=fix)


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
