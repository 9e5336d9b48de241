"""What the commands `aibrief discord ...` need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.bootstrap import (
    build_assistant,
    build_engine,
    build_store,
    load_catalog,
    upgrade_database,
)
from bot.bootstrap.world import AppContext
from bot.platforms.discord.setup import build_component, token_of

if TYPE_CHECKING:
    from bot.platforms.discord.inspection import Links
    from bot.settings import Settings


async def discord_links(settings: Settings) -> Links:
    """The links that install the bot.

    Raises:
        SettingsError: The token is not set or wrong, or Discord cannot be reached.
    """
    from bot.platforms.discord.inspection import (  # noqa: PLC0415 - only here
        install_links,
    )

    return await install_links(token_of(settings), settings.discord_api_url)


async def sync_discord(settings: Settings) -> tuple[str, ...]:
    """Register the commands now; their names.

    Raises:
        AibriefError: A setting or the database is wrong, or Discord does not take them.
    """
    from bot.platforms.discord.inspection import (  # noqa: PLC0415 - only here
        register_commands,
    )

    token = token_of(settings)
    await upgrade_database(settings)
    engine = build_engine(settings)
    try:
        store = build_store(engine)
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
        world = AppContext(settings, build_assistant(catalog, store), store, engine)
        return await register_commands(build_component(world), token)
    finally:
        await engine.dispose()
