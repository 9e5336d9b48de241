"""Loads the language pack that stands beside this file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import msgspec
import yaml

from bot.language.frequencies import Frequencies

if TYPE_CHECKING:
    from collections.abc import Mapping

Language: TypeAlias = Literal["en", "es", "de", "zh", "ja"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The one list of languages; each has a file `<code>.yaml` beside this module."""

FOLDER: Final = Path(__file__).parent
_COUNTRY = re.compile(r"([A-Z]{2})\t(.+)")


class AboutForms(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a message about the bot is recognised: one of `says`, else only words of `beside`."""

    says: str
    beside: str = ""


class LanguageFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One language's file; words and phrases are separated by commas."""

    function_words: str = ""
    chat_words: str = ""
    spellings: dict[str, str] = {}
    intents: dict[str, str] = {}
    details: dict[str, str] = {}
    library: str = ""
    each_document: str = ""
    about: dict[str, AboutForms] = {}


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """All languages, the dictionary, and the countries that emoji flags stand for."""

    languages: Mapping[Language, LanguageFile]
    dictionary: Frequencies
    countries: Mapping[str, str]
    """`cn` -> `China`, after ISO 3166."""
    content: bytes
    """The bytes of every file, for a version."""


@cache
def load_pack() -> LanguagePack:
    """Read the pack once.

    Raises:
        OSError: A file of the pack is missing: the installation is broken.
    """
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = {code: (FOLDER / f"{code}.yaml").read_bytes() for code in LANGUAGES}
    words = (FOLDER / "dictionary.txt").read_bytes()
    countries = (FOLDER / "countries.txt").read_text(encoding="utf-8")
    return LanguagePack(
        languages={
            code: msgspec.convert(yaml.load(text, loader), LanguageFile)  # noqa: S506 - a safe loader
            for code, text in texts.items()
        },
        dictionary=Frequencies(words),
        countries={
            match[1].lower(): match[2]
            for line in countries.splitlines()
            if (match := _COUNTRY.fullmatch(line))
        },
        content=b"\0".join((*texts.values(), words)),
    )
