"""The rankers beside aibrief cite what their texts stand for, with settings that fit them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.baselines import fit_settings, fitted_baseline, passages
from benchmarks.libraries import load_places
from benchmarks.scoring import judge, parse_question
from bot.answering.answer import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.baselines import Scorer
    from benchmarks.libraries import Place
    from benchmarks.scoring import Question


@pytest.fixture(scope="module")
def place() -> Place:
    return load_places()["migration"]


def words_in_common(texts: Sequence[str]) -> Scorer:
    known = [set(text.casefold().split()) for text in texts]
    return lambda question: [len(set(question.casefold().split()) & each) / 10 for each in known]


def question(text: str, *before: str, label: str | None = None) -> Question:
    labels = [label] if label else []
    return parse_question(
        {
            "id": text,
            "q": [*before, text],
            "group": "g",
            "expect": "answered" if label else "not_covered",
            "must": labels,
            "ok": labels,
        }
    )


@pytest.fixture(scope="module")
def asked(place: Place) -> list[Question]:
    """The asks of some statements, and what no text has a word of."""
    some = list(place.library.snippets.values())[:8]
    covered = [question(s.asks[0], label=str(s.citations[0])) for s in some]
    return [*covered, question("xyzzy plugh"), question("plugh")]


def test_every_text_and_ask_can_be_found(place: Place) -> None:
    found = {text for text, _ in passages(place.library)}
    for snippet in place.library.snippets.values():
        assert {snippet.text, *snippet.asks} <= found
    for brief in place.library.briefs.values():
        assert {brief.title, brief.gist.text, *brief.asks} <= found
    assert all(cited for _, cited in passages(place.library))


def test_the_settings_part_answers_from_refusals(place: Place, asked: list[Question]) -> None:
    answer = fitted_baseline(words_in_common, [(place, asked)])(place)
    right = [judge(each, answer(each)).correct for each in asked]
    assert sum(right) >= 9
    assert answer(question("xyzzy plugh")).status is Status.NOT_COVERED


def test_a_smaller_library_has_the_settings_of_the_whole(
    place: Place, asked: list[Question]
) -> None:
    method = fitted_baseline(words_in_common, [(place, asked)])
    smaller = replace(place, name="migration without something")
    assert [method(smaller)(each) for each in asked] == [method(place)(each) for each in asked]


def test_the_turns_before_are_read_where_that_does_better(place: Place) -> None:
    snippet = next(iter(place.library.snippets.values()))
    follow_up = question("xyzzy", snippet.asks[0], label=str(snippet.citations[0]))
    assert fit_settings(words_in_common, place, [follow_up]).joined


def test_a_ranker_that_finds_nothing_declines(place: Place) -> None:
    settings = fit_settings(words_in_common, place, [question("when is it")])
    assert settings.answer_from == float("inf")
