"""How much of a platform's limits a payload uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.platforms.discord.render import discord_limits
from bot.platforms.discord.render.discord_text import size_bytes, size_chars
from bot.platforms.slack.render import limits as slack_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meter:
    """One limit: how much is used of how much there is."""

    label: str
    used: int
    most: int


def slack_meters(payload: Json) -> tuple[Meter, ...]:
    """Blocks, their size, the notification's text, and the table's where there is one."""
    blocks = payload.get("blocks", [])
    size = slack_limits.count_chars(json.dumps(blocks, ensure_ascii=False))
    meters = [
        Meter("blocks", len(blocks), slack_limits.MESSAGE_BLOCKS),
        Meter("characters as JSON", size, slack_limits.MESSAGE_CHARS),
        Meter(
            "characters of the notification",
            slack_limits.count_chars(payload.get("text", "")),
            slack_limits.TEXT_CHARS,
        ),
    ]
    tables = [block for block in blocks if block.get("type") == "table"]
    if tables:
        cells = sum(slack_limits.count_chars(text) for text in _texts(tables))
        meters.append(Meter("characters in the table", cells, slack_limits.TABLE_CHARS))
    return tuple(meters)


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


def _texts(value: Any) -> Iterator[str]:
    """Every `text` in JSON, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _texts(each)
