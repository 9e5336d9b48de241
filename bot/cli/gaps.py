"""`gaps`: what was asked and not answered well, and patches that close it."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.cli.files import add_library_options, add_patch_options, hand_out
from bot.errors import SettingsError
from bot.settings import library_dirs, load_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.cli.command_line import Commands
    from bot.curating.patching import Patch
    from bot.gaps.grouping import Gap, GapCluster, Review


MOST_DAYS = 36_500


def register(commands: Commands) -> None:
    """Add the command of this file."""
    gaps = commands.add_parser(
        "gaps", help="Questions that were not covered or rated down, and patches for them."
    )
    gaps.add_argument("--days", type=int, metavar="N", help="only of the last N days")
    gaps.add_argument("--json", action="store_true", help="one JSON object a group")
    gaps.set_defaults(run=run_gaps)
    steps = gaps.add_subparsers(dest="action", metavar="[ACTION]")
    ask = steps.add_parser("add-ask", help="Print a patch that adds a question as an ask.")
    _patch_options(ask)
    ask.add_argument("--snippet", metavar="ID", help="to this snippet of the brief")
    ask.set_defaults(run=run_add_ask)
    start = steps.add_parser("start-snippet", help="Print a patch that begins a snippet.")
    _patch_options(start)
    start.add_argument(
        "--id", metavar="ID", default="", help="its id (default: the question's words)"
    )
    start.set_defaults(run=run_start_snippet)
    decline = steps.add_parser(
        "decline", help="Print a patch that declines a question: the documents do not tell it."
    )
    _group_options(decline)
    decline.set_defaults(run=run_decline)


def _patch_options(parser: ArgumentParser) -> None:
    parser.add_argument("--brief", required=True, metavar="SLUG", help="the brief to change")
    _group_options(parser)


def _group_options(parser: ArgumentParser) -> None:
    parser.add_argument("group", metavar="N", help="the group, as `aibrief gaps` numbers it")
    add_library_options(parser)
    add_patch_options(parser)


def run_gaps(args: Namespace) -> int:
    """Print the groups, the biggest first.

    Raises:
        AibriefError: The database or the library cannot be used.
    """
    settings = load_settings()
    catalog = parts.load_catalog(settings.briefs_dir, settings.config_dir)
    found, stored = _review(args.days, catalog)
    if args.json:
        for number, group in enumerate(found.groups, 1):
            print(json.dumps({"number": number, **_plain(group)}, ensure_ascii=False))
        return 0
    if settings.gaps == "off":
        print("Collecting is off (GAPS=off): nothing new comes in.")
    if not stored:
        span = f" of the last {args.days} days" if args.days else ""
        print(
            f"No gaps{span}. Questions that the running bot does not cover, and those rated "
            "down, are collected here."
        )
        return 0
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_gaps(found)
    return 0


def run_add_ask(args: Namespace) -> int:
    """Make a patch that adds the group's question to the asks of a brief or a snippet."""
    from bot.gaps.gap_patches import ask_patch  # noqa: PLC0415 - only here

    group, briefs, catalog = _group(args)
    return _hand_out(ask_patch(group.question, args.brief, briefs, catalog, args.snippet), args)


def run_start_snippet(args: Namespace) -> int:
    """Make a patch that begins a snippet for the group's question."""
    from bot.gaps.gap_patches import snippet_patch  # noqa: PLC0415 - only here

    group, briefs, catalog = _group(args)
    return _hand_out(snippet_patch(group.question, args.brief, briefs, catalog, args.id), args)


def run_decline(args: Namespace) -> int:
    """Make a patch that puts the group's question among those that must not be covered."""
    from bot.gaps.gap_patches import decline_patch  # noqa: PLC0415 - only here

    group, briefs, _ = _group(args)
    return _hand_out(decline_patch(group.question, briefs), args)


def _hand_out(patch: Patch, args: Namespace) -> int:
    """Hand it out, then say what comes of it."""
    hand_out([patch], args)
    print(patch.note, file=sys.stderr)
    return 0


def _group(args: Namespace) -> tuple[GapCluster, Path, Catalog]:
    """The group that is named, the folder of the briefs and what is in it.

    Raises:
        SettingsError: There is none.
    """
    from bot.gaps.grouping import find_group  # noqa: PLC0415 - only here

    briefs, config = library_dirs(args.briefs, args.config)
    catalog = parts.load_catalog(briefs, config)
    group = find_group(_review(args.days, catalog)[0].groups, args.group)
    if group is None:
        raise SettingsError(f"There is no group {args.group}. See them with: aibrief gaps")
    print(f'Group {args.group}: "{group.question}"', file=sys.stderr)
    return group, briefs, catalog


def _review(days: int | None, catalog: Catalog) -> tuple[Review, bool]:
    """The gaps against today's library, and whether there are any."""
    from bot.gaps.grouping import review  # noqa: PLC0415 - only here

    if days is not None and not 1 <= days <= MOST_DAYS:
        raise SettingsError(f"--days takes a number of days, from 1 to {MOST_DAYS}.")
    gaps = asyncio.run(_read(days))
    return review(gaps, catalog), bool(gaps)


async def _read(days: int | None) -> Sequence[Gap]:
    from bot.storage.gap_rows import SqlGaps  # noqa: PLC0415 - SQLAlchemy

    today = parts.clock().date()
    settings = load_settings()
    async with parts.open_database(settings) as engine:
        return await SqlGaps(engine, settings.gaps_days).gaps(
            today - timedelta(days=days - 1) if days else None
        )


def _plain(group: GapCluster) -> dict[str, Any]:
    return {
        "id": group.id,
        "question": group.question,
        "examples": list(group.examples),
        "count": group.count,
        "last_day": group.last_day.isoformat(),
        "why": {why.value: count for why, count in group.why.items()},
        "nearest": list(group.nearest),
    }
