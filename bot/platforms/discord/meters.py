"""How much of Discord's limits a payload uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.platforms.base import Meter
from bot.platforms.discord.render import discord_limits
from bot.platforms.discord.render.discord_text import size_bytes, size_chars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = Mapping[str, Any]


def discord_meters(payload: Json) -> tuple[Meter, ...]:
    """Components with their text, or the text of a plain message."""
    if "components" not in payload:
        used = size_chars(payload.get("content", ""))
        return (Meter("characters", used, discord_limits.CONTENT_CHARS),)
    components = list(_nested(payload))
    texts = [component["content"] for component in components if "content" in component]
    return (
        Meter("components", len(components), discord_limits.COMPONENTS),
        Meter("characters of text", sum(map(size_chars, texts)), discord_limits.TEXT_CHARS),
        Meter("bytes of text", sum(map(size_bytes, texts)), discord_limits.TEXT_BYTES),
    )


def _nested(thing: Json) -> Iterator[Json]:
    for component in thing.get("components", ()):
        yield component
        yield from _nested(component)
