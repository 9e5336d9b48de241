"""How much of Slack's limits a payload uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.platforms.base import Meter
from bot.platforms.slack.render import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = Mapping[str, Any]


def slack_meters(payload: Json) -> tuple[Meter, ...]:
    """Blocks, their size, the notification's text, and the table's where there is one."""
    blocks = payload.get("blocks", [])
    size = limits.count_chars(json.dumps(blocks, ensure_ascii=False))
    meters = [
        Meter("blocks", len(blocks), limits.MESSAGE_BLOCKS),
        Meter("characters as JSON", size, limits.MESSAGE_CHARS),
        Meter(
            "characters of the notification",
            limits.count_chars(payload.get("text", "")),
            limits.TEXT_CHARS,
        ),
    ]
    tables = [block for block in blocks if block.get("type") == "table"]
    if tables:
        cells = sum(limits.count_chars(text) for text in _texts(tables))
        meters.append(Meter("characters in the table", cells, limits.TABLE_CHARS))
    return tuple(meters)


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
