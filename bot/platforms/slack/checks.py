"""Slack's part of `aibrief doctor`: tokens, scopes, mode, signing secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.errors import AibriefError, DeliveryError
from bot.platforms.base import Check
from bot.platforms.slack.api import open_api
from bot.platforms.slack.installations import parse_keys
from bot.platforms.slack.manifest import Scopes, needed_scopes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.manifest import SlackConfig

_APPS = "https://api.slack.com/apps"
_FIXES = {
    "invalid_auth": f"Copy the token again from {_APPS}.",
    "not_authed": f"Copy the token again from {_APPS}.",
    "account_inactive": "The app was removed from the workspace: install it again.",
    "token_revoked": "The token was revoked: install the app again and copy the new token.",
    "token_expired": "Token rotation is on: switch it off, or install by OAuth.",
    "not_allowed_token_type": "This is another kind of token: see docs/slack.md, step 3.",
    "missing_scope": "Add the scope connections:write to the app-level token.",
    "unreachable": "Check the network and SLACK_API_URL.",
}


async def slack_checks(config: SlackConfig, channel: str | None = None) -> AsyncIterator[Check]:
    """Look at what is set, then ask Slack; with a channel, whether the bot can post there."""
    for check in _settings(config):
        yield check
    async with open_api(config.api_url) as api:
        if config.bot_token:
            scopes = needed_scopes(schedules=config.schedules)
            yield await _bot_token(api, config.bot_token, scopes)
            if channel is not None:
                yield await _channel(api, config.bot_token, channel)
        if config.app_token:
            yield await _app_token(api, config.app_token)


def _settings(config: SlackConfig) -> Iterator[Check]:
    mode = "Socket Mode" if config.app_token else "HTTP"
    installs = "many workspaces, by OAuth" if config.oauth else "one workspace, by its token"
    yield Check("slack mode", ok=True, message=f"{mode}; {installs}.")
    if not config.app_token:
        fits = bool(re.fullmatch(r"[0-9a-f]{32}", config.signing_secret or ""))
        yield Check(
            "slack signing secret",
            ok=fits,
            message="It has the right form." if fits else "It is not 32 hexadecimal digits.",
            fix="" if fits else f"Copy it from {_APPS}, Basic Information, Signing Secret.",
        )
    if config.oauth:
        yield _key(config.oauth.encryption_keys)


def _key(text: str) -> Check:
    try:
        parse_keys(text)
    except AibriefError as error:
        return Check("slack encryption key", ok=False, message="It is no key.", fix=str(error))
    return Check("slack encryption key", ok=True, message="It can encrypt.")


async def _bot_token(api: SlackApi, token: str, scopes: Scopes) -> Check:
    name = "slack bot token"
    try:
        response = await api.client(token).auth_test()
    except SlackApiError as error:
        data: Any = error.response.data
        return _refused(name, str(data.get("error")) if isinstance(data, dict) else "no answer")
    except Exception as error:  # noqa: BLE001 - every way of not reaching Slack
        return _refused(name, "unreachable", type(error).__name__)
    given = {k.lower(): v for k, v in response.headers.items()}.get("x-oauth-scopes", "")
    has = {scope.strip() for scope in str(given).split(",")}
    missing = sorted(set(scopes.required) - has)
    if missing:
        return Check(
            "slack scopes",
            ok=False,
            message=f"Missing: {', '.join(missing)}.",
            fix="Add them to the app (paste the manifest of: aibrief slack manifest), then "
            "install it again.",
        )
    declined = sorted(set(scopes.optional) - has)
    told = f"with every scope but {', '.join(declined)}" if declined else "with every scope"
    return Check(name, ok=True, message=f"Valid in {response.get('team')}, {told}.")


async def _channel(api: SlackApi, token: str, channel: str) -> Check:
    """By https://docs.slack.dev/reference/objects/conversation-object ."""
    name = f"slack channel {channel}"
    try:
        told = await api.read("conversations.info", token, {"channel": channel})
    except DeliveryError as error:
        fix = "Copy the id at the end of the channel's details; invite the bot if it is private."
        return Check(name, ok=False, message=f"Slack says {error.code}.", fix=fix)
    about: Mapping[str, Any] = told.get("channel") or {}
    if about.get("is_archived"):
        return Check(name, ok=False, message="It is archived.", fix="Unarchive it.")
    if not about.get("is_member"):
        fix = "Type /invite @aibrief there."
        return Check(name, ok=False, message="The bot is no member.", fix=fix)
    return Check(name, ok=True, message="The bot is a member and can post.")


async def _app_token(api: SlackApi, token: str) -> Check:
    name = "slack app token"
    try:
        await api.call("apps.connections.open", token, {})
    except DeliveryError as error:
        return _refused(name, error.code)
    return Check(name, ok=True, message="A socket can be opened.")


def _refused(name: str, code: str, detail: str = "") -> Check:
    return Check(
        name,
        ok=False,
        message=f"Slack says {code}." if not detail else f"Slack cannot be reached ({detail}).",
        fix=fix_of(code),
    )


def fix_of(code: str) -> str:
    """What to do where Slack refuses a token with this word."""
    return _FIXES.get(code, f"Look the word up in Slack's documentation; the app is at {_APPS}.")
