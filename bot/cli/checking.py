"""`check`: is the library fit to answer from?"""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.curating.check import check_library, read_documents
from bot.settings import DOCUMENTS, documents_dir, library_dirs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.cli.app import Commands


MAX_LISTED = 10
"""Entries of a list of `--coverage` that are printed."""
BESIDE = Path(DOCUMENTS)
"""--documents without a folder."""


def register(commands: Commands) -> None:
    """Add the command of this file."""
    check = commands.add_parser("check", help="Check every brief; exit code 1 on errors.")
    check.add_argument("--briefs", type=Path, metavar="DIR", help="another library")
    check.add_argument("--config", type=Path, metavar="DIR", help="another vocabulary")
    check.add_argument(
        "--documents",
        type=Path,
        metavar="DIR",
        nargs="?",
        const=BESIDE,
        help="check citations against the documents: in this folder, else those beside the briefs",
    )
    check.add_argument(
        "--today",
        type=parse_day,
        metavar="DATE",
        help="check as of another day: what will be overdue or expired then",
    )
    check.add_argument(
        "--coverage",
        action="store_true",
        help="also how well each brief is found, and what it keeps from a wrong answer",
    )
    check.set_defaults(run=run_check)


def parse_day(text: str) -> date:
    """`2026-11-24`.

    Raises:
        ArgumentTypeError: It is no date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-24") from None


def run_check(args: Namespace) -> int:
    """Print every finding; 1 where one of them is an error."""
    briefs, config = library_dirs(args.briefs, args.config)
    catalog, loaded = parts.load_for_check(briefs, config)
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
