"""`/briefing` and its subcommands: their options, handed to `scheduling`."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.platforms.discord.command_texts import BRIEFING_OPTIONS, BRIEFING_VERBS
from bot.schedules.orders import Fields
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.texts import say

if TYPE_CHECKING:
    from bot.platforms.discord.commands import Texts
    from bot.platforms.discord.handling import Handler
    from bot.platforms.discord.scheduling import DiscordScheduling

NAME: Final = "briefing"


def build_group(
    handler: Handler, scheduling: DiscordScheduling, texts: Texts
) -> app_commands.Group:
    """`/briefing add|list|edit|pause|resume|test|remove|history`.

    Scheduled posts need the bot in the channel, so it is for servers and direct messages.
    """
    group = app_commands.Group(
        name=texts.text(f"{NAME}_name"),
        description=texts.text(f"{NAME}_description"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=False
        ),
    )
    works = {
        "add": _add(handler, scheduling),
        "edit": _edit(handler, scheduling),
        "list": _list(handler, scheduling),
    }
    for verb in BRIEFING_VERBS:
        work = works.get(verb) or _on_one(verb, handler, scheduling)
        group.add_command(_command(verb, work, texts))
    return group


_MISSED = [
    app_commands.Choice(name=say(f"form.missed.{each.value}"), value=each.value)
    for each in MisfirePolicy
]


def _add(handler: Handler, scheduling: DiscordScheduling) -> Any:
    @app_commands.choices(missed=_MISSED)
    @app_commands.autocomplete(what=scheduling.topics, zone=scheduling.zones)
    async def add(  # noqa: PLR0913, PLR0917 - one for each option
        interaction: discord.Interaction[Any],
        when: str,
        what: str,
        zone: str | None = None,
        skip: str | None = None,
        until: str | None = None,
        missed: str | None = None,
        news: bool | None = None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
        role: discord.Role | None = None,
        publish: bool | None = None,
    ) -> None:
        fields = _fields(
            when=when,
            what=what,
            zone=zone,
            skip=skip,
            until=until,
            missed=missed,
            news=news,
            role=role,
            publish=publish,
        )
        work = partial(scheduling.add, interaction, fields, channel)
        await handler.on_schedule(interaction, work)

    return add


def _edit(handler: Handler, scheduling: DiscordScheduling) -> Any:
    @app_commands.choices(missed=_MISSED)
    @app_commands.autocomplete(
        schedule=scheduling.names, what=scheduling.topics, zone=scheduling.zones
    )
    async def edit(  # noqa: PLR0913, PLR0917 - one for each option
        interaction: discord.Interaction[Any],
        schedule: str,
        when: str | None = None,
        what: str | None = None,
        zone: str | None = None,
        skip: str | None = None,
        until: str | None = None,
        missed: str | None = None,
        news: bool | None = None,
        role: discord.Role | None = None,
        publish: bool | None = None,
    ) -> None:
        fields = _fields(
            when=when,
            what=what,
            zone=zone,
            skip=skip,
            until=until,
            missed=missed,
            news=news,
            role=role,
            publish=publish,
        )
        work = partial(scheduling.edit, interaction, schedule, fields)
        await handler.on_schedule(interaction, work)

    return edit


def _fields(  # noqa: PLR0913 - one for each option
    *,
    when: str | None,
    what: str | None,
    zone: str | None,
    skip: str | None,
    until: str | None,
    missed: str | None,
    news: bool | None,
    role: discord.Role | None,
    publish: bool | None,
) -> Fields:
    """What the options say; one that was left out is an empty field."""
    return Fields(
        when=when or "",
        what=what or "",
        zone=zone or "",
        skip=skip or "",
        until=until or "",
        missed=missed or "",
        say_nothing_new=None if news is None else not news,
        role=_role(role),
        publish=publish,
    )


def _role(role: discord.Role | None) -> str | None:
    """Choosing @everyone is how a mention is taken away again: that role mentions nobody."""
    if role is None:
        return None
    return "" if role.is_default() else str(role.id)


def _list(handler: Handler, scheduling: DiscordScheduling) -> Any:
    async def listed(interaction: discord.Interaction[Any]) -> None:
        await handler.on_schedule(interaction, partial(scheduling.listed, interaction))

    return listed


def _on_one(verb: str, handler: Handler, scheduling: DiscordScheduling) -> Any:
    @app_commands.autocomplete(schedule=scheduling.names)
    async def act(interaction: discord.Interaction[Any], schedule: str) -> None:
        await handler.on_schedule(
            interaction, partial(scheduling.act, interaction, verb, schedule)
        )

    return act


def _command(verb: str, work: Any, texts: Texts) -> app_commands.Command[Any, ..., Any]:
    options = [name for name in BRIEFING_OPTIONS if name in inspect.signature(work).parameters]
    app_commands.rename(**{o: texts.text(f"{NAME}_{o}_name") for o in options})(work)
    app_commands.describe(**{o: texts.text(f"{NAME}_{o}_description") for o in options})(work)
    return app_commands.Command(
        name=texts.text(f"{NAME}_{verb}_name"),
        description=texts.text(f"{NAME}_{verb}_description"),
        callback=work,
    )
