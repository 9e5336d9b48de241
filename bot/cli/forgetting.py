"""`forget`: remove what is stored about a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot import parts
from bot.service.forgetting import parse_person, person_forms
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the command of this file."""
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    forget = commands.add_parser("forget", help="Remove what is stored about a person.")
    forget.add_argument("--user", required=True, metavar="ID", help=person_forms(PLATFORMS))
    forget.set_defaults(run=run_forget)


def run_forget(args: Namespace) -> int:
    """Forget and say how much there was; doing it again finds nothing.

    Raises:
        AibriefError: The id is none, or the database cannot be used.
    """
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    person = parse_person(args.user, PLATFORMS)
    found = asyncio.run(parts.forget_person(load_settings(), person))
    told = ", ".join(f"{count} {what}" for what, count in found.items())
    print(f"Forgotten: {told}.")
    print(
        "Votes and watches (wishes to be told) are deleted; schedules, changes and installations "
        "stay without the person's name."
    )
    return 0
