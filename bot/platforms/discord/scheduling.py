"""`/briefing`: the schedules of a channel; what it does is decided in `service.subscriptions`."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.library.command_texts import BRIEFING_OPTIONS, BRIEFING_VERBS
from bot.platforms.discord.desk import Outgoing
from bot.platforms.discord.reading import is_direct
from bot.platforms.discord.render.discord_schedules import render_lines, render_named_choices
from bot.platforms.discord.render.payload import render_answer
from bot.schedules import schedule_phrases as words
from bot.schedules.schedule_fields import join_fields
from bot.schedules.schedule_options import Mistake
from bot.schedules.subscription import Target
from bot.schedules.subscriptions import Person
from bot.schedules.zones import likely_zones

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.platforms.discord.commands import Texts
    from bot.platforms.discord.handling import Handler
    from bot.platforms.discord.responding import Interaction
    from bot.schedules.subscription import Subscription
    from bot.schedules.subscriptions import Schedules, Shown
    from bot.service.assistant import Assistant

NAME: Final = "briefing"


class Scheduling:
    """Translates between Discord and the use cases of schedules."""

    def __init__(
        self,
        schedules: Schedules | None,
        assistant: Assistant,
        clock: Callable[[], datetime],
    ) -> None:
        self._schedules = schedules
        self._assistant = assistant
        self._clock = clock

    async def command(self, interaction: Interaction, verb: str, *given: str | None) -> Outgoing:
        """Do what the fields after the verb say and show it to the person only."""
        told = join_fields(*(field or "" for field in given)) if given else ""
        if isinstance(told, Mistake):
            return _outgoing((told.text,))
        text = f"{verb} {told}".strip()
        if self._schedules is None:
            return _outgoing((words.MISTAKES["off"],))
        target = _target(interaction)
        person = await self._person(interaction, target)
        shown = await self._schedules.command(text, target, person, self._clock())
        return _shown(shown)

    async def topics(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Briefs and questions, and what else can be sent."""
        del interaction
        also = [(words.CHANGES, "changes"), (words.ROTATION, "rotation")]
        fit = [pair for pair in also if current.lower() in f"{pair[0]} {pair[1]}"]
        offers = [(s.label, s.ask) for s in self._assistant.complete(current)]
        return _choices([*offers, *fit] if current else [*fit, *offers])

    async def zones(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Time zones that begin like what is typed."""
        del interaction
        return _choices([(zone, zone) for zone in likely_zones(current)])

    async def names(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """The schedules of this channel."""
        if self._schedules is None:
            return []
        now = self._clock()
        there = await self._schedules.of_channel(_target(interaction))
        offers = [(self._schedules.summary(s, now).replace("`", ""), s.id) for s in there]
        return _choices([o for o in offers if current.lower() in o[0].lower()])

    async def _person(self, interaction: Interaction, target: Target) -> Person:
        """Discord tells no time zone: the one that this channel used last is taken."""
        may = is_direct(interaction) or interaction.permissions.manage_channels
        roles = getattr(interaction.user, "roles", ())
        return Person(
            str(interaction.user.id),
            await self._last_zone(target),
            may_manage=may,
            groups=frozenset(str(role.id) for role in roles),
        )

    async def _last_zone(self, target: Target) -> str | None:
        there: Sequence[Subscription] = ()
        if self._schedules is not None:
            there = await self._schedules.of_channel(target)
        return there[-1].rhythm.zone if there else None


def build_group(handler: Handler, scheduling: Scheduling, texts: Texts) -> app_commands.Group:
    """`/briefing add|list|edit|pause|resume|test|remove`.

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

    async def serve(interaction: Interaction, verb: str, *given: str | None) -> None:
        work = partial(scheduling.command, interaction, verb, *given)
        await handler.on_schedule(interaction, work)

    @app_commands.autocomplete(what=scheduling.topics, zone=scheduling.zones)
    async def add(
        interaction: discord.Interaction[Any],
        when: str,
        what: str,
        zone: str | None = None,
        more: str | None = None,
    ) -> None:
        await serve(interaction, "add", when, zone, what, more)

    @app_commands.autocomplete(
        schedule=scheduling.names, what=scheduling.topics, zone=scheduling.zones
    )
    async def edit(
        interaction: discord.Interaction[Any],
        schedule: str,
        when: str | None = None,
        what: str | None = None,
        zone: str | None = None,
        more: str | None = None,
    ) -> None:
        await serve(interaction, f"edit {schedule.strip()}", when, zone, what, more)

    async def listed(interaction: discord.Interaction[Any]) -> None:
        await serve(interaction, "list")

    works = {"add": add, "edit": edit, "list": listed}
    for verb in BRIEFING_VERBS:
        work = works.get(verb) or _on_one(verb, serve, scheduling)
        group.add_command(_command(verb, work, texts))
    return group


def _on_one(verb: str, serve: Callable[..., Any], scheduling: Scheduling) -> Any:
    @app_commands.autocomplete(schedule=scheduling.names)
    async def act(interaction: discord.Interaction[Any], schedule: str) -> None:
        await serve(interaction, f"{verb} {schedule.strip()}")

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


def _target(interaction: Interaction) -> Target:
    return Target("discord", str(interaction.guild_id or ""), str(interaction.channel_id or ""))


def _choices(offers: Sequence[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(**choice) for choice in render_named_choices(offers)]


def _shown(shown: Shown) -> Outgoing:
    previews = [
        render_answer(reply.answer, reply.id, shareable=False)[0] for reply in shown.preview
    ]
    return _outgoing(shown.lines, *previews)


def _outgoing(lines: Sequence[str], *more: Any) -> Outgoing:
    first, *rest = render_lines(lines)
    return Outgoing(first, (*rest, *more))
