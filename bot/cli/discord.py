"""`discord`: what is needed to connect a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.parts import clock, load_catalog, new_id, open_database
from bot.platforms.base import PlatformContext
from bot.platforms.discord.discord_platform import build_component, token_of
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bot.cli.command_line import Commands
    from bot.platforms.discord.inspection import Links
    from bot.settings import Settings


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
    links = asyncio.run(discord_links(load_settings()))
    print(f"For a server:\n  {links.server}\nFor yourself, wherever you are:\n  {links.user}")
    return 0


async def discord_links(settings: Settings) -> Links:
    """The links that install the bot.

    Raises:
        SettingsError: The token is not set or wrong, or Discord cannot be reached.
    """
    from bot.platforms.discord.inspection import install_links  # noqa: PLC0415 - only here

    return await install_links(token_of(settings), settings.discord_api_url)


def run_sync(args: Namespace) -> int:
    """Register the commands and print their names."""
    del args
    names = asyncio.run(sync_discord(load_settings()))
    print(f"Registered: {', '.join(names)}")
    return 0


async def sync_discord(settings: Settings) -> tuple[str, ...]:
    """Register the commands now; their names.

    Raises:
        AibriefError: A setting or the database is wrong, or Discord does not take them.
    """
    from bot.platforms.discord.inspection import register_commands  # noqa: PLC0415 - see above
    from bot.service.assistant import Assistant  # noqa: PLC0415
    from bot.storage.store import SqlStore  # noqa: PLC0415

    token = token_of(settings)
    async with open_database(settings) as engine:
        store = SqlStore(engine)
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
        assistant = Assistant(catalog, store, new_id)
        world = PlatformContext(settings, assistant, store, engine, clock)
        return await register_commands(build_component(world), token)
