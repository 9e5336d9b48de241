"""Installing the bot in a workspace: the page, the check of the state, the stored tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.platforms.slack.manifest import INSTALL_PATH, REDIRECT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.platforms.slack.manifest import OAuthConfig, Scopes
    from bot.service.ports import SeenStore

WHOLE_ORGANIZATION = (
    "This app is installed in one workspace at a time, not for a whole organization. Nothing was "
    "stored. Please remove it from the organization, open the install page again and choose a "
    "workspace at the top right."
)
STATE_S = 600
"""How long a person may take between the install page and coming back."""


class SignedStates(AsyncOAuthStateStore):
    """States that carry their own proof: opening the install page writes nothing down.

    Whoever opens it a thousand times leaves no thousand rows; one that comes back is good once.
    """

    def __init__(self, secret: str, seen: SeenStore, clock: Callable[[], datetime]) -> None:
        self._key = hashlib.sha256(f"aibrief oauth state {secret}".encode()).digest()
        self._seen = seen
        self._clock = clock

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A state that is good for `STATE_S`."""
        del args, kwargs
        ends = int(self._clock().timestamp()) + STATE_S
        signed = f"{ends}.{secrets.token_hex(16)}"
        return f"{signed}.{self._proof(signed)}"

    async def async_consume(self, state: str) -> bool:
        """Whether it is one of ours, in time, and comes for the first time."""
        signed, _, proof = state.rpartition(".")
        if not (state.isascii() and hmac.compare_digest(proof, self._proof(signed))):
            return False
        now = self._clock()
        if int(signed.partition(".")[0]) < now.timestamp():
            return False
        keep = timedelta(seconds=STATE_S)
        return await self._seen.first_time(f"slack:state:{signed}", now=now, keep=keep)

    def _proof(self, signed: str) -> str:
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()


def build_oauth_flow(
    client: AsyncWebClient,
    installations: AsyncInstallationStore,
    states: SignedStates,
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
            state_store=states,
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
