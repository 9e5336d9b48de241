"""Discord's part of the wiring; discord.py is imported only where Discord is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.bootstrap import (
    build_assistant,
    build_engine,
    build_store,
    clock,
    load_catalog,
    upgrade_database,
)
from bot.bootstrap.world import World
from bot.errors import SettingsError
from bot.library.command_texts import load_command_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.bootstrap.world import Part
    from bot.platforms.discord.component import DiscordComponent
    from bot.platforms.discord.inspection import Links
    from bot.service.health import Check
    from bot.settings import Settings


def build_discord(world: World) -> Iterable[Part]:
    """Discord, where its token is set.

    Raises:
        SettingsError: `config/discord.yaml` is wrong.
    """
    if world.settings.discord_token is not None:
        component = build_component(world)
        world.posters["discord"] = component.poster
        yield component, ()


def build_component(world: World) -> DiscordComponent:
    """The component, not yet started.

    Raises:
        SettingsError: The token is not set, or `config/discord.yaml` is wrong.
    """
    from bot.platforms.discord.component import (  # noqa: PLC0415 - only where it is used
        DiscordComponent,
        Options,
    )

    settings = world.settings
    options = Options(token=_token(settings), api_url=settings.discord_api_url)
    texts = load_command_texts(settings.config_dir)
    return DiscordComponent(options, world.assistant, world.store, texts, clock, world.schedules)


async def check_discord(settings: Settings, channel: int | None = None) -> AsyncIterator[Check]:
    """Whether Discord is set up and takes the token; with a channel, what we may do there."""
    from bot.service.health import Check  # noqa: PLC0415 - only to check

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
    from bot.platforms.discord.inspection import inspect  # noqa: PLC0415 - only here

    for check in await inspect(_token(settings), channel, settings.discord_api_url):
        yield check


async def discord_links(settings: Settings) -> Links:
    """The links that install the bot.

    Raises:
        SettingsError: The token is not set or wrong, or Discord cannot be reached.
    """
    from bot.platforms.discord.inspection import (  # noqa: PLC0415 - only here
        install_links,
    )

    return await install_links(_token(settings), settings.discord_api_url)


async def sync_discord(settings: Settings) -> tuple[str, ...]:
    """Register the commands now; their names.

    Raises:
        AibriefError: A setting or the database is wrong, or Discord does not take them.
    """
    from bot.platforms.discord.inspection import (  # noqa: PLC0415 - only here
        register_commands,
    )

    token = _token(settings)
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        store = build_store(engine)
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
        world = World(settings, build_assistant(catalog, store), store, engine)
        return await register_commands(build_component(world), token)
    finally:
        await engine.dispose()


def _token(settings: Settings) -> str:
    if settings.discord_token is None:
        raise SettingsError(
            "Discord: set DISCORD_TOKEN to the bot's token; docs/discord.md says where it is."
        )
    return settings.discord_token.reveal()
