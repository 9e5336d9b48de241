"""The slash commands and the message command: what they are called, take and do; their sync."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from functools import partial
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
import structlog
import yaml
from discord import app_commands

from bot.answering import phrases
from bot.errors import SettingsError
from bot.language import pack
from bot.language.pack import LANGUAGES, DiscordFile, check_keys, read_language
from bot.library.yamlfile import parse_yaml
from bot.platforms.discord.desk import note
from bot.platforms.discord.message_reading import language_of
from bot.platforms.discord.sending import LOST, Mode, at_once, respond
from bot.schedules.orders import Fields
from bot.schedules.subscription import MisfirePolicy
from bot.schedules.texts import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from bot.platforms.discord.desk import Outgoing
    from bot.platforms.discord.discord_scheduling import DiscordScheduling
    from bot.platforms.discord.handling import Handler
    from bot.platforms.discord.sending import Interaction
    from bot.service.ports import ValueStore

log = structlog.get_logger(__name__)

CommandTexts: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""Key -> language -> text; every key has every language."""

FILE: Final = "discord.yaml"
BRIEFING: Final = "briefing"
LIST: Final = "list"
_VERBS: Final = ("add", "edit", LIST, "pause", "resume", "test", "remove", "history")
_OPTIONS: Final[Mapping[str, Any]] = {
    "when": str,
    "what": str,
    "zone": str,
    "skip": str,
    "until": str,
    "missed": str,
    "news": bool,
    "channel": app_commands.AppCommandChannel | app_commands.AppCommandThread,
    "role": discord.Role,
    "publish": bool,
    "schedule": str,
}
"""What `/briefing` takes, in the order in which Discord shows it."""
_TAKEN: Final = {
    "add": tuple(option for option in _OPTIONS if option != "schedule"),
    "edit": tuple(option for option in _OPTIONS if option != "channel"),
    LIST: (),
}
"""By its verbs; every other takes a schedule."""
_LEVELS: Final = (
    ("ask", LIST, BRIEFING),
    ("question",),
    tuple(f"{BRIEFING}_{verb}" for verb in _VERBS),
    tuple(f"{BRIEFING}_{option}" for option in _OPTIONS),
)
"""What stands beside each other, so that no two may have the same name."""
_NAMES: Final = tuple(f"{each}_name" for level in _LEVELS for each in level)
_DESCRIPTIONS: Final = tuple(f"{each}_description" for level in _LEVELS for each in level)
KEYS: Final = (*_NAMES, *_DESCRIPTIONS, "menu_name")
NAME_CHARS, DESCRIPTION_CHARS = 32, 100
_NAME: Final = re.compile(r"[-_'\w]+")
"""These three: https://docs.discord.com/developers/interactions/application-commands#application-command-object."""


def load_command_texts(folder: Path) -> CommandTexts:
    """The texts of the language pack, with those that `discord.yaml` of a config folder changes.

    Raises:
        SettingsError: The file is wrong; every fault is named with its fix.
    """
    texts = packaged_texts()
    file = folder / FILE
    if not file.is_file():
        return texts
    try:
        data = parse_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{FILE} cannot be read: {error}.") from None
    problems = list(_problems(data))
    if not problems:
        for key, changed in data.items():
            texts[key] |= {pack.language_of(str(code)): text for code, text in changed.items()}
        problems = list(_same_names(texts))
    if problems:
        raise SettingsError("\n".join(problems))
    return texts


def packaged_texts() -> dict[str, dict[str, str]]:
    """The texts of the language pack.

    Raises:
        SettingsError: A language lacks a text.
    """
    texts: dict[str, dict[str, str]] = {key: {} for key in KEYS}
    for language in LANGUAGES:
        commands = read_language(language, FILE, DiscordFile).commands
        check_keys(commands, KEYS, language, FILE)
        for key, text in commands.items():
            texts[key][language] = text
    return texts


def _problems(data: object) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"{FILE} must be a mapping of some of {', '.join(KEYS)}."
        return
    for key, texts in data.items():
        if key not in KEYS:
            yield f"{FILE}: there is no key {key}; known are {', '.join(KEYS)}."
        elif not isinstance(texts, dict):
            yield f"{FILE}: {key} must have a text for one or more of {', '.join(LANGUAGES)}."
        else:
            yield from _faults(key, texts)


def _faults(key: str, texts: Mapping[object, object]) -> Iterator[str]:
    for language, text in texts.items():
        if str(language).partition("-")[0] not in LANGUAGES:
            yield f"{FILE}: {key}: there is no language {language}; use {', '.join(LANGUAGES)}."
        elif fault := _fault(key, text):
            yield f"{FILE}: {key}, {language}: {fault}."


def _same_names(data: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for level in _LEVELS:
        for language in LANGUAGES:
            met: dict[str, str] = {}
            for key in (f"{each}_name" for each in level):
                other = met.setdefault(data[key][language], key)
                if other != key:
                    yield f"{FILE}: {key}, {language}: use another name than {other}."


def _fault(key: str, text: object) -> str | None:
    limit = DESCRIPTION_CHARS if key in _DESCRIPTIONS else NAME_CHARS
    if not isinstance(text, str) or not text.strip():
        return "write a text"
    if len(text) > limit:
        return f"use at most {limit} characters, not {len(text)}"
    if key in _NAMES and (not _NAME.fullmatch(text) or text != text.lower()):
        return "use lower-case letters, digits, - and _ only"
    return None


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
        text = self._texts[key][language_of(locale)] if key else string.message
        return text if text != string.message else None


class Tree(app_commands.CommandTree[Any]):
    """A command tree in which a command that is no more gets a kind answer.

    So does one whose parts discord.py cannot read, for which it has no public place.
    """

    async def fill(
        self, handler: Handler, scheduling: DiscordScheduling, texts: CommandTexts
    ) -> None:
        """Put every command into it, with their texts."""
        named = Texts(texts)
        await self.set_translator(named)
        for command in (*_questions(handler, named), _group(handler, scheduling, named)):
            self.add_command(command)

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
        told = note(text, language_of(interaction.locale))
        await respond(interaction, partial(at_once, told), Mode.PRIVATE)


def _questions(handler: Handler, texts: Texts) -> Iterator[Any]:
    """Commands that work in servers, direct messages and group chats."""
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
        await handler.on_question(interaction, LIST)

    async def brief_me(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await handler.on_message_command(interaction, message)

    for name, callback in (("ask", ask), (LIST, briefs)):
        yield app_commands.Command(
            name=texts.text(f"{name}_name"),
            description=texts.text(f"{name}_description"),
            callback=callback,
            **everywhere,
        )
    yield app_commands.ContextMenu(name=texts.text("menu_name"), callback=brief_me, **everywhere)


async def _commands_hash(tree: Tree) -> str:
    """A hash of what would be registered, translations included."""
    translator: Any = tree.translator
    payloads = [await c.get_translated_payload(tree, translator) for c in tree.get_commands()]
    text = json.dumps(sorted(payloads, key=lambda p: (p["type"], p["name"])), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def sync_commands(tree: Tree, store: ValueStore, *, always: bool = False) -> None:
    """Register the commands if they changed since the last time."""
    name = f"discord-commands:{tree.client.application_id}"
    current = await _commands_hash(tree)
    if not always and await store.get_value(name) == current:
        return
    await tree.sync()
    await store.set_value(name, current)
    log.info("discord.commands_registered", hash=current[:12])


def _group(handler: Handler, scheduling: DiscordScheduling, texts: Texts) -> app_commands.Group:
    """`/briefing add|list|edit|pause|resume|test|remove|history`.

    Scheduled posts need the bot in the channel, so it is for servers and direct messages.
    """
    group = app_commands.Group(
        name=texts.text(f"{BRIEFING}_name"),
        description=texts.text(f"{BRIEFING}_description"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=False
        ),
    )
    for verb in _VERBS:
        group.add_command(_command(verb, handler, scheduling, texts))
    return group


_MISSED = [
    app_commands.Choice(name=say(f"form.missed.{each.value}"), value=each.value)
    for each in MisfirePolicy
]


def _command(
    verb: str, handler: Handler, scheduling: DiscordScheduling, texts: Texts
) -> app_commands.Command[Any, ..., Any]:
    options = _TAKEN.get(verb, ("schedule",))
    needed = ("when", "what") if verb == "add" else ("schedule",)

    async def run(interaction: Interaction, **given: Any) -> None:
        await handler.on_schedule(interaction, _deed(verb, scheduling, interaction, given))

    callback: Any = run
    # discord.py reads the options of a command from its parameters.
    callback.__signature__ = Signature(
        [
            Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD),
            *(_parameter(option, needed=option in needed) for option in options),
        ]
    )
    app_commands.rename(**{o: texts.text(f"{BRIEFING}_{o}_name") for o in options})(callback)
    app_commands.describe(**{o: texts.text(f"{BRIEFING}_{o}_description") for o in options})(
        callback
    )
    if "missed" in options:
        app_commands.choices(missed=_MISSED)(callback)
    complete = {
        "what": scheduling.topics,
        "zone": scheduling.zones,
        "schedule": scheduling.names,
    }
    app_commands.autocomplete(**{o: complete[o] for o in options if o in complete})(callback)
    return app_commands.Command(
        name=texts.text(f"{BRIEFING}_{verb}_name"),
        description=texts.text(f"{BRIEFING}_{verb}_description"),
        callback=callback,
    )


def _parameter(option: str, *, needed: bool) -> Parameter:
    kind, keyword = _OPTIONS[option], Parameter.KEYWORD_ONLY
    if needed:
        return Parameter(option, keyword, annotation=kind)
    return Parameter(option, keyword, annotation=kind | None, default=None)


def _deed(
    verb: str, scheduling: DiscordScheduling, interaction: Interaction, given: Mapping[str, Any]
) -> Callable[[], Awaitable[Outgoing]]:
    match verb:
        case "add":
            return partial(scheduling.add, interaction, _fields(given), given["channel"])
        case "edit":
            return partial(scheduling.edit, interaction, given["schedule"], _fields(given))
        case "list":
            return partial(scheduling.listed, interaction)
    return partial(scheduling.act, interaction, verb, given["schedule"])


def _fields(given: Mapping[str, Any]) -> Fields:
    """What the options say; one that was left out is an empty field."""
    news, words = given["news"], ("when", "what", "zone", "skip", "until", "missed")
    return Fields(
        **{name: given[name] or "" for name in words},
        say_nothing_new=None if news is None else not news,
        role=_role(given["role"]),
        publish=given["publish"],
    )


def _role(role: discord.Role | None) -> str | None:
    """Choosing @everyone is how a mention is taken away again: that role mentions nobody."""
    if role is None:
        return None
    return "" if role.is_default() else str(role.id)
