"""`check`, `news`, `outlook` and `balance`: what a library is fit for, rests on, and changed."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentTypeError, Namespace
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import parts
from bot.answering.answer import statement
from bot.answering.catalog import Catalog
from bot.answering.changes import (
    NEWS_DAYS,
    known_differences,
    known_statements,
    since_day,
    unread_briefs,
)
from bot.answering.overview import ledger, ledger_json, source_balance
from bot.cli.command_line import add_library_options, command, load_named, option
from bot.curating.check import check_library, read_documents
from bot.errors import SettingsError
from bot.library.loader import load_library, load_vocabulary
from bot.platforms.plain import statement_line
from bot.settings import DOCUMENTS, documents_dir, library_dirs, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.changes import Differences, Snapshot
    from bot.settings import Settings


MAX_LISTED = 10
"""Entries of a list of `--coverage` that are printed."""
BESIDE = Path(DOCUMENTS)
"""--documents without a folder."""


def parse_day(text: str) -> date:
    """`2026-11-24`.

    Raises:
        ArgumentTypeError: It is no date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-24") from None


AS_OF = (
    add_library_options,
    option("--today", type=parse_day, metavar="DATE", help="as of another day"),
)


@command(
    "check",
    add_library_options,
    option(
        "--documents",
        type=Path,
        metavar="DIR",
        nargs="?",
        const=BESIDE,
        help="check citations against the documents: in this folder, else those beside the briefs",
    ),
    option(
        "--today",
        type=parse_day,
        metavar="DATE",
        help="check as of another day: what will be overdue or expired then",
    ),
    option(
        "--coverage",
        action="store_true",
        help="also how well each brief is found, and what it keeps from a wrong answer",
    ),
)
def _check(args: Namespace) -> int:
    """Check every brief; exit code 1 on errors."""
    briefs, config = library_dirs(args.briefs, args.config)
    loaded = load_library(briefs)
    catalog = Catalog(loaded.library, load_vocabulary(config))
    folder = args.documents
    if folder is BESIDE:
        folder = documents_dir(briefs) or briefs.resolve().parent / DOCUMENTS
    documents = read_documents(loaded.library, folder) if folder else None
    today = args.today or parts.clock().date()
    findings = check_library(loaded, catalog, today, documents)
    for finding in findings:
        if args.coverage or finding.level != "hint":
            print(finding)
    if args.coverage:
        _print_coverage(catalog, documents or {})
    counts = Counter(finding.level for finding in findings)
    if counts["hint"] and not args.coverage:
        print(
            f"Asks that stand alone or are closer to something else: {counts['hint']}. "
            "See them with: aibrief check --coverage"
        )
    library = loaded.library
    print(
        f"{len(library.briefs)} briefs, {len(library.snippets)} snippets, "
        f"{len(library.sources)} sources: {counts['error']} errors, {counts['warning']} warnings"
    )
    return 1 if counts["error"] else 0


def _print_coverage(catalog: Catalog, documents: Mapping[str, bytes | None]) -> None:
    """One line a brief, then each thing that somebody may want to mend."""
    from bot.curating.coverage import (  # noqa: PLC0415 - only here
        measure_brief,
        unknown_names,
        unused_forms,
    )

    library = catalog.library
    found = [measure_brief(brief, catalog) for brief in library.briefs.values()]
    for each in found:
        print(
            f"{each.slug}: {each.statements} statements with {each.asks} asks "
            f"({each.asks_each} each), "
            f"{len(each.silent)} found only by id; {each.alone} asks are lost without themselves; "
            f"without the brief {len(each.taken_over)} would be answered with something else; "
            f"{len(each.wrong)} of {each.exchanged} near misses are answered"
        )
    for each in found:
        _list(f"{each.slug}: only their id opens", each.silent)
        _list(f"{each.slug}: if it were not there, answered with something else", each.taken_over)
        _list(f"{each.slug}: answered although a name or a figure is another", each.wrong)
    _list("Forms of the vocabulary that stand nowhere", unused_forms(library, catalog.vocabulary))
    texts = [raw.decode("utf-8", "replace") for raw in documents.values() if raw]
    lines = [line for text in texts for line in text.splitlines()]
    _list("Names in the documents that the vocabulary lacks", unknown_names(catalog, lines))


def _list(title: str, entries: Sequence[str]) -> None:
    if entries:
        print(f"{title}:")
        for entry in entries[:MAX_LISTED]:
            print(f"  {entry}")
        if len(entries) > MAX_LISTED:
            print(f"  and {len(entries) - MAX_LISTED} more")


@command(
    "news",
    option("--since", type=parse_day, metavar="DAY", help=f"default: {NEWS_DAYS} days ago"),
    option("--json", action="store_true", help="print one JSON object"),
)
def _news(args: Namespace) -> None:
    """Statements added, changed and withdrawn, as the running bot remembers."""
    settings = load_settings()
    today = parts.clock().date()
    day = args.since or since_day(today)
    if day > today:
        raise SettingsError(f"--since {day} is to come. Give a day up to {today}.")
    catalog = parts.load_catalog(settings.briefs_dir, settings.config_dir)
    snapshot = asyncio.run(_known_before(day, settings))
    if snapshot is None:
        told: dict[str, Any] = {"since": None, "added": [], "changed": [], "withdrawn": []}
        if args.json:
            print(json.dumps(told))
        else:
            print("Nothing is remembered yet. `aibrief serve` writes down what there is.")
        return
    known = known_statements(catalog)
    found = known_differences(snapshot.known, known, unread_briefs(catalog))
    if args.json:
        print(json.dumps(_plain_news(found, snapshot, catalog), ensure_ascii=False))
        return
    if snapshot.since > day:
        print(f"Changes are known from {snapshot.since} on.")
    _print(found, snapshot, catalog, today)


async def _known_before(day: date, settings: Settings) -> Snapshot | None:
    from bot.storage.statement_rows import SqlStatements  # noqa: PLC0415 - SQLAlchemy

    async with parts.open_database(settings) as engine:
        return await SqlStatements(engine).snapshot(day, parts.clock())


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


def _plain_news(found: Differences, snapshot: Snapshot, catalog: Catalog) -> dict[str, Any]:
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


@command(
    "outlook",
    option("--json", action="store_true", help="print one JSON array"),
    *AS_OF,
)
def _outlook(args: Namespace) -> None:
    """Every forecast and open question, and what came of it."""
    entries = ledger(load_named(args).library, args.today or parts.clock().date())
    if args.json:
        print(json.dumps([ledger_json(entry) for entry in entries], ensure_ascii=False))
        return
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_ledger(entries)


@command(
    "balance",
    option("brief", help="the slug of a brief"),
    *AS_OF,
)
def _balance(args: Namespace) -> None:
    """The sources that a brief rests on."""
    library = load_named(args).library
    brief = library.briefs.get(args.brief)
    if brief is None:
        known = ", ".join(library.briefs)
        raise SettingsError(f"There is no brief {args.brief!r}. There are: {known}.")
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    today = args.today or parts.clock().date()
    terminal.print_balance(brief, source_balance(brief, library, today))
