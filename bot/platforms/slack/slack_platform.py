"""What Slack is to the rest of the bot; Bolt is imported only where Slack is set up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot.errors import DeliveryError, SettingsError, Uncertain
from bot.platforms.base import Check, Drawing, Part, Platform, Press, Verb
from bot.platforms.slack.blocks import ButtonKind
from bot.platforms.slack.incoming import Button, parse_button
from bot.platforms.slack.manifest import (
    APPS,
    SCOPES,
    OAuthConfig,
    SlackConfig,
    fix_of,
    needed_scopes,
)
from bot.platforms.slack.render import (
    POST_RULES,
    render_answer,
    render_explanation,
    render_notice,
)
from bot.platforms.slack.slack_preview import preview_slack, slack_meters
from bot.service.ports import OwnTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from bot.platforms.base import Payload, PlatformContext
    from bot.platforms.slack.api import SlackApi
    from bot.platforms.slack.manifest import Scopes
    from bot.service.assistant import Reply
    from bot.setting_values import Secret
    from bot.settings import Settings


def build(world: PlatformContext) -> Part | None:
    """Slack, where its tokens are set.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    config = slack_config(world.settings)
    if config is None:
        return None
    from bot.platforms.slack.slack_component import SlackComponent  # noqa: PLC0415 - Bolt

    component = SlackComponent(config, world)
    return Part(component, component.poster, component.routes, component)


async def check(settings: Settings, channel: str | None = None) -> AsyncIterator[Check]:
    """Whether Slack is set up and takes the tokens; with a channel, whether the bot is in it."""
    try:
        config = slack_config(settings)
    except SettingsError as error:
        yield Check("slack", ok=False, message=str(error), fix="See docs/slack.md.")
        return
    if config is None:
        told = "Not set up." if channel is None else f"Not set up; {channel} was not seen."
        yield Check("slack", ok=channel is None, message=told, fix="See docs/slack.md.")
        return
    async for found in slack_checks(config, channel):
        yield found


async def slack_checks(config: SlackConfig, channel: str | None = None) -> AsyncIterator[Check]:
    """Look at what is set, then ask Slack; with a channel, whether the bot can post there."""
    from bot.platforms.slack.api import open_api  # noqa: PLC0415 - its SDK only here

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


def _check(name: str, message: str, fix: str = "") -> Check:
    """What was found, with a fix where it is not well."""
    return Check(name, ok=not fix, message=message, fix=fix)


def _settings(config: SlackConfig) -> Iterator[Check]:
    mode = "Socket Mode" if config.app_token else "HTTP"
    installs = "many workspaces, by OAuth" if config.oauth else "one workspace, by its token"
    yield _check("slack mode", f"{mode}; {installs}.")
    if not config.app_token:
        name = "slack signing secret"
        if re.fullmatch(r"[0-9a-f]{32}", config.signing_secret or ""):
            yield _check(name, "It has the right form.")
        else:
            fix = f"Copy it from {APPS}, Basic Information, Signing Secret."
            yield _check(name, "It is not 32 hexadecimal digits.", fix)
    if config.oauth:
        from bot.platforms.slack.installations import parse_keys  # noqa: PLC0415 - Bolt

        name = "slack encryption key"
        try:
            parse_keys(config.oauth.encryption_keys)
            yield _check(name, "It can encrypt.")
        except SettingsError as error:
            yield _check(name, "It is no key.", str(error))


async def _bot_token(api: SlackApi, token: str, scopes: Scopes) -> Check:
    name = "slack bot token"
    try:
        said = await api.call("auth.test", token, {}, tries=1)
    except DeliveryError as error:
        return _refused(name, error)
    has = {scope.strip() for scope in said[SCOPES].split(",")}
    if missing := sorted(set(scopes.required) - has):
        fix = (
            "Add them to the app (paste the manifest of: aibrief slack manifest), then install it "
            "again."
        )
        return _check("slack scopes", f"Missing: {', '.join(missing)}.", fix)
    declined = sorted(set(scopes.optional) - has)
    told = f"with every scope but {', '.join(declined)}" if declined else "with every scope"
    return _check(name, f"Valid in {said.get('team')}, {told}.")


async def _channel(api: SlackApi, token: str, channel: str) -> Check:
    """By https://docs.slack.dev/reference/objects/conversation-object ."""
    name = f"slack channel {channel}"
    try:
        told = await api.read("conversations.info", token, {"channel": channel})
    except DeliveryError as error:
        fix = "Copy the id at the end of the channel's details; invite the bot if it is private."
        return _check(name, f"Slack says {error.code}.", fix)
    about: Mapping[str, Any] = told.get("channel") or {}
    if about.get("is_archived"):
        return _check(name, "It is archived.", "Unarchive it.")
    if not about.get("is_member"):
        return _check(name, "The bot is no member.", "Type /invite @aibrief there.")
    return _check(name, "The bot is a member and can post.")


async def _app_token(api: SlackApi, token: str) -> Check:
    name = "slack app token"
    try:
        await api.call("apps.connections.open", token, {})
    except DeliveryError as error:
        return _refused(name, error)
    return _check(name, "A socket can be opened.")


def _refused(name: str, error: DeliveryError) -> Check:
    if error.code == "unreachable" or isinstance(error, Uncertain):
        return _check(name, f"Slack cannot be reached ({error.code}).", fix_of("unreachable"))
    return _check(name, f"Slack says {error.code}.", fix_of(error.code))


def date_url(settings: Settings) -> str | None:
    """The Web API, where Slack is set up."""
    if settings.slack_bot_token or settings.slack_client_id:
        return f"{settings.slack_api_url}api.test"
    return None


def slack_config(settings: Settings) -> SlackConfig | None:
    """Slack's part of the settings; None where Slack is not set up.

    Raises:
        SettingsError: A setting is missing or contradicts another.
    """
    given = settings
    if not (given.slack_bot_token or given.slack_client_id):
        if given.slack_app_token or given.slack_signing_secret:
            raise SettingsError(
                "Slack: set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID, "
                "SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY for many."
            )
        return None
    if given.slack_bot_token and given.slack_client_id:
        raise SettingsError(
            "Slack: set SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID (many), not both."
        )
    if not (given.slack_app_token or given.slack_signing_secret):
        raise SettingsError(
            "Slack: set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        )
    return SlackConfig(
        api_url=given.slack_api_url,
        bot_token=_revealed(given.slack_bot_token),
        app_token=_revealed(given.slack_app_token),
        signing_secret=_revealed(given.slack_signing_secret),
        oauth=_oauth(given),
        curators=given.slack_curators,
        schedules=given.schedules != "off",
        strangers_too=given.slack_connect == "everyone",
    )


def _oauth(settings: Settings) -> OAuthConfig | None:
    if settings.slack_client_id is None:
        return None
    secret, key = settings.slack_client_secret, settings.slack_encryption_key
    if secret is None or key is None:
        raise SettingsError(
            "Slack: SLACK_CLIENT_ID also needs SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY. "
            "Make a key with: aibrief slack new-key"
        )
    return OAuthConfig(settings.slack_client_id, secret.reveal(), key.reveal())


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


def _draw_answer(reply: Reply, *, private: bool, can_tell: bool, page: int) -> Sequence[Payload]:
    """All of it at once; Slack's answers have no pages."""
    del page
    asker = "you" if private else None
    return render_answer(reply.answer, reply.id, share_as=asker, can_tell=can_tell)


def _press(value: str, choice: str) -> Press | None:
    """A button of a schedule means nothing without a channel."""
    del choice
    match parse_button(value):
        case Button(kind, (answer_id, ("up" | "down") as vote)) if kind == ButtonKind.RATE:
            return Press(Verb(vote), answer_id)
        case Button(kind, (target, *_)) if kind in {
            ButtonKind.ASK,
            ButtonKind.WHY,
            ButtonKind.SHARE,
            ButtonKind.TELL,
        }:
            return Press(Verb(kind), target)
    return None


SLACK: Final = Platform(
    name="slack",
    label="Slack",
    schedule="/aibrief schedule weekdays 9:00 china-vs-us",
    set_up="set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, see docs/slack.md",
    workspace="workspace",
    channel_example="C012AB3CD",
    person_example="U012AB3CD",
    person_id=re.compile(r"[UW][A-Z0-9]{2,}"),
    person_help="in Slack it is in the profile under More, Copy member ID",
    votes_prefix="",
    post_rules=POST_RULES,
    log_levels={"slack_bolt": "ERROR", "slack_sdk": "ERROR"},
    drawing=Drawing(
        answer=_draw_answer,
        explanation=render_explanation,
        notice=render_notice,
        draw=preview_slack,
        meters=slack_meters,
        press=_press,
    ),
    build=build,
    check=check,
    date_url=date_url,
    own_tables=(OwnTable("slack_installations", "user_id", ("user_token", "user_refresh_token")),),
)
