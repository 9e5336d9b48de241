"""What a person reads in a Discord payload, with our markup taken out again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")


def walk(component: Any) -> Iterator[dict[str, Any]]:
    """Every component of a payload, the nested ones included."""
    for child in component.get("components", ()):
        yield child
        yield from walk(child)


def raw_text(payload: dict[str, Any]) -> str:
    """The text as it is sent."""
    parts = [payload.get("content") or "", *(c.get("content") or "" for c in walk(payload))]
    return "\n".join(filter(None, parts))


def plain_text(payload: dict[str, Any]) -> str:
    """The text as it is shown."""
    text = re.sub(r"(?<!\\)\*\*", "", raw_text(payload)).replace("\u200b", "")
    text = re.sub(r"^(?:### |-# |- |> )", "", text, flags=re.MULTILINE)
    return _ESCAPED.sub(r"\1", text)


def buttons(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a payload."""
    return [component for component in walk(payload) if component.get("type") == 2]
