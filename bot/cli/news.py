"""`news`: the statements that were added, changed and withdrawn since a day."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.answering.changes import (
    NEWS_DAYS,
    known_differences,
    known_statements,
    since_day,
    unread_briefs,
)
from bot.answering.statements import statement
from bot.cli.checking import parse_day
from bot.errors import SettingsError
from bot.platforms.plain import statement_line
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.answering.changes import Differences, Snapshot
    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the command of this file."""
    news = commands.add_parser(
        "news", help="Statements added, changed and withdrawn, as the running bot remembers."
    )
    news.add_argument(
        "--since", type=parse_day, metavar="DAY", help=f"default: {NEWS_DAYS} days ago"
    )
    news.add_argument("--json", action="store_true", help="print one JSON object")
    news.set_defaults(run=run_news)


def run_news(args: Namespace) -> int:
    """Print what is new in today's files against what was remembered.

    Raises:
        SettingsError: The day is to come.
    """
    settings = load_settings()
    today = parts.clock().date()
    day = args.since or since_day(today)
    if day > today:
        raise SettingsError(f"--since {day} is to come. Give a day up to {today}.")
    catalog = parts.load_catalog(settings.briefs_dir, settings.config_dir)
    snapshot = asyncio.run(parts.load_snapshot(settings, day))
    if snapshot is None:
        told: dict[str, Any] = {"since": None, "added": [], "changed": [], "withdrawn": []}
        if args.json:
            print(json.dumps(told))
        else:
            print("Nothing is remembered yet. `aibrief serve` writes down what there is.")
        return 0
    known = known_statements(catalog)
    found = known_differences(snapshot.known, known, unread_briefs(catalog))
    if args.json:
        print(json.dumps(_plain(found, snapshot, catalog), ensure_ascii=False))
        return 0
    if snapshot.since > day:
        print(f"Changes are known from {snapshot.since} on.")
    _print(found, snapshot, catalog, today)
    return 0


def _print(found: Differences, snapshot: Snapshot, catalog: Catalog, today: date) -> None:
    known = catalog.library.snippets
    for title, names in (("Added", found.added), ("Changed", found.changed)):
        if names:
            print(f"{title} since {snapshot.since}:")
        for name in names:
            line = statement_line(statement(known[name], today))
            print(f"  {name} ({catalog.homes[name]}): {line}")
    if found.withdrawn:
        print(f"Withdrawn since {snapshot.since}:")
    for name in found.withdrawn:
        print(f"  {name} ({snapshot.known[name].title})")
    if not (found.new or found.withdrawn):
        print(f"Nothing was added, changed or withdrawn since {snapshot.since}.")


def _plain(found: Differences, snapshot: Snapshot, catalog: Catalog) -> dict[str, Any]:
    def one(name: str) -> dict[str, Any]:
        snippet, home = catalog.library.snippets[name], catalog.home(name)
        return {
            "id": name,
            "brief": home.slug,
            "title": home.title,
            "text": snippet.text,
            "citations": [{"source": c.source, "lines": c.lines} for c in snippet.rests_on],
        }

    gone = snapshot.known
    return {
        "since": snapshot.since.isoformat(),
        "added": [one(name) for name in found.added],
        "changed": [one(name) for name in found.changed],
        "withdrawn": [
            {"id": name, "brief": gone[name].brief, "title": gone[name].title}
            for name in found.withdrawn
        ],
    }
