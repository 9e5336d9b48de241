"""`db`: the tables of the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot import parts
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the command of this file."""
    database = commands.add_parser("db", help="The database: db upgrade.")
    actions = database.add_subparsers(dest="action", required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="Create or change the tables as needed.")
    upgrade.set_defaults(run=run_upgrade)


def run_upgrade(args: Namespace) -> int:
    """Apply the missing migrations; doing it again changes nothing."""
    del args
    revision = asyncio.run(parts.upgrade_database(load_settings()))
    print(f"The database is at revision {revision}.")
    return 0
