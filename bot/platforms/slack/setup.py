"""Settings -> Slack's part of the running bot; Bolt is imported only where Slack is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.platforms.base import Part
from bot.platforms.slack.config import OAuthConfig, SlackConfig
from bot.service.health import Check

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.platforms.base import PlatformContext
    from bot.setting_values import Secret
    from bot.settings import Settings


def build(world: PlatformContext) -> Part | None:
    """Slack, where its tokens are set.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    config = slack_config(world.settings)
    if config is None:
        return None
    from bot.platforms.slack.component import SlackComponent  # noqa: PLC0415 - only to serve
    from bot.platforms.slack.wiring import Services  # noqa: PLC0415 - only to serve

    services = Services(world.assistant, world.store, world.engine, world.clock, world.schedules)
    component = SlackComponent(config, services)
    return Part(component, component.poster, component.routes, component)


async def check(settings: Settings, channel: str | None = None) -> AsyncIterator[Check]:
    """Whether Slack is set up and takes the tokens; with a channel, whether the bot is in it."""
    try:
        config = slack_config(settings)
    except SettingsError as error:
        yield Check("slack", ok=False, message=str(error), fix="See docs/slack.md.")
        return
    if config is None:
        told = "Not set up." if channel is None else f"Not set up; {channel} was not seen."
        yield Check("slack", ok=channel is None, message=told, fix="See docs/slack.md.")
        return
    from bot.platforms.slack.checks import slack_checks  # noqa: PLC0415 - Bolt only here

    async for found in slack_checks(config, channel):
        yield found


def date_url(settings: Settings) -> str | None:
    """The Web API, where Slack is set up."""
    if settings.slack_bot_token or settings.slack_client_id:
        return f"{settings.slack_api_url}api.test"
    return None


def slack_config(settings: Settings) -> SlackConfig | None:
    """Slack's part of the settings; None where Slack is not set up.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    given = settings
    if not (given.slack_bot_token or given.slack_client_id):
        if given.slack_app_token or given.slack_signing_secret:
            raise SettingsError(
                "Slack: set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID, "
                "SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY for many."
            )
        return None
    if given.slack_bot_token and given.slack_client_id:
        raise SettingsError(
            "Slack: set SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID (many), not both."
        )
    if not (given.slack_app_token or given.slack_signing_secret):
        raise SettingsError(
            "Slack: set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        )
    return SlackConfig(
        api_url=given.slack_api_url,
        bot_token=_revealed(given.slack_bot_token),
        app_token=_revealed(given.slack_app_token),
        signing_secret=_revealed(given.slack_signing_secret),
        oauth=_oauth(given),
        curators=given.slack_curators,
        schedules=given.schedules != "off",
        strangers_too=given.slack_connect == "everyone",
    )


def _oauth(settings: Settings) -> OAuthConfig | None:
    if settings.slack_client_id is None:
        return None
    secret, key = settings.slack_client_secret, settings.slack_encryption_key
    if secret is None or key is None:
        raise SettingsError(
            "Slack: SLACK_CLIENT_ID also needs SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY. "
            "Make a key with: aibrief slack new-key"
        )
    return OAuthConfig(settings.slack_client_id, secret.reveal(), key.reveal())


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None
