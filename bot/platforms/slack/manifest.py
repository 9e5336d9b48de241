"""The app manifest: what Slack is told of the bot, the scopes it needs; and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.answering import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.answer import Suggestion


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


COMMAND = "/aibrief"
SHORTCUT = "brief_me_on_this"
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

ANSWERING: Final = (
    "app_mentions:read",
    "assistant:write",
    "chat:write",
    "commands",
    "im:history",
)
"""What answering needs."""
SCHEDULING: Final = ("channels:read", "im:write", "users:read")
"""What schedules need: who manages a channel, notices to their owners, time zones."""
LOOKING: Final = ("channels:history", "groups:history")
"""To see, after a lost reply, whether the answer or the briefing is there; nothing else is read.
Without them it may be missing rather than be there twice."""


SCOPES: Final = "x-oauth-scopes"
"""What the token of a call may do, as a header tells; stands beside what a method says."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """What an app asks for; a workspace may decline those that are `optional`.

    https://docs.slack.dev/changelog/2026/03/12/optional-scopes
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]


def needed_scopes(*, schedules: bool) -> Scopes:
    """Those of what is switched on."""
    required = (*ANSWERING, *(SCHEDULING if schedules else ()))
    optional = (*LOOKING, *(("groups:read",) if schedules else ()))
    return Scopes(tuple(sorted(required)), tuple(sorted(optional)))


EVENTS = ("app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked")

_DESCRIPTION = "Answers from curated briefs, every sentence with its source."


def build_manifest(
    prompts: Sequence[Suggestion], url: str | None = None, *, schedules: bool = True
) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP where the bot is reached at `url`.

    https://docs.slack.dev/reference/app-manifest
    """
    base = url.rstrip("/") if url else None
    endpoint = f"{base}{EVENTS_PATH}" if base else None
    requests = {"request_url": endpoint} if endpoint else {}
    options = {"message_menu_options_url": endpoint} if endpoint else {}
    scopes = needed_scopes(schedules=schedules)
    asked = [*scopes.required, *scopes.optional]
    oauth: dict[str, Any] = {"scopes": {"bot": asked, "bot_optional": list(scopes.optional)}}
    if base:
        oauth["redirect_urls"] = [f"{base}{REDIRECT_PATH}"]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "AI Brief",
            "description": _DESCRIPTION,
            "background_color": "#1f2937",
        },
        "features": _features(prompts, endpoint),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **requests, **options},
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }


def _features(prompts: Sequence[Suggestion], endpoint: str | None) -> dict[str, Any]:
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": _DESCRIPTION,
        "usage_hint": "china-vs-us | compare china and us on cost | list | schedule | help",
        "should_escape": False,
    }
    if endpoint:
        command["url"] = endpoint
    shortcut = {
        "name": "Brief me on this",
        "type": "message",
        "callback_id": SHORTCUT,
        "description": "Find the briefs that this message is about",
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "AI Brief", "always_online": True},
        "agent_view": {
            "agent_description": phrases.HOME_TITLE + ".",
            "suggested_prompts": [{"title": p.label, "message": p.ask} for p in prompts],
        },
        "slash_commands": [command],
        "shortcuts": [shortcut],
    }


APPS: Final = "https://api.slack.com/apps"
_FIXES: Final = {
    "invalid_auth": f"Copy the token again from {APPS}.",
    "not_authed": f"Copy the token again from {APPS}.",
    "account_inactive": "The app was removed from the workspace: install it again.",
    "token_revoked": "The token was revoked: install the app again and copy the new token.",
    "token_expired": "Token rotation is on: switch it off, or install by OAuth.",
    "not_allowed_token_type": "This is another kind of token: see docs/slack.md, step 3.",
    "missing_scope": "Add the scope connections:write to the app-level token.",
    "unreachable": "Check the network and SLACK_API_URL.",
}


def fix_of(code: str) -> str:
    """What to do where Slack refuses a token with this word."""
    return _FIXES.get(code, f"Look the word up in Slack's documentation; the app is at {APPS}.")
