"""`/briefing` and its buttons: the schedules of a channel; what they do is decided elsewhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.platforms.discord.desk import Outgoing
from bot.platforms.discord.message_reading import is_direct, language_of, language_of_server
from bot.platforms.discord.render.components import (
    FORM_FIELDS,
    render_choices,
    render_form,
    render_lines,
)
from bot.platforms.discord.render.payload import render_answer
from bot.schedules.calls import Call, Requester, SubscriptionReply
from bot.schedules.orders import Fields, Wrong, order_of_fields
from bot.schedules.subscription import Target
from bot.schedules.texts import also_sent, plain, say
from bot.schedules.zones import likely_zones

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.platforms.discord.render.components import Payload
    from bot.platforms.discord.sending import Interaction
    from bot.schedules.subscription import Subscription
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant

_TEXT_KINDS: Final = {
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.private,
}
_THREADS: Final = {
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
}


class DiscordScheduling:
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

    async def add(
        self,
        interaction: Interaction,
        fields: Fields,
        channel: Any | None,
        again: tuple[str, ...] = (),
    ) -> Outgoing:
        """Make a schedule of the options; `again` is offered where one cannot be read."""

        async def act(schedules: Schedules, call: Call) -> SubscriptionReply:
            if refused := schedules.refusal(call.person):
                return SubscriptionReply((refused,), ok=False)
            order = order_of_fields(fields, self._assistant.catalog)
            if isinstance(order, Wrong):
                return replace(_wrong(order, call), buttons=again)
            shown = await schedules.add(order, call)
            return shown if shown.ok or shown.buttons else replace(shown, buttons=again)

        return await self._do(interaction, act, channel)

    async def edit(self, interaction: Interaction, name: str, fields: Fields) -> Outgoing:
        """Change a schedule by the options."""

        async def act(schedules: Schedules, call: Call) -> SubscriptionReply:
            order = order_of_fields(fields, self._assistant.catalog)
            if isinstance(order, Wrong):
                return _wrong(order, call)
            return await schedules.change(_first_word(name), order, call)

        return await self._do(interaction, act)

    async def listed(self, interaction: Interaction) -> Outgoing:
        """The schedules of the channel."""
        return await self._do(interaction, lambda schedules, call: schedules.listed(call))

    async def act(self, interaction: Interaction, verb: str, name: str) -> Outgoing:
        """Do one thing to one schedule; a completion's label counts as the id it begins with."""
        word = _first_word(name)
        return await self._do(
            interaction, lambda schedules, call: schedules.acts[verb](word, call)
        )

    async def press(self, interaction: Interaction, verb: str, name: str) -> Outgoing:
        """A button, which may stand in a direct message: it acts on the schedule's channel."""
        found = await self._schedules.find(name) if self._schedules else None
        channel = str(interaction.channel_id)
        if found and (found.target.platform != "discord" or found.target.channel == channel):
            found = None
        return await self._do(
            interaction, lambda schedules, call: schedules.acts[verb](name, call), elsewhere=found
        )

    async def _do(
        self,
        interaction: Interaction,
        act: Callable[[Schedules, Call], Awaitable[SubscriptionReply]],
        channel: Any | None = None,
        elsewhere: Subscription | None = None,
    ) -> Outgoing:
        """What comes of an act in this channel, in another that was chosen, or on a schedule."""
        if self._schedules is None:
            return _told(self._refusal(interaction))
        if elsewhere:
            call = await self._call_elsewhere(interaction, elsewhere)
        else:
            call = await self._call_for(self._schedules, interaction, channel)
        shown = await act(self._schedules, call)
        theirs = language_of_server(interaction.client, call.target.workspace)
        previews = [
            render_answer(reply.answer, reply.id, shareable=False, language=theirs)[0]
            for reply in shown.preview
        ]
        name = shown.subscription.id if shown.subscription else ""
        first, *rest = render_lines(shown.lines, shown.buttons, name, call.person.language)
        return Outgoing(first, (*rest, *previews))

    def form(self, interaction: Interaction) -> Payload | None:
        """The form of a new schedule; None where the person cannot use it, and is to be told why.

        It has to be there in three seconds, and comes before anything is asked of the database.
        """
        if self._refusal(interaction):
            return None
        example = next(iter(self._assistant.catalog.library.briefs), "")
        return render_form(example, language_of(interaction.locale))

    async def refused(self, interaction: Interaction) -> Outgoing:
        """Why there is no form."""
        return _told(self._refusal(interaction))

    async def send(self, interaction: Interaction) -> Outgoing:
        """Make a schedule of what the form says, for the channel where it was opened."""
        data: Any = interaction.data or {}
        given: dict[str, Any] = dict(_entered(data.get("components") or ()))
        fields = Fields(**{name: given.get(name, "") for name in FORM_FIELDS})
        return await self.add(interaction, fields, None, again=("new",))

    def _refusal(self, interaction: Interaction) -> str:
        if self._schedules is None:
            return say("mistakes.off", language_of(interaction.locale))
        return self._schedules.refusal(_person(interaction, interaction.permissions))

    async def left(self, guild: int) -> None:
        """A server removed the bot: its schedules wait, in case it comes back."""
        if self._schedules is not None:
            await self._schedules.left("discord", str(guild), self._clock())

    async def came_back(self, guild: int) -> None:
        """The bot is in that server: what ran when it left runs on."""
        if self._schedules is not None:
            await self._schedules.came_back("discord", str(guild), self._clock())

    async def topics(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Briefs and questions, and what else can be sent."""
        language = language_of(interaction.locale)
        fit = [pair for pair in also_sent(language) if current.lower() in f"{pair[0]} {pair[1]}"]
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
        """The schedules of this channel; the value is the id."""
        if self._schedules is None:
            return []
        language = language_of(interaction.locale)
        there = await self._schedules.of_channel(_target(interaction, None))
        offers = [
            (plain(await self._schedules.summary(s, language)).replace("`", ""), s.id)
            for s in there
        ]
        return _choices([o for o in offers if current.lower() in o[0].lower()])

    async def _call_for(
        self, schedules: Schedules, interaction: Interaction, channel: Any | None
    ) -> Call:
        """Who asks, where, and whether the bot may post there, as the interaction tells.

        Discord tells no time zone: the one that this channel used last is taken.
        """
        target = _target(interaction, channel)
        await schedules.came_back(target.platform, target.workspace, self._clock())
        where = channel or interaction.channel
        theirs = channel.permissions if channel is not None else interaction.permissions
        mine = interaction.app_permissions
        resolved = channel.resolve() if channel is not None else None
        if resolved is not None and interaction.guild is not None:
            mine = resolved.permissions_for(interaction.guild.me)
            where = resolved
        there = await schedules.of_channel(target)
        person = _person(interaction, theirs, there[-1].trigger.zone if there else None)
        trouble = "" if is_direct(interaction) else trouble_in(where, mine)
        return Call(target, person, self._clock(), trouble)

    async def _call_elsewhere(self, interaction: Interaction, found: Subscription) -> Call:
        """The same for another channel: what the person and the bot may do there is looked up."""
        target, user = found.target, interaction.user.id
        guild = interaction.client.get_guild(int(target.workspace or 0))
        channel = guild.get_channel_or_thread(int(target.channel)) if guild else None
        manages, groups, trouble = False, frozenset[str](), "gone"
        if guild is not None and channel is not None:
            with suppress(discord.NotFound):  # no member; anything else is told as trouble
                member = await guild.fetch_member(user)
                manages = channel.permissions_for(member).manage_channels
                groups = _roles(member)
            trouble = trouble_in(channel, channel.permissions_for(guild.me))
        elif not target.workspace:
            manages, trouble = found.owner == str(user), ""
        locale = str(interaction.locale)
        person = Requester(str(user), None, may_manage=manages, groups=groups, locale=locale)
        return Call(target, person, self._clock(), trouble)


def _person(
    interaction: Interaction, theirs: discord.Permissions, zone: str | None = None
) -> Requester:
    """Who acts, with what they may do in the channel."""
    return Requester(
        str(interaction.user.id),
        zone,
        may_manage=is_direct(interaction) or theirs.manage_channels,
        groups=_roles(interaction.user),
        locale=str(interaction.locale),
    )


def _entered(components: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """What was entered in each field of a form.

    https://docs.discord.com/developers/interactions/receiving-and-responding
    """
    for component in components:
        inner = component.get("component")
        yield from _entered(component.get("components") or ([inner] if inner else ()))
        if "value" in component:
            yield str(component.get("custom_id")), str(component["value"] or "")


def trouble_in(channel: Any, mine: discord.Permissions) -> str:
    """Why the bot could not post there: `room.*` of the texts; empty where it could.

    https://docs.discord.com/developers/topics/permissions
    """
    kind = getattr(channel, "type", discord.ChannelType.text)
    if kind in _THREADS:
        if getattr(channel, "locked", False):
            return "thread-locked"
        if getattr(channel, "archived", False):
            return "thread-archived"
        needs = {"view": mine.view_channel, "threads": mine.send_messages_in_threads}
    elif kind in _TEXT_KINDS:
        needs = {"view": mine.view_channel, "send": mine.send_messages}
    else:
        return "kind"
    return next((name for name, has in needs.items() if not has), "")


def _roles(person: Any) -> frozenset[str]:
    return frozenset(str(role.id) for role in getattr(person, "roles", ()))


def _target(interaction: Interaction, channel: Any | None) -> Target:
    where = interaction.channel_id if channel is None else channel.id
    return Target("discord", str(interaction.guild_id or ""), str(where or ""))


def _first_word(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.strip() else name


def _choices(offers: Sequence[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(**choice) for choice in render_choices(offers)]


def _wrong(wrong: Wrong, call: Call) -> SubscriptionReply:
    language = call.person.language
    said = f"{say(f'form.{wrong.field}', language)}: {wrong.mistake.text(language)}"
    return SubscriptionReply((said,), ok=False)


def _told(text: str) -> Outgoing:
    first, *rest = render_lines((text,))
    return Outgoing(first, tuple(rest))
