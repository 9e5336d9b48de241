"""Slack's settings, as its parts take them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class OAuthConfig:
    """What installing in many workspaces needs."""

    client_id: str
    client_secret: str
    encryption_keys: str


@dataclass(frozen=True, slots=True, repr=False)
class SlackConfig:
    """Slack's settings: a bot token or OAuth, and an app token or a signing secret."""

    api_url: str
    bot_token: str | None = None
    app_token: str | None = None
    signing_secret: str | None = None
    oauth: OAuthConfig | None = None
    curators: frozenset[str] = frozenset()
    schedules: bool = True
    """Whether schedules are on, which need scopes of their own."""
    strangers_too: bool = False
    """Whether people of other organizations are answered in channels shared with them."""
