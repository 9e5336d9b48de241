"""Settings -> Discord's part of the running bot; discord.py is imported only where needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.platforms.base import Part
from bot.platforms.discord.command_texts import load_command_texts
from bot.service.health import Check

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.platforms.base import PlatformContext
    from bot.platforms.discord.component import DiscordComponent
    from bot.settings import Settings


def build(world: PlatformContext) -> Part | None:
    """Discord, where its token is set.

    Raises:
        SettingsError: `discord.yaml` is wrong.
    """
    if world.settings.discord_token is None:
        return None
    component = build_component(world)
    return Part(component, component.poster)


def build_component(world: PlatformContext) -> DiscordComponent:
    """The component, not yet started.

    Raises:
        SettingsError: The token is not set, or `discord.yaml` is wrong.
    """
    from bot.platforms.discord.component import (  # noqa: PLC0415 - only where it is used
        DiscordComponent,
        DiscordOptions,
    )

    settings = world.settings
    options = DiscordOptions(
        token=token_of(settings),
        api_url=settings.discord_api_url,
        welcome=settings.discord_welcome == "on",
    )
    texts = load_command_texts(settings.config_dir)
    return DiscordComponent(
        options, world.assistant, world.store, texts, world.clock, world.schedules
    )


async def check(settings: Settings, channel: str | None = None) -> AsyncIterator[Check]:
    """Whether Discord is set up and takes the token; with a channel, what we may do there."""
    if settings.discord_token is None:
        yield Check(
            "discord",
            ok=channel is None,
            message="Not set up." if channel is None else f"Not set up; {channel} was not seen.",
            fix="" if channel is None else "Set DISCORD_TOKEN, or leave the channel out.",
        )
        return
    try:
        load_command_texts(settings.config_dir)
    except SettingsError as error:
        yield Check("discord commands", ok=False, message=str(error), fix="Correct the file.")
    if channel is not None and not channel.isdecimal():
        yield Check(
            f"discord channel {channel}",
            ok=False,
            message="This is no id of a channel.",
            fix="Turn on the developer mode, right-click the channel, Copy Channel ID.",
        )
        channel = None
    from bot.platforms.discord.inspection import inspect  # noqa: PLC0415 - only here

    place = int(channel) if channel else None
    for found in await inspect(token_of(settings), place, settings.discord_api_url):
        yield found


def date_url(settings: Settings) -> str | None:
    """The REST API, where Discord is set up."""
    return f"{settings.discord_api_url}gateway" if settings.discord_token else None


def token_of(settings: Settings) -> str:
    """The bot's token.

    Raises:
        SettingsError: It is not set.
    """
    if settings.discord_token is None:
        raise SettingsError(
            "Discord: set DISCORD_TOKEN to the bot's token; docs/discord.md says where it is."
        )
    return settings.discord_token.reveal()
