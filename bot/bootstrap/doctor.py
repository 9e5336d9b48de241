"""What `aibrief doctor` looks at; another platform adds its checks to `DIAGNOSES`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

from bot.bootstrap import load_catalog, upgrade_database
from bot.bootstrap.discord import check_discord
from bot.bootstrap.slack import slack_config
from bot.errors import AibriefError, SettingsError
from bot.service.health import Check, run_checks
from bot.settings import Settings, load_settings


async def diagnose(discord_channel: int | None = None) -> list[Check]:
    """Look at everything that is set up, for `aibrief doctor`; a channel as well if given."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Check("settings", ok=False, message=str(error), fix="Correct them and try again.")]
    groups = [(name, partial(check, settings)) for name, check in DIAGNOSES]
    groups.append(("discord", partial(check_discord, settings, discord_channel)))
    return [Check("settings", ok=True, message="All known, all valid."), *await run_checks(groups)]


async def check_content(settings: Settings) -> AsyncIterator[Check]:
    """Whether the briefs can be loaded."""
    try:
        library = load_catalog(settings.briefs_dir, settings.config_dir).library
    except AibriefError as error:
        yield Check("library", ok=False, message=str(error), fix="See: aibrief check")
        return
    told = f"{len(library.briefs)} briefs, {len(library.snippets)} snippets."
    yield Check("library", ok=True, message=told)


async def check_database(settings: Settings) -> AsyncIterator[Check]:
    """Whether the database can be used, and whether it survives."""
    from bot.storage.migrate import newest_revision  # noqa: PLC0415 - SQLAlchemy only here

    try:
        revision = await upgrade_database(settings)
    except AibriefError as error:
        yield Check("database", ok=False, message=str(error), fix="Correct DATABASE_URL.")
        return
    kind = "DATABASE_URL" if settings.database_url else "a SQLite file in this folder"
    newer = "" if revision == newest_revision() else " (made by a newer version)"
    yield Check("database", ok=True, message=f"{kind}, revision {revision}{newer}.")


async def check_slack(settings: Settings) -> AsyncIterator[Check]:
    """Whether Slack is set up and takes the tokens."""
    try:
        config = slack_config(settings)
    except SettingsError as error:
        yield Check("slack", ok=False, message=str(error), fix="See docs/slack.md.")
        return
    if config is None:
        yield Check("slack", ok=True, message="Not set up.")
        return
    from bot.platforms.slack_app.checks import slack_checks  # noqa: PLC0415 - Bolt only here

    async for check in slack_checks(config):
        yield check


DIAGNOSES: tuple[tuple[str, Callable[[Settings], AsyncIterator[Check]]], ...] = (
    ("library", check_content),
    ("database", check_database),
    ("slack", check_slack),
)
"""What the doctor looks at, in order; another platform adds its own."""
