"""`discord`: what is needed to connect a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.bootstrap import discord as wiring
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    discord: ArgumentParser = commands.add_parser(
        "discord", help="Connect Discord: discord invite, discord sync."
    )
    actions = discord.add_subparsers(dest="action", required=True, metavar="ACTION")
    invite = actions.add_parser("invite", help="Print the links that install the bot.")
    invite.set_defaults(run=run_invite)
    sync = actions.add_parser(
        "sync", help="Register the commands now; serve does it by itself after a change."
    )
    sync.set_defaults(run=run_sync)


def run_invite(args: Namespace) -> int:
    """Print the links, with the least permissions."""
    del args
    links = asyncio.run(wiring.discord_links(load_settings()))
    print(f"For a server:\n  {links.server}\nFor yourself, wherever you are:\n  {links.user}")
    return 0


def run_sync(args: Namespace) -> int:
    """Register the commands and print their names."""
    del args
    names = asyncio.run(wiring.sync_discord(load_settings()))
    print(f"Registered: {', '.join(names)}")
    return 0
