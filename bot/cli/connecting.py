"""`slack` and `discord`: what is needed to connect a workspace, or a server."""

from __future__ import annotations

import asyncio
import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

import yaml

from bot.answering.complete import completions
from bot.cli.command_line import command, option
from bot.parts import clock, load_catalog, new_id, open_database
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.platforms.discord.inspection import Links
    from bot.settings import Settings


_HOST = re.compile(r"https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?/?")


def _public_url(text: str) -> str:
    if not text.startswith("https://"):
        raise ArgumentTypeError("Slack only calls addresses that start with https://")
    if not _HOST.fullmatch(text):
        raise ArgumentTypeError(
            "give the scheme and the host only, like https://bot.example.com, without a path "
            "or blanks; the manifest adds the paths"
        )
    return text.rstrip("/")


@command(
    "slack manifest",
    option(
        "--url",
        type=_public_url,
        metavar="https://HOST",
        help="for HTTP mode: where Slack reaches the bot; without it the manifest is for "
        "Socket Mode",
    ),
)
def _manifest(args: Namespace) -> None:
    """Print the app manifest to paste into Slack."""
    manifest = slack_manifest(load_settings(), args.url)
    print(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100), end="")


def slack_manifest(settings: Settings, url: str | None) -> dict[str, Any]:
    """The manifest of a Slack app for this library.

    Raises:
        ContentError: The library is wrong.
    """
    from bot.platforms.slack.manifest import build_manifest  # noqa: PLC0415 - only here

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    prompts = completions("", catalog, 4)
    return build_manifest(prompts, url, schedules=settings.schedules != "off")


@command("slack new-key")
def _new_key(_: Namespace) -> None:
    """Print a fresh SLACK_ENCRYPTION_KEY."""
    from bot.platforms.slack.installations import new_key  # noqa: PLC0415 - only here

    print(new_key())


@command("discord invite")
def _invite(_: Namespace) -> None:
    """Print the links that install the bot."""
    links = asyncio.run(discord_links(load_settings()))
    print(f"For a server:\n  {links.server}\nFor yourself, wherever you are:\n  {links.user}")


async def discord_links(settings: Settings) -> Links:
    """The links that install the bot.

    Raises:
        SettingsError: The token is not set or wrong, or Discord cannot be reached.
    """
    from bot.platforms.discord.discord_platform import token_of  # noqa: PLC0415 - discord.py
    from bot.platforms.discord.inspection import install_links  # noqa: PLC0415 - discord.py

    return await install_links(token_of(settings), settings.discord_api_url)


@command("discord sync")
def _sync(_: Namespace) -> None:
    """Register the commands now; serve does it by itself after a change."""
    print(f"Registered: {', '.join(asyncio.run(sync_discord(load_settings())))}")


async def sync_discord(settings: Settings) -> tuple[str, ...]:
    """Register the commands now; their names.

    Raises:
        AibriefError: A setting or the database is wrong, or Discord does not take them.
    """
    from bot.platforms.base import PlatformContext  # noqa: PLC0415 - only here
    from bot.platforms.discord import discord_platform  # noqa: PLC0415 - discord.py
    from bot.platforms.discord.inspection import register_commands  # noqa: PLC0415 - discord.py
    from bot.service.assistant import Assistant  # noqa: PLC0415 - only here
    from bot.storage.store import SqlStore  # noqa: PLC0415 - SQLAlchemy

    token = discord_platform.token_of(settings)
    async with open_database(settings) as engine:
        store = SqlStore(engine)
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
        assistant = Assistant(catalog, store, new_id)
        context = PlatformContext(settings, assistant, store, engine, clock)
        return await register_commands(discord_platform.build_component(context), token)
