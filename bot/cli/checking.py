"""`check`: is the library fit to answer from?"""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot import bootstrap
from bot.curating.check import check_library, read_documents
from bot.settings import DOCUMENTS, documents_dir, library_dirs

if TYPE_CHECKING:
    from bot.cli.app import Commands


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
    catalog, loaded = bootstrap.load_for_check(briefs, config)
    folder = args.documents
    if folder is BESIDE:
        folder = documents_dir(briefs) or briefs.resolve().parent / DOCUMENTS
    documents = read_documents(loaded.library, folder) if folder else None
    today = args.today or bootstrap.clock().date()
    findings = check_library(loaded, catalog, today, documents)
    for finding in findings:
        print(finding)
    errors = sum(f.level == "error" for f in findings)
    library = loaded.library
    print(
        f"{len(library.briefs)} briefs, {len(library.snippets)} snippets, "
        f"{len(library.sources)} sources: {errors} errors, {len(findings) - errors} warnings"
    )
    return 1 if errors else 0
