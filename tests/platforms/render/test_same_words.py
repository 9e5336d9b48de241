"""Slack, Discord and the command line say the same, word for word and citation for citation."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.answer import Entry, Note
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.platforms.discord.render.payload import render_answer as render_discord
from bot.platforms.discord.render.payload import render_text as render_discord_text
from bot.platforms.plain import render_text, source_line
from bot.platforms.slack.render import render_answer as render_slack
from tests.days import TODAY
from tests.never_invents import known_texts
from tests.payloads import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.answering.answer import Answer
    from bot.answering.catalog import Catalog

FILES = sorted((Path(__file__).parents[3] / "benchmarks" / "questions").glob("*.jsonl"))
A_FEW = (
    "china-vs-us",
    "compare china and us",
    "what comes next",
    "who reacts how",
    "list",
    "help",
    "why does it matter",
    "free models and pricing",
    "will europe win the world cup",
    "",
    "lunch?",
)
CITED = re.compile(r"\[(S\d+:[^\]]+)\]")


def on_slack(answer: Answer) -> str:
    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from walk(each)
        elif isinstance(value, dict):
            if value.get("type") in {"actions", "context_actions", "button"}:
                return
            if isinstance(value.get("text"), str):
                yield html.unescape(value["text"])
            for each in value.values():
                yield from walk(each)

    payloads = render_slack(answer, "abcdefghijkl", share_as="U1")
    return "\n".join(walk([payload["blocks"] for payload in payloads]))


def on_discord(answer: Answer) -> str:
    return "\n".join(map(plain_text, render_discord(answer, "abcdefghijkl", shareable=True)))


def on_discord_as_text(answer: Answer) -> str:
    return "\n".join(map(plain_text, render_discord_text(answer, "a1")))


RENDERERS: dict[str, Callable[[Answer], str]] = {
    "slack": on_slack,
    "discord": on_discord,
    "discord as text": on_discord_as_text,
}


def questions() -> Iterator[str]:
    yield from A_FEW
    for file in FILES:
        for line in file.read_text("utf-8").splitlines():
            if line.strip():
                asked = json.loads(line)["q"]
                yield from [asked] if isinstance(asked, str) else asked


@pytest.fixture(scope="module")
def answers(catalog: Catalog) -> list[Answer]:
    plans = dict.fromkeys(answer_plan(question, catalog) for question in questions())
    return [compose(plan, catalog, TODAY) for plan in plans]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", RENDERERS)
def test_every_sentence_and_citation_is_there(answers: list[Answer], name: str) -> None:
    assert len(answers) >= 8
    for answer in answers:
        told = flat(RENDERERS[name](answer))
        assert flat(answer.title) in told
        for item in answer.statements():
            assert flat(item.text) in told
        for block in answer.blocks:
            if isinstance(block, Note):
                assert flat(block.text) in told
            if isinstance(block, Entry):
                assert flat(block.detail) in told
        for source in answer.sources:
            assert flat(source_line(source)) in told
        assert Counter(CITED.findall(told)) == Counter(CITED.findall(render_text(answer)))


def test_neither_says_what_the_other_does_not(answers: list[Answer], catalog: Catalog) -> None:
    """Each sentence of the library stands in all of them or in none."""
    sentences = [flat(text) for text in known_texts(catalog) if len(text.split()) >= 5]
    for answer in answers:
        told = [flat(render(answer)) for render in RENDERERS.values()]
        for sentence in sentences:
            assert len({sentence in each for each in told}) == 1, sentence
