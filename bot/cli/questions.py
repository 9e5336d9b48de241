"""`asks` and `gaps`: questions that the library should answer or decline, and patches for them.

Example asks are proposed from outside, tried, and accepted by a person. Gaps are what was asked
and not answered well.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.cli.command_line import (
    add_library_options,
    add_patch_options,
    command,
    hand_out,
    load_named,
    option,
    read_text,
)
from bot.errors import AibriefError, SettingsError
from bot.settings import library_dirs, load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.curating.patching import Patch
    from bot.curating.proposed_asks import Effect, Tried
    from bot.gaps.grouping import Gap, GapCluster, Review
    from bot.library.model import Brief

MAX_COUNT = 200
MOST_DAYS = 36_500
_STATUSES = {
    "nearest": "only a closest statement",
    "not_covered": "nothing",
    "clarify": "a question back",
}


@command(
    "asks propose",
    option("brief", help="the slug of a brief"),
    option("--statement", metavar="ID", help="for one statement only"),
    option("--count", type=int, default=25, help="questions a statement (25)"),
    option("--not-covered", action="store_true", help="only questions that must be declined"),
    option(
        "--reader",
        action="store_true",
        help="send the request to the model of READER_URL and print its reply",
    ),
    add_library_options,
)
def _propose(args: Namespace) -> None:
    """Print a request to hand to whoever can help."""
    from bot.curating.proposed_asks import write_request  # noqa: PLC0415 - only here

    if not 1 <= args.count <= MAX_COUNT:
        raise SettingsError(f"--count takes a number from 1 to {MAX_COUNT}.")
    catalog = load_named(args)
    brief = _brief(args.brief, args.statement, catalog)
    text = write_request(
        brief,
        catalog,
        statement=args.statement,
        count=args.count,
        not_covered=args.not_covered,
    )
    if args.reader:
        text = parts.complete(text).rstrip("\n") + "\n"
    print(text, end="")


@command(
    "asks take",
    option("file", help="the reply; - reads standard input"),
    add_patch_options,
    add_library_options,
)
def _take(args: Namespace) -> None:
    """Try the reply; print a table and a patch."""
    from bot.curating.proposed_asks import (  # noqa: PLC0415 - only here
        read_reply,
        taken_asks,
        try_asks,
        unread,
    )

    briefs, config = library_dirs(args.briefs, args.config)
    catalog = parts.load_catalog(briefs, config)
    text = read_text(args.file)
    proposed = read_reply(text)
    if not proposed:
        raise AibriefError(
            'There is no question in the reply. Each must be an object {"id": ..., "ask": ...}.'
        )
    if broken := unread(text, proposed):
        print(
            f"{broken} questions cannot be read: their lines are no valid JSON.", file=sys.stderr
        )
    print(f"Trying {len(proposed)} questions ...", file=sys.stderr)
    tried = try_asks(proposed, catalog)
    asks, declined = taken_asks(tried)
    _print_tried(tried)
    if not asks and not declined:
        print("Nothing is taken.", file=sys.stderr)
        return
    _print_effect(asks, declined, catalog)
    hand_out(_changed(briefs, asks, declined, catalog), args)


def _brief(slug: str, statement: str | None, catalog: Catalog) -> Brief:
    brief = catalog.library.briefs.get(slug)
    if brief is None:
        known = ", ".join(catalog.library.briefs)
        raise SettingsError(f"There is no brief {slug}. There are: {known}.")
    if statement is not None and statement not in brief.own:
        known = ", ".join(sorted(brief.own))
        raise SettingsError(f"{slug} defines no statement {statement}. There are: {known}.")
    if not brief.own:
        raise SettingsError(
            f"{slug} only refers to statements of other briefs; name one of those."
        )
    return brief


def _changed(
    briefs: Path, asks: Mapping[str, Sequence[str]], declined: Sequence[str], catalog: Catalog
) -> list[Patch]:
    """What becomes of each file."""
    from bot.curating.patching import Patch, add_asks, read_brief  # noqa: PLC0415 - ruamel.yaml
    from bot.library.loader import MUST_NOT_COVER_FILE  # noqa: PLC0415 - only here

    files: dict[Path, Patch] = {}
    for name, added in asks.items():
        file = briefs / f"{catalog.homes[name]}.yaml"
        was = files.get(file) or Patch(file, text := read_brief(file), text)
        files[file] = replace(was, after=add_asks(file.name, was.after, added, name))
    if declined:
        file = briefs / MUST_NOT_COVER_FILE
        before = read_brief(file) if file.is_file() else ""
        after = add_asks(file.name, before or "asks: []\n", declined)
        files[file] = Patch(file, before, after)
    return list(files.values())


def _print_tried(tried: Sequence[Tried]) -> None:
    """The table, on standard error: the patch alone is what is printed."""
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only to print
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    table = Table("Statement", "Question", "Answered today with", "Taken")
    for each in sorted(tried, key=lambda one: bool(one.dropped)):
        name = each.proposed.statement or "must be declined"
        now = _STATUSES.get(each.now, each.now)
        table.add_row(name, Text(each.proposed.ask), now, each.dropped or "yes")
    Console(stderr=True, width=None if sys.stderr.isatty() else 140).print(table)
    taken = sum(not each.dropped for each in tried)
    print(f"{taken} of {len(tried)} are taken.", file=sys.stderr)


def _print_effect(
    asks: Mapping[str, Sequence[str]], declined: Sequence[str], catalog: Catalog
) -> None:
    from bot.curating.proposed_asks import measure, with_asks  # noqa: PLC0415 - only here

    library = catalog.library
    slugs = sorted({catalog.homes[name] for name in asks})
    before = measure(catalog, slugs, library, declined)
    after = measure(with_asks(catalog, asks), slugs, library, declined)
    both = measure(with_asks(catalog, asks, declined), slugs, library, ())
    print(_line("Today", before), file=sys.stderr)
    print(_line("With the questions to be answered", after), file=sys.stderr)
    if declined:
        told = f"{both.right} right, {both.wrong} wrong"
        print(f"With those to be declined as well: {told}.", file=sys.stderr)


def _line(when: str, effect: Effect) -> str:
    line = (
        f"{when}: of {effect.asks} asks of these briefs, each left out in turn, "
        f"{effect.right} are answered right and {effect.wrong} wrong"
    )
    if effect.declined:
        line += f"; of {effect.declined} to be declined {effect.answered} are answered"
    return f"{line}."


BRIEF = option("--brief", required=True, metavar="SLUG", help="the brief to change")
GROUP = (
    option("group", metavar="N", help="the group, as `aibrief gaps` numbers it"),
    add_library_options,
    add_patch_options,
)


@command(
    "gaps",
    option("--days", type=int, metavar="N", help="only of the last N days"),
    option("--json", action="store_true", help="one JSON object a group"),
)
def _gaps(args: Namespace) -> None:
    """Questions that were not covered or rated down, and patches for them."""
    settings = load_settings()
    catalog = parts.load_catalog(settings.briefs_dir, settings.config_dir)
    found, stored = _review(args.days, catalog)
    if args.json:
        for number, group in enumerate(found.groups, 1):
            print(json.dumps({"number": number, **_plain(group)}, ensure_ascii=False))
        return
    if settings.gaps == "off":
        print("Collecting is off (GAPS=off): nothing new comes in.")
    if not stored:
        span = f" of the last {args.days} days" if args.days else ""
        print(
            f"No gaps{span}. Questions that the running bot does not cover, and those rated "
            "down, are collected here."
        )
        return
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_gaps(found)


@command(
    "gaps add-ask",
    BRIEF,
    *GROUP,
    option("--snippet", metavar="ID", help="to this snippet of the brief"),
)
def _add_ask(args: Namespace) -> None:
    """Print a patch that adds a question as an ask."""
    from bot.gaps.gap_patches import ask_patch  # noqa: PLC0415 - only here

    group, briefs, catalog = _group(args)
    _hand_out(ask_patch(group.question, args.brief, briefs, catalog, args.snippet), args)


@command(
    "gaps start-snippet",
    BRIEF,
    *GROUP,
    option("--id", metavar="ID", default="", help="its id (default: the question's words)"),
)
def _start_snippet(args: Namespace) -> None:
    """Print a patch that begins a snippet."""
    from bot.gaps.gap_patches import snippet_patch  # noqa: PLC0415 - only here

    group, briefs, catalog = _group(args)
    _hand_out(snippet_patch(group.question, args.brief, briefs, catalog, args.id), args)


@command("gaps decline", *GROUP)
def _decline(args: Namespace) -> None:
    """Print a patch that declines a question: the documents do not tell it."""
    from bot.gaps.gap_patches import decline_patch  # noqa: PLC0415 - only here

    group, briefs, _ = _group(args)
    _hand_out(decline_patch(group.question, briefs), args)


def _hand_out(patch: Patch, args: Namespace) -> None:
    hand_out([patch], args)
    print(patch.note, file=sys.stderr)


def _group(args: Namespace) -> tuple[GapCluster, Path, Catalog]:
    """The group that is named, the folder of the briefs and what is in it."""
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
