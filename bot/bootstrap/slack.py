"""Slack's part of the wiring; Bolt is imported only where Slack is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.bootstrap import build_assistant, clock, load_catalog
from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.bootstrap.world import Part, World
    from bot.platforms.slack.wiring import OAuthConfig, SlackConfig
    from bot.settings import Secret, Settings


def build_slack(world: World) -> Iterable[Part]:
    """Slack, where its tokens are set.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    config = slack_config(world.settings)
    if config is None:
        return
    from bot.platforms.slack.component import SlackComponent  # noqa: PLC0415 - only to serve
    from bot.platforms.slack.wiring import Services  # noqa: PLC0415 - only to serve

    services = Services(world.assistant, world.store, world.engine, clock, world.schedules)
    component = SlackComponent(config, services)
    world.posters["slack"] = component.poster
    yield component, component.routes


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
    from bot.platforms.slack.wiring import (  # noqa: PLC0415 - Bolt only where it is used
        SlackConfig,
    )

    return SlackConfig(
        api_url=given.slack_api_url,
        bot_token=_revealed(given.slack_bot_token),
        app_token=_revealed(given.slack_app_token),
        signing_secret=_revealed(given.slack_signing_secret),
        oauth=_slack_oauth(given),
        curators=given.slack_curators,
    )


def _slack_oauth(settings: Settings) -> OAuthConfig | None:
    if settings.slack_client_id is None:
        return None
    from bot.platforms.slack.wiring import (  # noqa: PLC0415 - Bolt only where it is used
        OAuthConfig,
    )

    secret, key = settings.slack_client_secret, settings.slack_encryption_key
    if secret is None or key is None:
        raise SettingsError(
            "Slack: SLACK_CLIENT_ID also needs SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY. "
            "Make a key with: aibrief slack new-key"
        )
    return OAuthConfig(settings.slack_client_id, secret.reveal(), key.reveal())


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


def slack_manifest(settings: Settings, url: str | None) -> dict[str, Any]:
    """The manifest of a Slack app for this library.

    Raises:
        ContentError: The library is wrong.
    """
    from bot.platforms.slack.manifest import build_manifest  # noqa: PLC0415 - only here

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    return build_manifest(build_assistant(catalog).complete("", 4), url)


def new_slack_key() -> str:
    """A fresh SLACK_ENCRYPTION_KEY."""
    from bot.platforms.slack.installations import new_key  # noqa: PLC0415 - only here

    return new_key()
