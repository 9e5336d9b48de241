"""Discord's locales -> the languages that we speak."""

from __future__ import annotations

from typing import Final

import discord

from bot.language import pack


def language_of(locale: discord.Locale | None) -> str:
    """The language in which somebody reads what is ours."""
    # What Discord calls no locale comes as an enumeration's member without a text.
    return pack.language_of(locale.value if locale and isinstance(locale.value, str) else None)


def language_of_server(client: discord.Client, server: str) -> str:
    """The language of a server, in which everybody there reads; English where it is not known."""
    guild = client.get_guild(int(server)) if server.isdecimal() else None
    return language_of(guild.preferred_locale if guild else None)


LANGUAGE_OF: Final = {
    locale: language_of(locale) for locale in discord.Locale if language_of(locale) != pack.ENGLISH
}
"""https://docs.discord.com/developers/reference#locales; all others see the default, English."""
