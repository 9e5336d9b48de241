"""Each field of a snippet is shown wherever a statement is explained, or declared internal."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.answering import phrases
from bot.answering.answer import facts_of, statement
from bot.library.model import NO_FACTS, Citation, Kind, Snippet
from bot.platforms.discord.render import payload as discord
from bot.platforms.slack import render as slack
from bot.service.assistant import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.answering.answer import Statement

FACTS = {name: f"the {name}" for name in phrases.FACTS}


def snippet() -> Snippet:
    return Snippet(
        id="x",
        text="A text.",
        kind=Kind.FACT,
        citations=(Citation("S1", 1, 1),),
        **FACTS,  # type: ignore[arg-type]
    )


def test_each_field_is_a_fact_or_declared_to_be_none() -> None:
    fields = set(Snippet.__struct_fields__)
    assert fields - phrases.FACTS.keys() == NO_FACTS
    assert phrases.FACTS.keys() <= fields


def on_slack(told: Statement) -> str:
    return json.dumps(slack.render_explanation(Explanation(90.0, None, None, (told,), ())))


def on_discord(told: Statement) -> str:
    return json.dumps(discord.render_explanation(Explanation(90.0, None, None, (told,), ())))


@pytest.mark.parametrize("render", [on_slack, on_discord])
@pytest.mark.parametrize("name", FACTS)
def test_each_platform_shows_each_fact(name: str, render: Callable[[Statement], str]) -> None:
    shown = render(statement(snippet(), date(2026, 1, 1))).replace("\\\\", "")
    assert f"{phrases.FACTS[name]} {FACTS[name]}" in shown


def test_facts_have_their_labels() -> None:
    told = tuple((phrases.FACTS[name], value) for name, value in FACTS.items())
    assert facts_of(snippet()) == statement(snippet(), date(2026, 1, 1)).facts == told
