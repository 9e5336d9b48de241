"""Installing the bot in a workspace: the page, the check of the state, the stored tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.platforms.slack.manifest import INSTALL_PATH, REDIRECT_PATH, SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.service.ports import SeenStore

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
            state_store=states,
            state_expiration_seconds=STATE_S,
        ),
    )
