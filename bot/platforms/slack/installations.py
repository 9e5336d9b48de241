"""Workspaces and the tokens that speak for them: one by setting, or many by OAuth, encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.errors import SlackClientError, SlackTokenRotationError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from sqlalchemy import delete, exists, select

from bot.errors import RateLimited, Refused, SettingsError, StorageError
from bot.platforms.slack.api import api_error
from bot.platforms.wire import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.errors import DeliveryError
    from bot.platforms.slack.api import SlackApi

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the bot is in one workspace."""

    team: str | None
    enterprise: str | None
    token: str
    bot_id: str | None
    bot_user: str | None

    def __repr__(self) -> str:
        """Without the token."""
        return f"Workspace({self.team!r})"


class Workspaces(Protocol):
    """Finds workspaces; for incoming requests and for work that no request started."""

    async def find(self, team: str | None, enterprise: str | None = None) -> Workspace | None:
        """The workspace with a token that is valid now; None where it is not installed."""
        ...

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        """Forget a workspace that removed the bot."""
        ...

    def invalidate(self, team: str | None, enterprise: str | None = None) -> None:
        """Look it up anew next time: its token was refused."""
        ...

    async def prune(self, *, now: datetime) -> None:
        """Remove what is not needed any more."""
        ...


class OneWorkspace:
    """The workspace of SLACK_BOT_TOKEN."""

    def __init__(self, api: SlackApi, token: str) -> None:
        self._api = api
        self._token = token
        self._found: Workspace | None = None

    async def find(self, team: str | None, enterprise: str | None = None) -> Workspace | None:
        """See `Workspaces`; the first call asks Slack who the bot is.

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
        """See `Workspaces`; the token is a setting, so only what is known of it goes."""
        self.invalidate(team, enterprise)

    def invalidate(self, team: str | None, enterprise: str | None = None) -> None:
        """See `Workspaces`."""
        del team, enterprise
        self._found = None

    async def prune(self, *, now: datetime) -> None:
        """See `Workspaces`; nothing is stored."""


_SECRET_FIELDS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
)
ROTATE_BEFORE_MINUTES = 120
"""A rotating token lives 12 hours: https://docs.slack.dev/authentication/using-token-rotation"""
CACHE_S = 60.0


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


class EncryptedInstallationStore(AsyncInstallationStore):
    """slack_sdk's store on SQLAlchemy, with every token and secret URL encrypted."""

    def __init__(self, engine: AsyncEngine, client_id: str, keys: MultiFernet) -> None:
        self._inner = AsyncSQLAlchemyInstallationStore(client_id=client_id, engine=engine)
        self._keys = keys

    async def async_save(self, installation: Installation) -> None:
        """Save an installation and its bot."""
        await self._inner.async_save(
            Installation(**self._sealed(installation.to_dict_for_copying()))
        )

    async def async_save_bot(self, bot: Bot) -> None:
        """Save a bot, for example after its token was rotated."""
        await self._inner.async_save_bot(Bot(**self._sealed(bot.to_dict_for_copying())))

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The newest bot of a workspace; of one in an organization also without naming that."""
        if enterprise_id is None and team_id is not None:
            enterprise_id = await self._enterprise_of(team_id)
        found = await self._inner.async_find_bot(
            enterprise_id=enterprise_id,
            team_id=team_id,
            is_enterprise_install=is_enterprise_install,
        )
        return Bot(**self._opened(found.to_dict_for_copying())) if found else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The newest installation of a workspace, by this user where one is given."""
        found = await self._inner.async_find_installation(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            is_enterprise_install=is_enterprise_install,
        )
        return Installation(**self._opened(found.to_dict_for_copying())) if found else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the bot of a workspace."""
        await self._inner.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Delete the installations of a workspace, or those of one user."""
        await self._inner.async_delete_installation(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id
        )

    async def prune(self) -> None:
        """Remove installations that newer ones replace: slack_sdk adds a row for each."""
        inner = self._inner
        place = ("client_id", "enterprise_id", "team_id")
        async with inner.engine.begin() as connection:
            for kept, keys in (
                (inner.bots, place),
                (inner.installations, (*place, "user_id")),
            ):
                newer = kept.alias()
                same = (newer.c[key].is_not_distinct_from(kept.c[key]) for key in keys)
                later = newer.c.installed_at > kept.c.installed_at
                await connection.execute(
                    delete(kept).where(exists(select(newer.c.id).where(later, *same)))
                )

    async def _enterprise_of(self, team: str) -> str | None:
        """The organization of a workspace; None where it has none or is not installed."""
        bots = self._inner.bots.c
        query = (
            select(bots.enterprise_id)
            .where(bots.client_id == self._inner.client_id, bots.team_id == team)
            .order_by(bots.installed_at.desc())
            .limit(1)
        )
        async with self._inner.engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    def _sealed(self, row: dict[str, Any]) -> dict[str, Any]:
        return self._changed(row, lambda text: self._keys.encrypt(text.encode()).decode())

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._changed(row, lambda text: self._keys.decrypt(text.encode()).decode())
        except InvalidToken:
            raise StorageError(
                "SLACK_ENCRYPTION_KEY does not fit the stored tokens. Set the key that they were "
                "stored with (old keys go after the new one, with a comma between)."
            ) from None

    @staticmethod
    def _changed(row: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
        return row | {f: change(row[f]) for f in _SECRET_FIELDS if row.get(f)}


class InstalledWorkspaces:
    """`Workspaces` over the installation store; rotates tokens that are about to expire."""

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
        """See `Workspaces`.

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
        """See `Workspaces`."""
        await self._store.async_delete_all(enterprise_id=enterprise, team_id=team)
        self.invalidate(team, enterprise)

    def invalidate(self, team: str | None, enterprise: str | None = None) -> None:
        """See `Workspaces`."""
        self._cache.pop(team or enterprise, None)

    async def prune(self, *, now: datetime) -> None:
        """See `Workspaces`."""
        del now
        await self._store.prune()

    async def _fresh(self, bot: Bot) -> Bot:
        """The bot with a token that lives a while yet, or still lives where none is to be had.

        Raises:
            DeliveryError: It has expired, and Slack refuses another or cannot be asked now.
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
            trouble: DeliveryError = _not_renewed(error)
            raise trouble from error
        if rotated is None:
            return bot
        await self._store.async_save_bot(rotated)
        return rotated


def _not_renewed(error: Exception) -> DeliveryError:
    if isinstance(error, SlackTokenRotationError):
        refused = api_error(error.api_error)
        if isinstance(refused, Refused):
            return refused
    return RateLimited("token_not_renewed", 5.0)
