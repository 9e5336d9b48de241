"""The slash commands and the message command, `/briefing` among them, and their sync."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord
import structlog
from discord import app_commands

from bot.answering import phrases
from bot.platforms.discord.command_texts import BRIEFING_OPTIONS, BRIEFING_VERBS
from bot.platforms.discord.desk import note
from bot.platforms.discord.locales import LANGUAGE_OF, language_of
from bot.platforms.discord.responding import Mode, respond
from bot.platforms.discord.sending import LOST
from bot.schedules.orders import Fields
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.platforms.discord.command_texts import CommandTexts
    from bot.platforms.discord.discord_scheduling import DiscordScheduling
    from bot.platforms.discord.handling import Handler
    from bot.service.ports import ValueStore

log = structlog.get_logger(__name__)


class Texts(app_commands.Translator):
    """Gives discord.py the texts of `discord.yaml`."""

    def __init__(self, texts: CommandTexts) -> None:
        self._texts = texts

    def text(self, key: str) -> app_commands.locale_str:
        """The default text, which knows its key."""
        return app_commands.locale_str(self._texts[key]["en"], key=key)

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in one of Discord's languages, None where it is the default."""
        del context
        key = string.extras.get("key")
        language = LANGUAGE_OF.get(locale)
        if not key or not language:
            return None
        text = self._texts[key][language]
        return text if text != string.message else None


class Tree(app_commands.CommandTree[Any]):
    """A command tree in which a command that is no more gets a kind answer.

    So does one whose parts discord.py cannot read, for which it has no public place.
    """

    async def _call(self, interaction: discord.Interaction[Any]) -> None:
        """See `CommandTree`."""
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the person is told
            await self.on_error(interaction, error)

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Tell the person; an error of ours is logged."""
        gone = isinstance(
            error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch
        )
        if not gone:
            log.error("discord.command_failed", error=type(error).__name__, exc_info=error)
        if interaction.type is discord.InteractionType.autocomplete:
            with suppress(discord.DiscordException, *LOST):
                await interaction.response.autocomplete([])
            return
        text = phrases.NOTICES["old-command"] if gone else phrases.TROUBLE

        async def say() -> Any:
            return note(text, language_of(interaction.locale))

        await respond(interaction, say, Mode.PRIVATE)


def add_commands(tree: Tree, handler: Handler, texts: Texts) -> None:
    """Put every command into the tree; they work in servers, direct messages and group chats."""
    everywhere: dict[str, Any] = {
        "allowed_installs": app_commands.AppInstallationType(guild=True, user=True),
        "allowed_contexts": app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
    }

    @app_commands.autocomplete(question=handler.on_autocomplete)
    @app_commands.rename(question=texts.text("question_name"))
    @app_commands.describe(question=texts.text("question_description"))
    async def ask(interaction: discord.Interaction[Any], question: str) -> None:
        await handler.on_question(interaction, question)

    async def briefs(interaction: discord.Interaction[Any]) -> None:
        await handler.on_list(interaction)

    async def brief_me(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await handler.on_message_command(interaction, message)

    for name, callback in (("ask", ask), ("list", briefs)):
        command: Any = app_commands.Command(
            name=texts.text(f"{name}_name"),
            description=texts.text(f"{name}_description"),
            callback=callback,
            **everywhere,
        )
        tree.add_command(command)
    menu: Any = app_commands.ContextMenu(
        name=texts.text("menu_name"), callback=brief_me, **everywhere
    )
    tree.add_command(menu)


async def commands_hash(tree: Tree) -> str:
    """A hash of what would be registered, translations included."""
    translator = tree.translator
    commands = tree.get_commands()
    if translator is None:
        payloads = [command.to_dict(tree) for command in commands]
    else:
        payloads = [await c.get_translated_payload(tree, translator) for c in commands]
    text = json.dumps(sorted(payloads, key=lambda p: (p["type"], p["name"])), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def sync_commands(tree: Tree, store: ValueStore, *, always: bool = False) -> bool:
    """Register the commands if they changed since the last time; whether it was done."""
    name = f"discord-commands:{tree.client.application_id}"
    current = await commands_hash(tree)
    if not always and await store.get_value(name) == current:
        return False
    await tree.sync()
    await store.set_value(name, current)
    log.info("discord.commands_registered", hash=current[:12])
    return True


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
        "add": (_add(handler, scheduling), _without("schedule")),
        "edit": (_edit(handler, scheduling), _without("channel")),
        "list": (_list(handler, scheduling), ()),
    }
    for verb in BRIEFING_VERBS:
        work, options = works.get(verb) or (_on_one(verb, handler, scheduling), ("schedule",))
        group.add_command(_command(verb, work, options, texts))
    return group


def _without(option: str) -> tuple[str, ...]:
    return tuple(each for each in BRIEFING_OPTIONS if each != option)


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


def _command(
    verb: str, work: Any, options: Sequence[str], texts: Texts
) -> app_commands.Command[Any, ..., Any]:
    app_commands.rename(**{o: texts.text(f"{NAME}_{o}_name") for o in options})(work)
    app_commands.describe(**{o: texts.text(f"{NAME}_{o}_description") for o in options})(work)
    return app_commands.Command(
        name=texts.text(f"{NAME}_{verb}_name"),
        description=texts.text(f"{NAME}_{verb}_description"),
        callback=work,
    )
