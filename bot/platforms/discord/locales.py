"""Discord's locales -> the languages that we speak."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bot.language.pack import ENGLISH, LANGUAGES, DiscordFile, read_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord


def language_of(locale: discord.Locale | None) -> str:
    """The language in which somebody reads what is ours; English where we have no other."""
    return languages().get(locale.value, ENGLISH) if locale else ENGLISH


@cache
def languages() -> Mapping[str, str]:
    """A locale of Discord -> its language, for those that a language names as its own."""
    files = ((code, read_language(code, "discord.yaml", DiscordFile)) for code in LANGUAGES)
    return {locale: code for code, file in files for locale in file.locales}
