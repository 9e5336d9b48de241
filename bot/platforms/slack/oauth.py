"""Installing the bot in a workspace: the page, the check of the state, the stored tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore

from bot.platforms.slack.manifest import INSTALL_PATH, REDIRECT_PATH, SCOPES

if TYPE_CHECKING:
    from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncEngine

STATE_S = 600
"""How long a person may take between the install page and coming back."""


def build_oauth_flow(
    client: AsyncWebClient,
    installations: AsyncInstallationStore,
    engine: AsyncEngine,
    client_id: str,
    client_secret: str,
) -> AsyncOAuthFlow:
    """Bolt's flow over our stores; `client` is the one that exchanges the code."""
    return AsyncOAuthFlow(
        client=client,
        settings=AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=list(SCOPES),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=AsyncSQLAlchemyOAuthStateStore(STATE_S, engine),
            state_expiration_seconds=STATE_S,
        ),
    )
