"""Which token speaks for a workspace: one by setting, or many by OAuth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from bot.platforms.slack.api import SlackApi


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
