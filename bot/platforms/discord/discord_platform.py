"""What Discord is to the rest of the bot; discord.py is imported only where it is needed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.errors import SettingsError
from bot.platforms.base import Check, Drawing, Part, Platform, Press
from bot.platforms.discord.discord_preview import discord_meters, preview_discord
from bot.platforms.discord.render.components import parse_action, render_note
from bot.platforms.discord.render.payload import render_answer, render_explanation
from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from bot.platforms.base import Payload, PlatformContext
    from bot.platforms.discord.discord_component import DiscordComponent
    from bot.service.assistant import Reply
    from bot.settings import Settings


def build(world: PlatformContext) -> Part | None:
    """Discord, where its token is set.

    Raises:
        SettingsError: `discord.yaml` is wrong.
    """
    if world.settings.discord_token is None:
        return None
    component = build_component(world)
    return Part(component, component.poster)


def build_component(world: PlatformContext) -> DiscordComponent:
    """The component, not yet started.

    Raises:
        SettingsError: The token is not set, or `discord.yaml` is wrong.
    """
    # discord.py only where it is used.
    from bot.platforms.discord.client import DiscordOptions  # noqa: PLC0415
    from bot.platforms.discord.discord_component import DiscordComponent  # noqa: PLC0415
    from bot.platforms.discord.slash_commands import load_command_texts  # noqa: PLC0415

    settings = world.settings
    options = DiscordOptions(
        token=token_of(settings),
        api_url=settings.discord_api_url,
        welcome=settings.discord_welcome == "on",
    )
    texts = load_command_texts(settings.config_dir)
    return DiscordComponent(
        options, world.assistant, world.store, texts, world.clock, world.schedules
    )


async def check(settings: Settings, channel: str | None = None) -> AsyncIterator[Check]:
    """Whether Discord is set up and takes the token; with a channel, what we may do there."""
    if settings.discord_token is None:
        yield Check(
            "discord",
            ok=channel is None,
            message="Not set up." if channel is None else f"Not set up; {channel} was not seen.",
            fix="" if channel is None else "Set DISCORD_TOKEN, or leave the channel out.",
        )
        return
    from bot.platforms.discord.inspection import inspect  # noqa: PLC0415 - only here
    from bot.platforms.discord.slash_commands import load_command_texts  # noqa: PLC0415 - only here

    try:
        load_command_texts(settings.config_dir)
    except SettingsError as error:
        yield Check("discord commands", ok=False, message=str(error), fix="Correct the file.")
    if channel is not None and not channel.isdecimal():
        yield Check(
            f"discord channel {channel}",
            ok=False,
            message="This is no id of a channel.",
            fix="Turn on the developer mode, right-click the channel, Copy Channel ID.",
        )
        channel = None
    place = int(channel) if channel else None
    for found in await inspect(token_of(settings), place, settings.discord_api_url):
        yield found


def date_url(settings: Settings) -> str | None:
    """The REST API, where Discord is set up."""
    return f"{settings.discord_api_url}gateway" if settings.discord_token else None


def token_of(settings: Settings) -> str:
    """The bot's token.

    Raises:
        SettingsError: It is not set.
    """
    if settings.discord_token is None:
        raise SettingsError(
            "Discord: set DISCORD_TOKEN to the bot's token; docs/discord.md says where it is."
        )
    return settings.discord_token.reveal()


_CLOSED: Final = RefusalRule("closed")
_NOT_PERMITTED: Final = RefusalRule("not-permitted")
_THREAD_ARCHIVED: Final = RefusalRule("thread-archived")
_BLOCKED: Final = RefusalRule("blocked", after=2)

OUTCOMES: Final[Mapping[str, RefusalRule]] = {
    "10003": RefusalRule("channel-gone"),
    "10004": RefusalRule("uninstalled"),
    "10013": _CLOSED,
    "50001": RefusalRule("not-member"),
    "50007": _CLOSED,
    "50008": _NOT_PERMITTED,
    "50013": _NOT_PERMITTED,
    "50024": _NOT_PERMITTED,
    "50083": _THREAD_ARCHIVED,
    "50278": _CLOSED,
    "160005": _THREAD_ARCHIVED,
    "40067": _NOT_PERMITTED,
    "200000": _BLOCKED,
    "200001": _BLOCKED,
    "240000": _BLOCKED,
    "20028": RefusalRule("refused", after=0),
}
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json"""

POST_RULES: Final = PostRules(budgets=(RateLimit(Per.BOT, 48.5),), outcomes=OUTCOMES)
"""Discord takes 50 requests a second of a bot; the rest is room for what bunches on the way:
https://docs.discord.com/developers/topics/rate-limits#global-rate-limit"""


def _draw_answer(reply: Reply, *, private: bool, can_tell: bool, page: int) -> Sequence[Payload]:
    """The page; the others are behind its buttons."""
    pages = render_answer(reply.answer, reply.id, shareable=private, can_tell=can_tell)
    return [pages[page] if page < len(pages) else render_note(phrases.EXPIRED)]


def _press(value: str, choice: str) -> Press | None:
    found = parse_action(value)
    return replace(found, choice=choice) if found else None


DISCORD: Final = Platform(
    name="discord",
    label="Discord",
    schedule="/briefing add",
    set_up="set DISCORD_TOKEN, see docs/discord.md",
    workspace="server",
    channel_example="123456789012345678",
    person_example="123456789012345678",
    person_id=re.compile(r"[0-9]{15,20}"),
    person_help=(
        "in Discord turn on the developer mode, then right-click the person, Copy User ID"
    ),
    votes_prefix="discord:",
    post_rules=POST_RULES,
    # `discord.client` misses voice, which we do not use.
    log_levels={"discord": "WARNING", "discord.client": "ERROR"},
    drawing=Drawing(
        answer=_draw_answer,
        explanation=render_explanation,
        notice=lambda key: render_note(phrases.NOTICES[key]),
        draw=preview_discord,
        meters=discord_meters,
        press=_press,
    ),
    build=build,
    check=check,
    date_url=date_url,
)
