"""Answer quality on labelled questions must not fall; files that are not there are skipped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.core.answer import Answer, Status
from bot.core.compose import compose
from bot.core.decide import answer_plan
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.core.catalog import Catalog

OWN = Path(__file__).parents[2] / "benchmarks" / "questions"
FLOORS = {"dev": 0.95, "tune": 0.85, "heldout": 0.84, "final": 0.85, "final2": 0.84}


def files() -> list[Path]:
    given = os.environ.get("AIBRIEF_QUESTIONS")
    return [*sorted(OWN.glob("*.jsonl")), *([Path(given)] if given else [])]


def lines_of(labels: list[str]) -> set[tuple[str, int]]:
    found = set()
    for label in labels:
        source, _, span = label.partition(":")
        first, _, last = span.partition("-")
        found |= {(source, n) for n in range(int(first), int(last or first) + 1)}
    return found


def is_right(question: dict[str, Any], answer: Answer) -> bool:
    expect = question["expect"]
    if expect == "clarify":
        return answer.status is not Status.NOT_COVERED
    if expect == "not_covered" or answer.status is not Status.ANSWERED:
        return bool(answer.status.value == expect)
    cited = lines_of([str(c) for c in answer.citations])
    focused = len(cited & lines_of(question["ok"])) >= 0.5 * len(cited)
    every = all(cited & lines_of([label]) for label in question.get("must", []))
    some = question.get("must_any")
    return bool(cited) and focused and every and (not some or bool(cited & lines_of(some)))


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_labelled_questions(file: Path, catalog: Catalog) -> None:
    questions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    right, false_answers, false_abstentions = 0, 0, 0
    for question in questions:
        turns = [question["q"]] if isinstance(question["q"], str) else question["q"]
        plan = None
        for turn in turns:
            plan = answer_plan(turn, catalog, plan)
        assert plan is not None
        answer = compose(plan, catalog, TODAY)
        right += is_right(question, answer)
        given = (question["expect"], answer.status.value)
        false_answers += given == ("not_covered", "answered")
        false_abstentions += given == ("answered", "not_covered")
    outside = sum(q["expect"] == "not_covered" for q in questions)
    inside = sum(q["expect"] == "answered" for q in questions)
    assert right >= FLOORS.get(file.stem, 0.8) * len(questions)
    assert false_answers <= 0.1 * outside
    assert false_abstentions <= 0.05 * inside
