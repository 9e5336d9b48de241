"""Discord's locales -> the languages that we speak."""

from __future__ import annotations

from typing import Final

import discord

from bot.platforms.discord.render.words import ENGLISH

LANGUAGE_OF: Final = {
    discord.Locale.chinese: "zh-CN",
    discord.Locale.spain_spanish: "es",
    discord.Locale.latin_american_spanish: "es",
    discord.Locale.german: "de",
    discord.Locale.japanese: "ja",
}
"""https://docs.discord.com/developers/reference#locales; all others see the default, English."""


def language_of(locale: discord.Locale | None) -> str:
    """The language in which somebody reads what is ours."""
    return LANGUAGE_OF.get(locale, ENGLISH) if locale else ENGLISH
