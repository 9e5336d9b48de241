"""Settings and services -> everything that a connected Slack bot is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.app import build_app
from bot.platforms.slack.bot import SlackBot, SlackParts
from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.dispatch import Dispatcher
from bot.platforms.slack.installations import (
    EncryptedInstallationStore,
    InstalledWorkspaces,
    parse_keys,
)
from bot.platforms.slack.manifest import needed_scopes
from bot.platforms.slack.oauth import SignedStates, build_oauth_flow
from bot.platforms.slack.scheduling import SlackScheduling
from bot.platforms.slack.serving import Serving
from bot.platforms.slack.workspaces import OneWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.platforms.slack.inflight import InFlight
    from bot.platforms.slack.workspaces import Workspaces
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant
    from bot.service.ports import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What of the rest of the bot Slack uses."""

    assistant: Assistant
    store: Store
    engine: AsyncEngine
    clock: Callable[[], datetime]
    schedules: Schedules | None = None
    """None where schedules are off."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What exists while connected."""

    api: SlackApi
    dispatcher: Dispatcher
    workspaces: Workspaces
    flow: AsyncOAuthFlow | None


def connect(
    config: SlackConfig, services: Services, api: SlackApi, in_flight: InFlight
) -> Connected:
    """Build the bot over an open session.

    Raises:
        SettingsError: The encryption key is wrong.
    """
    workspaces, flow = _workspaces(config, services, api)
    assistant = services.assistant
    serving = Serving(
        services.store,
        api,
        workspaces,
        services.clock,
        lambda: assistant.metrics,
        strangers_too=config.strangers_too,
    )
    bot = SlackBot(
        SlackParts(
            assistant,
            services.store,
            api,
            workspaces,
            services.clock,
            _scheduling(services, api),
            serving,
            in_flight,
            config.curators,
        )
    )
    app = build_app(bot, serving, api, workspaces, in_flight, flow)
    return Connected(api, Dispatcher(app, in_flight), workspaces, flow)


def _scheduling(services: Services, api: SlackApi) -> SlackScheduling:
    assistant = services.assistant
    return SlackScheduling(services.schedules, api, lambda: assistant.catalog, services.clock)


def _workspaces(
    config: SlackConfig, services: Services, api: SlackApi
) -> tuple[Workspaces, AsyncOAuthFlow | None]:
    oauth = config.oauth
    if oauth is None:
        return OneWorkspace(api, config.bot_token or ""), None
    installations = EncryptedInstallationStore(
        services.engine, oauth.client_id, parse_keys(oauth.encryption_keys)
    )
    rotator = AsyncTokenRotator(
        client_id=oauth.client_id, client_secret=oauth.client_secret, client=api.client()
    )
    states = SignedStates(oauth.client_secret, services.store, services.clock)
    flow = build_oauth_flow(
        api.client(), installations, states, oauth, needed_scopes(schedules=config.schedules)
    )
    return InstalledWorkspaces(installations, rotator, services.clock), flow
