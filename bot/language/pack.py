"""Loads the languages: one folder of data each, and the neutral data that stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import msgspec
import yaml

from bot.errors import SettingsError
from bot.language.frequencies import Frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")
FOLDER: Final = Path(__file__).parent
ENGLISH: Final = "en"
"""The language of the briefs; the others have the same keys."""
_FOLDERS = (each.name for each in FOLDER.iterdir() if each.is_dir() and each.name[0] not in "._")
LANGUAGES: Final = (ENGLISH, *sorted(set(_FOLDERS) - {ENGLISH}))
"""The one list of languages: the folders beside this module, by their ISO 639 codes."""
_COUNTRY = re.compile(r"([A-Z]{2})\t(.+)")


class AboutForms(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a message about the bot is recognised: one of `says`, else only words of `beside`."""

    says: str
    beside: str = ""


class NewsTexts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is said of what is new; `{day}` and `{count}` are put in."""

    new: str
    nothing: str
    withdrawn_one: str
    withdrawn_more: str
    reviewed: str


class LanguageFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One language's `pack.yaml`; words and phrases are separated by commas."""

    name: str
    """In English."""
    script: Literal["latin", "kana", "han"]
    """What it is written in: of the last two, words are not separated by blanks."""
    stemmer: str
    """Snowball's name of its rules for the endings of words; empty for none."""
    answer_in_english: str
    """Said where a question is asked in it; empty for English itself."""
    news: NewsTexts
    function_words: str
    replies: dict[str, str] = {}
    """What is said in it of what is not covered, and of the bot; English is in `phrases`."""
    intents: dict[str, str]
    details: dict[str, str]
    library: str
    each_document: str
    brief: str
    """What a brief is called."""
    about: dict[str, AboutForms]
    chat_words: str = ""
    """English alone has these, and `spellings`."""
    spellings: dict[str, str] = {}


class DiscordFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One language's `discord.yaml`."""

    commands: dict[str, str]
    words: dict[str, str] = {}
    """What the bot says of its own doings; English stands in `answering.phrases`."""


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """All languages, the dictionary, and the countries that emoji flags stand for."""

    languages: Mapping[str, LanguageFile]
    dictionary: Frequencies
    countries: Mapping[str, str]
    """`cn` -> `China`, after ISO 3166."""
    content: bytes
    """The bytes of every file, for a version."""


@cache
def load_pack() -> LanguagePack:
    """Read what answering needs of each language, once.

    Raises:
        OSError: A file of the pack is missing: the installation is broken.
        SettingsError: A file is wrong; its name and the key are told.
    """
    texts = {code: (FOLDER / code / "pack.yaml").read_bytes() for code in LANGUAGES}
    files = {code: _parsed(code, "pack.yaml", text, LanguageFile) for code, text in texts.items()}
    for code, file in files.items():
        for part in ("intents", "details", "about"):
            check_keys(getattr(file, part), getattr(files[ENGLISH], part), code, "pack.yaml")
    words = (FOLDER / "dictionary.txt").read_bytes()
    countries = (FOLDER / "countries.txt").read_text(encoding="utf-8")
    return LanguagePack(
        languages=files,
        dictionary=Frequencies(words),
        countries={
            match[1].lower(): match[2]
            for line in countries.splitlines()
            if (match := _COUNTRY.fullmatch(line))
        },
        content=b"\0".join((*texts.values(), words)),
    )


def read_language(code: str, name: str, into: type[T]) -> T:
    """One file of a language's folder as a value.

    Raises:
        SettingsError: It is missing or wrong; the text names the file and the key.
    """
    try:
        text = (FOLDER / code / name).read_bytes()
    except OSError as error:
        raise SettingsError(f"bot/language/{code}/{name}: {error.strerror}.") from None
    return _parsed(code, name, text, into)


def check_keys(given: Iterable[str], wanted: Iterable[str], code: str, name: str) -> None:
    """Compare the keys of a language's file with those that the code or English has.

    Raises:
        SettingsError: One is missing or unknown; the text names it and the file.
    """
    found, known = set(given), set(wanted)
    for key in sorted(known - found):
        raise SettingsError(f"bot/language/{code}/{name}: the key {key} is missing.")
    for key in sorted(found - known):
        raise SettingsError(f"bot/language/{code}/{name}: nothing knows the key {key}.")


def language_of(locale: str | None) -> str:
    """The language for a platform's locale: `de-AT` -> `de`, English for what is none of ours."""
    short = (locale or "").replace("_", "-").split("-", maxsplit=1)[0].lower()
    return short if short in LANGUAGES else ENGLISH


def _parsed(code: str, name: str, text: bytes, into: type[T]) -> T:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(text, loader)  # noqa: S506 - a safe loader
        return msgspec.convert(data, into)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise SettingsError(f"bot/language/{code}/{name}: {error}") from None
