"""`deliveries` and `schedules`: what was sent and why not, backup and restore."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from bot import parts
from bot.cli.command_line import (
    add_library_options,
    command,
    load_named,
    name_input,
    option,
    read_text,
)
from bot.errors import SettingsError
from bot.platforms.registry import PLATFORMS
from bot.schedules.schedule_ports import DestinationFilter
from bot.schedules.subscription import OPEN, Change, State, SubscriptionStatus, start
from bot.setting_values import hide_secrets
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Mapping, Sequence

    from bot.schedules.schedule_ports import DeliveryLog, SubscriptionStore
    from bot.schedules.subscription import Delivery, Subscription
    from bot.settings import Settings

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
MOST_DIGITS = 6
MOST_PREVIEWED = 1000
_NAMES = [platform.name for platform in PLATFORMS]
_PLACES = " or ".join(f"a {each.label} {each.workspace}" for each in PLATFORMS)


@asynccontextmanager
async def schedule_stores(
    settings: Settings,
) -> AsyncIterator[tuple[SubscriptionStore, DeliveryLog]]:
    """Subscriptions and deliveries, for commands that look at them.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.deliveries import SqlDeliveries  # noqa: PLC0415 - SQLAlchemy
    from bot.storage.subscription_rows import SqlSubscriptions  # noqa: PLC0415 - SQLAlchemy

    async with parts.open_database(settings) as engine:
        yield SqlSubscriptions(engine), SqlDeliveries(engine)


@command(
    "deliveries",
    option("--state", action="append", default=[], help="only these, e.g. failed"),
    option("--schedule", metavar="ID", help="only of this schedule"),
    option("--platform", choices=_NAMES),
    option("--workspace", metavar="ID", help=_PLACES),
    option("--channel", metavar="ID"),
    option("--since", metavar="WHEN", help="due in the last 90m, 24h or 7d, or since 2026-11-24"),
    option("--limit", type=int, default=50),
    option("--json", action="store_true", help="one JSON object a line"),
)
def _deliveries(args: Namespace) -> None:
    """What is due, sent and failed, and why; deliveries retry."""
    try:
        states = [State(name) for name in args.state]
    except ValueError:
        known = ", ".join(state.value for state in State)
        raise SettingsError(f"--state takes one of {known}.") from None
    now = parts.clock()
    shown = asyncio.run(_read(args, states, now))
    if args.json:
        for delivery in shown.found:
            print(hide_secrets(json.dumps(_plain(delivery, now), ensure_ascii=False)))
        return
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_deliveries(shown.coming, shown.found)
    if shown.oldest_due is None:
        print("Nothing is due and waits.")
        return
    seconds = max(0, round((now - shown.oldest_due).total_seconds()))
    print(f"The longest waiting was due {timedelta(seconds=seconds)} ago.")


class _Shown(NamedTuple):
    coming: Sequence[Subscription]
    found: Sequence[Delivery]
    oldest_due: datetime | None


async def _read(args: Namespace, states: Sequence[State], now: datetime) -> _Shown:
    place = DestinationFilter(args.platform, args.workspace, args.channel)
    since = _since(args.since, now) if args.since else None
    async with schedule_stores(load_settings()) as (subscriptions, log):
        everything = await subscriptions.all_subscriptions()
        coming = [
            s for s in everything if s.next_at and args.schedule in {None, s.id} and _at(s, place)
        ]
        coming.sort(key=lambda s: s.next_at or s.created_at)
        where = None if place == DestinationFilter() else place
        found = await log.deliveries(states, args.limit, args.schedule, since=since, place=where)
        return _Shown(coming[: args.limit], found, await log.oldest_due(now))


def _at(subscription: Subscription, place: DestinationFilter) -> bool:
    given = asdict(place).items()
    return all(want in {None, getattr(subscription.target, name)} for name, want in given)


def _since(given: str, now: datetime) -> datetime:
    """A time ago such as 24h, or a day."""
    unit = _UNITS.get(given[-1:])
    if unit and given[:-1].isdecimal() and len(given) < MOST_DIGITS:
        return now - int(given[:-1]) * unit
    return _time(given, f"--since takes 90m, 24h, 7d or a day like 2026-11-24, not {given!r}.")


def _time(given: str, otherwise: str) -> datetime:
    """An ISO time, in UTC where it names no zone; what is said `otherwise`."""
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise SettingsError(otherwise) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@command(
    "deliveries retry",
    option("keys", nargs="*", metavar="KEY", help="as `deliveries` shows them"),
    option("--failed", action="store_true", help="every delivery that failed"),
)
def _retry(args: Namespace) -> int:
    """Send failed, late or missed ones after all; look for uncertain ones."""
    if not args.keys and not args.failed:
        raise SettingsError("Name deliveries as `aibrief deliveries` shows them, or say --failed.")
    again = asyncio.run(_reopen(args.keys, failed=args.failed))
    for key in again:
        print(key)
    if again or not args.keys:
        print(
            f"{len(again)} deliveries are due again; the running bot sends them within a minute."
        )
    missing = [key for key in args.keys if key not in again]
    for key in missing:
        print(
            f"{key}: not failed, late, missed or uncertain, or its schedule was removed.",
            file=sys.stderr,
        )
    return 1 if missing else 0


async def _reopen(keys: Sequence[str], *, failed: bool) -> Sequence[str]:
    async with schedule_stores(load_settings()) as (_, log):
        wanted = list(keys)
        if failed:
            wanted += [d.key for d in await log.deliveries([State.FAILED], 10_000)]
        return await log.reopen(wanted, parts.clock())


@command("schedules export")
def _export(_: Namespace) -> None:
    """Print every schedule as YAML."""
    from bot.schedules.schedule_values import dump_file  # noqa: PLC0415 - only here

    print(dump_file(*asyncio.run(_everything())), end="")


async def _everything() -> tuple[Sequence[Subscription], Mapping[str, Mapping[str, str]]]:
    """All subscriptions, and the libraries that they compare with."""
    async with schedule_stores(load_settings()) as (subscriptions, log):
        found = await subscriptions.all_subscriptions()
        versions = {each.last_library for each in found} - {None}
        told = {version: await log.digests(version) for version in sorted(filter(None, versions))}
        return found, {version: digests for version, digests in told.items() if digests}


@command(
    "schedules history",
    option("schedule", nargs="?", metavar="ID", help="one schedule, else all"),
    option("--limit", type=int, default=50),
)
def _history(args: Namespace) -> None:
    """Who did what, the latest first."""

    async def read() -> Sequence[Change]:
        async with schedule_stores(load_settings()) as (subscriptions, _):
            return await subscriptions.history(args.schedule, args.limit)

    for change in asyncio.run(read()):
        print(
            f"{change.at:%Y-%m-%d %H:%M} UTC  {change.subscription}  {change.what}  "
            f"by {change.who or 'somebody forgotten'}  {change.detail}".rstrip()
        )


@command("schedules import", option("file", metavar="FILE", help="- reads standard input"))
def _import(args: Namespace) -> None:
    """Store the schedules of a YAML file."""
    from bot.schedules.schedule_values import parse_file, parse_libraries  # noqa: PLC0415 - only here

    text, name = read_text(args.file), name_input(args.file)
    found = parse_file(text, parts.clock(), _NAMES, name)
    libraries = parse_libraries(text, name)
    asyncio.run(_store(found, libraries))
    print(f"{len(found)} {'schedule is' if len(found) == 1 else 'schedules are'} stored.")


async def _store(
    found: Sequence[Subscription], libraries: Mapping[str, Mapping[str, str]]
) -> None:
    now = parts.clock()
    async with schedule_stores(load_settings()) as (subscriptions, log):
        for version, digests in libraries.items():
            await log.keep_library(version, digests, now)
        for each in found:
            stored = start(each, now) if each.standing is SubscriptionStatus.ACTIVE else each
            await subscriptions.put(stored, Change(each.id, now, "aibrief", "imported"))


@command(
    "schedules preview",
    option("phrase", metavar="PHRASE", help='"weekdays 9:00 china-vs-us"'),
    option("--zone", metavar="ZONE", help="the person's own: Europe/Berlin, Tokyo"),
    option("--now", metavar="TIME", help="as if it were then: 2026-11-29T12:00Z"),
    option("--count", type=int, default=5, help="runs to show, at most 1000"),
    option("--json", action="store_true", help="one JSON object"),
    add_library_options,
)
def _preview(args: Namespace) -> int:
    """When a phrase runs and what it sends, or why it is refused."""
    from bot.schedules.calls import preview_words  # noqa: PLC0415 - only here

    wrong = f"--now {args.now} is no time. Write 2026-11-29T12:00Z."
    now = parts.clock() if args.now is None else _time(args.now, wrong)
    zone = _zone(args.zone)
    if not 1 <= args.count <= MOST_PREVIEWED:
        raise SettingsError(f"--count is from 1 to {MOST_PREVIEWED}.")
    catalog = load_named(args)
    found = preview_words(args.phrase, catalog, zone, now, args.count)
    if args.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    if not found.ok:
        print(found.message)
        return 1  # a refusal, told to a person
    print(f"{found.content or 'Nothing to send is named'}: {found.trigger}")
    for run in found.runs:
        print(f"{run:%a %Y-%m-%d %H:%M}")
    return 0


def _zone(text: str | None) -> str | None:
    from bot.schedules.texts import Mistake  # noqa: PLC0415 - only here
    from bot.schedules.zones import is_zone, parse_zone  # noqa: PLC0415 - only here

    if text is None:
        return None
    found = text if is_zone(text) else parse_zone(text)
    if isinstance(found, Mistake):
        raise SettingsError(f"--zone: {found.text()}")
    return found


@command(
    "schedules forget",
    option("platform", choices=_NAMES),
    option("workspace", metavar="ID", help=f"the id of {_PLACES}"),
)
def _forget(args: Namespace) -> None:
    """Delete all schedules of one place, with their history."""

    async def forget() -> int:
        async with schedule_stores(load_settings()) as (subscriptions, _):
            return await subscriptions.forget_workspace(args.platform, args.workspace)

    count = asyncio.run(forget())
    print(f"{count} {'schedule is' if count == 1 else 'schedules are'} deleted.")


def _plain(delivery: Delivery, now: datetime) -> dict[str, Any]:
    waits = delivery.state in {*OPEN, State.UNCERTAIN}
    return {
        "key": delivery.key,
        "schedule": delivery.subscription,
        "due_at": delivery.due_at.isoformat(),
        "state": delivery.state.value,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "notice": delivery.notice,
        "message": delivery.ref,
        "waits_s": round((now - delivery.due_at).total_seconds()) if waits else None,
    }
