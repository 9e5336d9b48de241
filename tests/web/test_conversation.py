"""What is typed, and what is kept of it."""

from __future__ import annotations

from itertools import count

import pytest

from bot.web.conversation import (
    MAX_CONVERSATIONS,
    MAX_EXTRAS,
    MAX_TURNS,
    Conversations,
    Deed,
    Extra,
    Way,
    parse_typed,
)


@pytest.mark.parametrize(
    ("typed", "asked", "way"),
    [
        ("/aibrief china-vs-us", "china-vs-us", Way.COMMAND),
        ("  /AIBRIEF   what comes next ", "what comes next", Way.COMMAND),
        ("/aibrief", "", Way.COMMAND),
        ("/aibriefs x", "/aibriefs x", Way.DIRECT),
        ("/briefs", "list", Way.COMMAND),
        ("@aibrief what comes next", "@aibrief what comes next", Way.MENTION),
        ("what comes next", "what comes next", Way.DIRECT),
        ("me@example.org", "me@example.org", Way.DIRECT),
        ("/aibrief schedule weekdays 9:00 x", "/aibrief schedule weekdays 9:00 x", Way.SCHEDULE),
        ("/briefing add", "/briefing add", Way.SCHEDULE),
        ("", "", Way.DIRECT),
    ],
)
def test_what_is_typed(typed: str, asked: str, way: Way) -> None:
    assert parse_typed(typed) == (asked, way)


def test_everything_kept_is_bounded() -> None:
    numbers = count()
    kept = Conversations(lambda: f"t{next(numbers)}")
    first = kept.find_or_start("")
    turn = first.add("first", Way.DIRECT, "a")
    for number in range(MAX_TURNS + 5):
        turn = first.add("x" * 5000, Way.DIRECT, f"a{number}")
    assert len(first.turns) == MAX_TURNS
    assert len(turn.question) == 500
    for page in range(MAX_EXTRAS + 5):
        turn = turn.with_extra(Extra("discord", Deed.PAGE, page=page))
    assert len(turn.extras) == MAX_EXTRAS
    first.put(turn)
    assert first.turns[turn.number] == turn
    for _ in range(MAX_CONVERSATIONS):
        kept.find_or_start("")
    assert kept.find("t0") is None
    assert kept.find(f"t{MAX_CONVERSATIONS}") is not None
    assert kept.find_or_start("made up by somebody").thread != "made up by somebody"
