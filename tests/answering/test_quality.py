"""Answer quality on labelled questions must not fall; files that are not there are skipped."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.scoring import Reply, cited_lines, judge, load_questions, score
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.decide import answer_plan
from bot.library.loader import load_library, load_vocabulary
from tests.conftest import LIBRARIES
from tests.days import TODAY

if TYPE_CHECKING:
    from benchmarks.scoring import Question, Verdict

OWN = Path(__file__).parents[2] / "benchmarks" / "questions"
FLOORS = {
    "dev": 0.95,
    "tune": 0.85,
    "heldout": 0.84,
    "final": 0.85,
    "final2": 0.84,
    "final3": 0.84,
    "final4": 0.86,
    "final5": 0.84,
    "final6": 0.88,
    "final7": 0.88,
}


def files() -> list[Path]:
    given = os.environ.get("AIBRIEF_QUESTIONS")
    own = (file for file in sorted(OWN.glob("*.jsonl")) if not file.stem.endswith("-unread"))
    return [*own, *([Path(given)] if given else [])]


@cache
def catalog_for(stem: str) -> Catalog:
    """The library that a set of questions is put to, by the first part of its name."""
    place = LIBRARIES.get(stem.partition("-")[0], LIBRARIES["shipped"])
    return Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))


def judged(question: Question, catalog: Catalog) -> Verdict:
    plan = None
    for turn in question.turns:
        plan = answer_plan(turn, catalog, plan)
    assert plan is not None
    answer = compose(plan, catalog, TODAY)
    return judge(question, Reply(answer.status, cited_lines(answer.citations)))


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_labelled_questions(file: Path) -> None:
    catalog = catalog_for(file.stem)
    counted = score([judged(question, catalog) for question in load_questions(file)])
    assert counted.share >= FLOORS.get(file.stem, 0.8)
    assert counted.false_answers <= 0.1 * counted.uncovered
    assert counted.false_abstentions <= 0.05 * counted.covered
