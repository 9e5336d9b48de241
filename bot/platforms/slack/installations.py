"""Workspaces and the tokens that speak for them: one by setting, or many by OAuth, encrypted."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import aiohttp
import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError, SlackTokenRotationError
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from sqlalchemy import Text, TypeDecorator, delete, exists, select

from bot.errors import RateLimited, Refused, SettingsError, StorageError
from bot.platforms.slack.api import api_error
from bot.platforms.slack.manifest import INSTALL_PATH, REDIRECT_PATH, needed_scopes
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_sdk.oauth.installation_store.models.bot import Bot
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.platforms.base import PlatformContext
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.manifest import SlackConfig
    from bot.service.ports import SeenStore

log = structlog.get_logger(__name__)

ROTATE_BEFORE_MINUTES = 120
"""A rotating token lives 12 hours: https://docs.slack.dev/authentication/using-token-rotation"""
CACHE_S = 60.0
STATE_S = 600
"""How long a person may take between the install page and coming back."""
WHOLE_ORGANIZATION = (
    "This app is installed in one workspace at a time, not for a whole organization. Nothing was "
    "stored. Please remove it from the organization, open the install page again and choose a "
    "workspace at the top right."
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the bot is in one workspace."""

    team: str | None
    enterprise: str | None
    token: str = field(repr=False)
    bot_id: str | None
    bot_user: str | None


class OneWorkspace:
    """Knows the workspace of SLACK_BOT_TOKEN."""

    def __init__(self, api: SlackApi, token: str) -> None:
        self._api = api
        self._token = token
        self._found: Workspace | None = None

    async def find(self, team: str | None, enterprise: str | None = None) -> Workspace | None:
        """That workspace; the first call asks Slack who the bot is there.

        Raises:
            DeliveryError: Slack refuses the token or cannot be reached.
        """
        del team, enterprise
        if self._found is None:
            who = await self._api.call("auth.test", self._token, {})
            self._found = Workspace(
                team=who.get("team_id"),
                enterprise=who.get("enterprise_id"),
                token=self._token,
                bot_id=who.get("bot_id"),
                bot_user=who.get("user_id"),
            )
        return self._found

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        """Forget what is known of it; the token is a setting."""
        self.invalidate(team, enterprise)

    def invalidate(self, team: str | None, enterprise: str | None = None) -> None:
        """Ask anew next time: the token was refused."""
        del team, enterprise
        self._found = None

    async def prune(self) -> None:
        """Nothing is stored."""


def parse_keys(text: str) -> MultiFernet:
    """Keys of Fernet with commas between: the first encrypts, all of them decrypt.

    Raises:
        SettingsError: One of them is no key.
    """
    try:
        return MultiFernet([Fernet(key.strip()) for key in text.split(",")])
    except ValueError:
        raise SettingsError(
            "SLACK_ENCRYPTION_KEY is no key. Make one with: aibrief slack new-key"
        ) from None


def new_key() -> str:
    """A fresh key for SLACK_ENCRYPTION_KEY."""
    return Fernet.generate_key().decode()


class _Sealed(TypeDecorator[str]):
    """Text that is encrypted in the database."""

    impl = Text
    cache_ok = True

    def __init__(self, keys: MultiFernet) -> None:
        super().__init__()
        self.keys = keys
        """Part of what statements are cached by, as the argument's name is."""

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        del dialect
        return self.keys.encrypt(value.encode()).decode() if value else value

    def process_result_value(self, value: str | None, dialect: object) -> str | None:
        del dialect
        try:
            return self.keys.decrypt(value.encode()).decode() if value else value
        except InvalidToken:
            raise StorageError(
                "SLACK_ENCRYPTION_KEY does not fit the stored tokens. Set the key that they were "
                "stored with (old keys go after the new one, with a comma between)."
            ) from None


_SECRETS = frozenset(
    {"bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url"}
)


class EncryptedInstallationStore(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store on SQLAlchemy, with every token and secret URL encrypted."""

    def __init__(self, engine: AsyncEngine, client_id: str, keys: MultiFernet) -> None:
        super().__init__(client_id=client_id, engine=engine)
        for column in (*self.bots.c, *self.installations.c):
            if column.name in _SECRETS:
                column.type = _Sealed(keys)

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The newest bot of a workspace; of one in an organization also without naming that."""
        if enterprise_id is None:
            enterprise_id = await self.organization_of(team_id)
        return await super().async_find_bot(
            enterprise_id=enterprise_id,
            team_id=team_id,
            is_enterprise_install=is_enterprise_install,
        )

    async def organization_of(self, team: str | None) -> str | None:
        """The organization of a workspace; None where it has none or is not installed."""
        bots = self.bots.c
        query = (
            select(bots.enterprise_id)
            .where(bots.client_id == self.client_id, bots.team_id == team)
            .order_by(bots.installed_at.desc())
            .limit(1)
        )
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def prune(self) -> None:
        """Remove installations that newer ones replace: slack_sdk adds a row for each."""
        place = ("client_id", "enterprise_id", "team_id")
        async with self.engine.begin() as connection:
            for kept, keys in ((self.bots, place), (self.installations, (*place, "user_id"))):
                newer = kept.alias()
                same = (newer.c[key].is_not_distinct_from(kept.c[key]) for key in keys)
                later = newer.c.installed_at > kept.c.installed_at
                await connection.execute(
                    delete(kept).where(exists(select(newer.c.id).where(later, *same)))
                )


class InstalledWorkspaces:
    """Finds workspaces in the installation store; rotates tokens that are about to expire."""

    def __init__(
        self,
        store: EncryptedInstallationStore,
        rotator: AsyncTokenRotator,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._rotator = rotator
        self._clock = clock
        self._cache: dict[str | None, tuple[Workspace, float]] = {}
        self._one = Lanes()

    async def find(self, team: str | None, enterprise: str | None = None) -> Workspace | None:
        """The workspace with a token that is valid now; None where it is not installed.

        Raises:
            StorageError: The key does not fit the stored tokens.
            DeliveryError: Its token has expired, and Slack gives no other.
        """
        key = team or enterprise
        found, until = self._cache.get(key, (None, 0.0))
        now = self._clock().timestamp()
        if found is not None and now < until:
            return found
        async with self._one.turn(key):
            bot = await self._store.async_find_bot(enterprise_id=enterprise, team_id=team)
            if bot is None:
                self._cache.pop(key, None)
                return None
            bot = await self._fresh(bot)
            workspace = Workspace(
                team, bot.enterprise_id, bot.bot_token, bot.bot_id, bot.bot_user_id
            )
            self._cache = {k: kept for k, kept in self._cache.items() if kept[1] > now}
            self._cache[key] = (workspace, now + CACHE_S)
            return workspace

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        """Forget a workspace that removed the bot; its event may not name the organization."""
        enterprise = enterprise or await self._store.organization_of(team)
        await self._store.async_delete_all(enterprise_id=enterprise, team_id=team)
        self.invalidate(team, enterprise)

    def invalidate(self, team: str | None, enterprise: str | None = None) -> None:
        """Look it up anew next time: its token was refused."""
        self._cache.pop(team or enterprise, None)

    async def prune(self) -> None:
        """Remove what newer installations replace."""
        await self._store.prune()

    async def _fresh(self, bot: Bot) -> Bot:
        """The bot with a token that lives a while yet, or still lives where none is to be had.

        Raises:
            Refused: It has expired, and Slack refuses another.
            RateLimited: It has, and Slack cannot be asked now.
        """
        try:
            rotated = await self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=ROTATE_BEFORE_MINUTES
            )
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            # Another instance may have used the refresh token a moment ago.
            stored = await self._store.async_find_bot(
                enterprise_id=bot.enterprise_id, team_id=bot.team_id
            )
            if stored is not None and stored.bot_token != bot.bot_token:
                return stored
            log.warning("slack.rotation_failed", team=bot.team_id, error=type(error).__name__)
            if (bot.bot_token_expires_at or 0) > self._clock().timestamp():
                return bot
            if isinstance(error, SlackTokenRotationError):
                refused = api_error(error.api_error)
                if isinstance(refused, Refused):
                    raise refused from error
            raise RateLimited("token_not_renewed", 5.0) from error
        if rotated is not None:
            await self._store.async_save_bot(rotated)
        return rotated or bot


Workspaces: TypeAlias = OneWorkspace | InstalledWorkspaces
"""For incoming requests, and for work that no request started."""


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


def build_workspaces(
    config: SlackConfig, world: PlatformContext, api: SlackApi
) -> tuple[Workspaces, AsyncOAuthFlow | None]:
    """Who finds workspaces, and Bolt's flow that installs the bot where OAuth is set up.

    Raises:
        SettingsError: A key is none.
    """
    oauth = config.oauth
    if oauth is None:
        return OneWorkspace(api, config.bot_token or ""), None
    scopes = needed_scopes(schedules=config.schedules)
    secret, keys = oauth.client_secret, parse_keys(oauth.encryption_keys)
    installations = EncryptedInstallationStore(world.engine, oauth.client_id, keys)
    rotator = AsyncTokenRotator(
        client_id=oauth.client_id, client_secret=secret, client=api.client()
    )
    flow = _Flow(
        client=api.client(),
        settings=AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=secret,
            scopes=[*scopes.required, *scopes.optional],
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=SignedStates(secret, world.store, world.clock),
            state_expiration_seconds=STATE_S,
        ),
    )
    return InstalledWorkspaces(installations, rotator, world.clock), flow


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
            return BoltResponse(
                status=400,
                body=WHOLE_ORGANIZATION,
                headers={"content-type": "text/plain; charset=utf-8"},
            )

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """See `AsyncOAuthFlow`."""
        if installation.is_enterprise_install:
            raise _WholeOrganization
        await super().store_installation(request, installation)


class _WholeOrganization(Exception):
    """It was installed for an organization."""
