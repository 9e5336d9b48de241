"""What came back on a request -> questions with the statement that each is for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.answering.text import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHARS: Final = 200
"""The longest ask that a brief may have."""
MIN_WORDS: Final = 2
MAX_WORDS: Final = 30
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question of a reply; `statement` is None where it must be declined."""

    ask: str
    statement: str | None


def read_reply(text: str) -> list[Proposed]:
    """Every object with an `ask`, whatever stands around: a fence, commas, a list, chatter."""
    return [found for value in _objects(text) if (found := _proposed(value))]


def unread(text: str, proposed: Sequence[Proposed]) -> int:
    """How many questions of a reply are in objects that are no valid JSON."""
    return max(0, text.count('"ask"') - len(proposed))


def _objects(text: str) -> Iterator[object]:
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _proposed(value: object) -> Proposed | None:
    if not isinstance(value, dict) or not isinstance(value.get("ask"), str):
        return None
    name = value.get("id")
    ask = " ".join(value["ask"].split())
    return Proposed(ask, name.strip() if isinstance(name, str) and name.strip() else None)


def find_fault(ask: str) -> str | None:
    """Why a text cannot be an example ask; None where it can."""
    words = read_texts(ask)
    if len(ask) > MAX_CHARS or len(words) > MAX_WORDS:
        return "too long"
    several = sum(ask.count(mark) for mark in ("? ", ". ", "! ")) > 0
    told = ask.endswith((".", "!", ":")) or several or "http" in ask
    return "no question" if told or len(words) < MIN_WORDS else None
