"""Whatever is asked, every sentence was written by a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answer import MAX_TEXT_CHARS, Closest, Note, Status
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.text import read_texts
from bot.platforms.plain import render_json, render_text
from tests.days import TODAY
from tests.never_invents import invented, known_texts

if TYPE_CHECKING:
    from bot.answering.answer import Answer
    from bot.answering.catalog import Catalog

QUESTIONS = [
    file
    for file in sorted((Path(__file__).parents[2] / "benchmarks" / "questions").glob("*.jsonl"))
    if not file.stem.endswith("-unread")
]
WORDS = st.sampled_from(
    [
        "china",
        "us",
        "europe",
        "compare",
        "vs",
        "open",
        "closed",
        "source",
        "free",
        "safety",
        "cost",
        "next",
        "why",
        "who",
        "says",
        "risk",
        "list",
        "help",
        "page",
        "2",
        "3",
        "more",
        "and",
        "the",
        "what",
        "about",
        "deepseek",
        "ignore",
        "<!channel>",
        "@everyone",
        "中国",
        "米国",
        "future",
        "und",
        "los",
        "modelos",
        "オープンソース",
        "multipolar",
        "reaction",
        "tl;dr",
    ]
)


ABOUT = st.sampled_from(
    ["help", "hello", "thanks", "stop", "schedule", "share", "who are you", "who wrote this",
     "last updated", "source?", "are you sure", "wrong", "shorter", "repeat", "what is new",
     "in german"]
)  # fmt: skip


def answers(turns: list[str], catalog: Catalog) -> list[Answer]:
    plan, found = None, []
    for turn in turns:
        plan = answer_plan(turn, catalog, plan)
        found.append(compose(plan, catalog, TODAY))
    return found


def check_promise(answer: Answer, known: frozenset[str]) -> None:
    assert invented(answer, known) == []
    assert len(render_text(answer)) <= MAX_TEXT_CHARS
    if answer.status not in {Status.ANSWERED, Status.NEAREST}:
        assert answer.citations == ()
    if answer.status is Status.NEAREST:
        assert [type(block) for block in answer.blocks] == [Note, Closest]
    assert {c.source for c in answer.citations} == {s.id for s in answer.sources}


@pytest.fixture(scope="session")
def known(any_catalog: Catalog) -> frozenset[str]:
    return known_texts(any_catalog)


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_labelled_questions(file: Path, any_catalog: Catalog, known: frozenset[str]) -> None:
    """Questions of every library are put to every library."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for line in lines[::3]:
        asked = json.loads(line)["q"]
        turns = [asked] if isinstance(asked, str) else asked
        for answer in answers(turns, any_catalog):
            check_promise(answer, known)
            typed = " ".join(read_texts(" ".join(turns)))
            assert all(" ".join(read_texts(word)) in typed for word in answer.missing)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=1, max_size=3))
def test_random_talk(any_catalog: Catalog, known: frozenset[str], turns: list[str]) -> None:
    for answer in answers(turns, any_catalog):
        check_promise(answer, known)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text(any_catalog: Catalog, known: frozenset[str], text: str) -> None:
    for answer in answers([text], any_catalog):
        check_promise(answer, known)


@settings(max_examples=60, deadline=None)
@given(st.lists(ABOUT, min_size=1, max_size=3))
def test_talk_about_the_bot(any_catalog: Catalog, known: frozenset[str], turns: list[str]) -> None:
    for answer in answers([next(iter(any_catalog.library.briefs)), *turns], any_catalog):
        check_promise(answer, known)


def test_every_name_opens_its_brief_page_by_page(
    any_catalog: Catalog, known: frozenset[str]
) -> None:
    for brief in any_catalog.library.briefs.values():
        for page in (1, 2, 3, 99):
            for answer in answers([f"{brief.slug} page {page}"], any_catalog):
                assert answer.status is Status.ANSWERED
                check_promise(answer, known)


def test_every_suggestion_leads_to_an_answer(any_catalog: Catalog, known: frozenset[str]) -> None:
    for brief in any_catalog.library.briefs.values():
        (answer,) = answers([brief.slug], any_catalog)
        for suggestion in answer.suggestions:
            (led_to,) = answers([suggestion.ask], any_catalog)
            assert led_to.status is Status.ANSWERED, suggestion
            check_promise(led_to, known)


def test_a_planted_sentence_is_found(any_catalog: Catalog, known: frozenset[str]) -> None:
    (answer,) = answers([next(iter(any_catalog.library.briefs))], any_catalog)
    assert invented(answer, known - {next(iter(answer.statements())).text})


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_same_question_same_bytes(any_catalog: Catalog, text: str) -> None:
    first, second = (render_json(answers([text], any_catalog)[0]) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
