"""Installing the bot in a workspace: the page, the check of the state, the stored tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore

from bot.platforms.slack.manifest import INSTALL_PATH, REDIRECT_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.platforms.slack.config import OAuthConfig
    from bot.platforms.slack.manifest import Scopes

WHOLE_ORGANIZATION = (
    "This app is installed in one workspace at a time, not for a whole organization. Nothing was "
    "stored. Please remove it from the organization, open the install page again and choose a "
    "workspace at the top right."
)
STATE_S = 600
"""How long a person may take between the install page and coming back."""


def build_oauth_flow(
    client: AsyncWebClient,
    installations: AsyncInstallationStore,
    engine: AsyncEngine,
    oauth: OAuthConfig,
    scopes: Scopes,
) -> AsyncOAuthFlow:
    """Bolt's flow over our stores; `client` is the one that exchanges the code."""
    return _Flow(
        client=client,
        settings=AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=[*scopes.required, *scopes.optional],
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=AsyncSQLAlchemyOAuthStateStore(STATE_S, engine),
            state_expiration_seconds=STATE_S,
        ),
    )


class _Flow(AsyncOAuthFlow):
    """Takes workspaces, and tells whoever installs for a whole organization what to do instead.

    A token of an organization speaks for workspaces that nobody has asked about curated briefs,
    and their schedules and answers would be kept under none of them.
    """

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        """See `AsyncOAuthFlow`."""
        try:
            return await super().handle_callback(request)
        except _WholeOrganization:
            headers: dict[str, str | Sequence[str]] = {
                "content-type": ["text/plain; charset=utf-8"]
            }
            return BoltResponse(status=400, body=WHOLE_ORGANIZATION, headers=headers)

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """See `AsyncOAuthFlow`."""
        if installation.is_enterprise_install:
            raise _WholeOrganization
        await super().store_installation(request, installation)


class _WholeOrganization(Exception):
    """It was installed for an organization."""
