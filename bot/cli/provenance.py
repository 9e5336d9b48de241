"""`outlook` and `balance`: what the library rests on, and what came of its forecasts."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.answering.balance import source_balance
from bot.answering.ledger import ledger, ledger_json
from bot.cli.checking import parse_day
from bot.errors import SettingsError
from bot.settings import library_dirs

if TYPE_CHECKING:
    from bot.cli.app import Commands
    from bot.library.model import Library


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    outlook = commands.add_parser(
        "outlook", help="Every forecast and open question, and what came of it."
    )
    outlook.add_argument("--json", action="store_true", help="print one JSON array")
    _add_options(outlook)
    outlook.set_defaults(run=run_outlook)
    balance = commands.add_parser("balance", help="The sources that a brief rests on.")
    balance.add_argument("brief", help="the slug of a brief")
    _add_options(balance)
    balance.set_defaults(run=run_balance)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--briefs", type=Path, metavar="DIR", help="another library")
    parser.add_argument("--config", type=Path, metavar="DIR", help="another configuration")
    parser.add_argument("--today", type=parse_day, metavar="DATE", help="as of another day")


def run_outlook(args: Namespace) -> int:
    """Print the ledger."""
    entries = ledger(_library(args), args.today or parts.clock().date())
    if args.json:
        print(json.dumps([ledger_json(entry) for entry in entries], ensure_ascii=False))
        return 0
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    terminal.print_ledger(entries)
    return 0


def run_balance(args: Namespace) -> int:
    """Print the sources of a brief with their share and age.

    Raises:
        SettingsError: There is no such brief.
    """
    library = _library(args)
    brief = library.briefs.get(args.brief)
    if brief is None:
        known = ", ".join(library.briefs)
        raise SettingsError(f"There is no brief {args.brief!r}. There are: {known}.")
    from bot.cli import terminal  # noqa: PLC0415 - rich is loaded only to print

    today = args.today or parts.clock().date()
    terminal.print_balance(brief, source_balance(brief, library, today))
    return 0


def _library(args: Namespace) -> Library:
    briefs, config = library_dirs(args.briefs, args.config)
    return parts.load_catalog(briefs, config).library
