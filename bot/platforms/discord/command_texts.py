"""What the commands are called, in each language: the packaged names, or a library's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import yaml

from bot.errors import SettingsError
from bot.language.pack import LANGUAGES, DiscordFile, check_keys, language_of, read_language
from bot.library.yamlfile import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CommandTexts: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""Key -> language -> text; every key has every language."""

FILE: Final = "discord.yaml"
COMMANDS: Final = ("ask", "list", "briefing")
ASK_OPTIONS: Final = ("question",)
BRIEFING_VERBS: Final = ("add", "edit", "list", "pause", "resume", "test", "remove", "history")
BRIEFING_OPTIONS: Final = (
    "when",
    "what",
    "zone",
    "skip",
    "until",
    "missed",
    "news",
    "channel",
    "role",
    "publish",
    "schedule",
)
_LEVELS: Final = (
    COMMANDS,
    ASK_OPTIONS,
    tuple(f"briefing_{verb}" for verb in BRIEFING_VERBS),
    tuple(f"briefing_{option}" for option in BRIEFING_OPTIONS),
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
            texts[key] |= {language_of(str(language)): text for language, text in changed.items()}
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
