"""Looks at an application from outside, over the REST API only: its state, its links."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import aiohttp
import discord
from yarl import URL

from bot.errors import SettingsError
from bot.platforms.base import Check
from bot.platforms.discord.client import Bot, needed_intents, use_api
from bot.platforms.discord.slash_commands import sync_commands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.platforms.discord.discord_component import DiscordComponent

PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    read_message_history=True,
)
"""The least that answering needs; reading the history is what a reply needs."""


class Unreachable(SettingsError):
    """Discord did not answer, so nothing is known of the token."""


class Links(NamedTuple):
    """Where to install the bot."""

    server: str
    user: str


@asynccontextmanager
async def logged_in(token: str, api_url: str | None = None) -> AsyncIterator[discord.Client]:
    """A client that is logged in and opens no session.

    Raises:
        SettingsError: The token is wrong.
        Unreachable: Discord cannot be reached.
    """
    use_api(api_url)
    async with discord.Client(intents=needed_intents()) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            raise SettingsError(
                "DISCORD_TOKEN: Discord does not know this token. Copy it anew from the "
                "application's page at discord.com/developers, Bot, Reset Token."
            ) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise Unreachable(_unreachable(error)) from error
        yield client


async def install_links(token: str, api_url: str | None = None) -> Links:
    """The links that install the bot on a server and for a person, with the least permissions.

    Raises:
        SettingsError: The token is wrong, or Discord cannot be reached.
    """
    async with logged_in(token, api_url) as client:
        application = client.application_id or 0
    server = discord.utils.oauth_url(
        application, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )
    user = discord.utils.oauth_url(application, scopes=("applications.commands",))
    return Links(
        str(URL(server).update_query(integration_type=0)),
        str(URL(user).update_query(integration_type=1)),
    )


async def register_commands(component: DiscordComponent, token: str) -> tuple[str, ...]:
    """Register the commands whether they changed or not; their names.

    Raises:
        SettingsError: The token is wrong, or Discord does not take the commands.
    """
    bot: Bot = component.new_bot()
    bot.sync_at_start = False
    async with bot:
        try:
            await bot.login(token)
            await sync_commands(bot.tree, component.parts.store, always=True)
        except discord.LoginFailure:
            raise SettingsError("DISCORD_TOKEN: Discord does not know this token.") from None
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise SettingsError(f"Discord did not take the commands: {error}.") from error
        return tuple(command.name for command in bot.tree.get_commands())


async def inspect(
    token: str, channel: int | None = None, api_url: str | None = None
) -> tuple[Check, ...]:
    """What `doctor` shows of Discord; with a channel also what we may do there."""
    checks: list[Check] = []
    try:
        async with logged_in(token, api_url) as client:
            about = f"belongs to {client.user}"
            checks.append(Check("discord token", ok=True, message=about))
            application = await client.application_info()
            checks += [_events(application), *_installs(application)]
            checks += [await _commands(client), await _sessions(client)]
            if channel is not None:
                checks.append(await _channel(client, channel))
    except (Unreachable, discord.DiscordException, aiohttp.ClientError, OSError) as error:
        told = str(error) if isinstance(error, Unreachable) else _unreachable(error)
        fix = "Try again later; check the network, and DISCORD_API_URL where it is set."
        checks.append(Check("discord", ok=False, message=told, fix=fix))
    except SettingsError as error:
        checks.append(Check("discord token", ok=False, message="not accepted", fix=str(error)))
    return tuple(checks)


def _unreachable(error: Exception) -> str:
    return f"Discord cannot be reached now: {error}."


def _check(name: str, *, ok: bool, well: str, ill: str, fix: str) -> Check:
    return Check(name, ok=ok, message=well if ok else ill, fix="" if ok else fix)


def _installs(application: discord.AppInfo) -> Iterator[Check]:
    """Who can add the bot, and whether the links of `aibrief discord invite` work.

    https://docs.discord.com/developers/resources/application
    """
    where = "at discord.com/developers"
    if application.bot_require_code_grant:
        yield Check(
            "discord code grant",
            ok=False,
            message="an OAuth2 code grant is required, so the invite link adds nobody",
            fix=f"Turn off Requires OAuth2 Code Grant {where}, Bot.",
        )
    people = application.user_integration_config is not None
    who = "everybody" if application.bot_public else "only you"
    also = "for servers and for people" if people else "for servers (not for people on their own)"
    yield _check(
        "discord installs",
        ok=application.guild_integration_config is not None,
        well=f"{who} can install it, {also}",
        ill="servers cannot install it, so there are no mentions and no briefings",
        fix=f"Turn on Guild Install {where}, Installation.",
    )


def _events(application: discord.AppInfo) -> Check:
    """No privileged intent is needed; an endpoint URL would keep every command from us."""
    return _check(
        "discord events",
        ok=not application.interactions_endpoint_url,
        well="default intents are enough; none is missing",
        ill="commands go to an interactions endpoint URL, not to the bot",
        fix="Remove the URL at discord.com/developers, General Information.",
    )


async def _commands(client: discord.Client) -> Check:
    known = await client.http.get_global_commands(client.application_id or 0)
    names = ", ".join(sorted(command["name"] for command in known))
    return _check(
        "discord commands",
        ok=bool(names),
        well=f"registered: {names}",
        ill="none are registered",
        fix="Start the bot once, or run: aibrief discord sync",
    )


async def _sessions(client: discord.Client) -> Check:
    _, _, limits = await client.http.get_bot_gateway()
    left, total = limits["remaining"], limits["total"]
    return Check(
        "discord sessions",
        ok=left >= min(50, total),
        message=f"{left} of {total} new sessions left today",
        fix="Find out what restarts the bot so often, and wait; at 0 Discord resets the token.",
    )


async def _channel(client: discord.Client, channel: int) -> Check:
    name = f"discord channel {channel}"
    try:
        missing = await _missing(client, channel)
    except (discord.NotFound, discord.Forbidden):
        return Check(
            name,
            ok=False,
            message="the bot does not see it",
            fix="Invite the bot (aibrief discord invite) and let it view the channel.",
        )
    return _check(
        name,
        ok=not missing,
        well="every needed permission is there",
        ill=f"missing permissions: {', '.join(missing)}",
        fix="Give them to the bot's role in the channel's settings.",
    )


async def _missing(client: discord.Client, channel: int) -> list[str]:
    """The needed permissions that we lack; a thread has those of its channel."""
    found = await client.fetch_channel(channel)
    if not isinstance(found, discord.abc.GuildChannel | discord.Thread):
        return []
    guild = await client.fetch_guild(found.guild.id)
    me = await guild.fetch_member(client.user.id if client.user else 0)
    home = found.parent_id if isinstance(found, discord.Thread) else found.id
    place = next((c for c in await guild.fetch_channels() if c.id == home), None)
    have = place.permissions_for(me) if place else discord.Permissions.none()
    return [name for name, needed in PERMISSIONS if needed and not getattr(have, name)]
