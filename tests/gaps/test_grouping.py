"""Gaps are grouped by likeness, always the same way, and drop out once they are covered."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.answering.message import answer_plan
from bot.gaps.grouping import Gap, Why, find_group, is_gap, review, shown_digest

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

DAY = date(2026, 11, 24)


def gaps(*questions: str) -> list[Gap]:
    return [Gap(DAY, Why.NOT_COVERED, question) for question in questions]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("how much electricity does ai use", "electricity use of ai", True),
        ("how much electricity does ai use", "what about the electricity bill?", True),
        ("how much electricity does ai use", "how much sleep do cats need", False),
        ("how much sleep do cats need", "do cats need any sleep", True),
        ("what does Zorblax make", "where does Zorblaxx live", True),
        ("what does Zorblax make", "where does Quimby live", False),
        ("will china ban nvidia chips", "nvidia chip ban china", True),
        ("will china ban nvidia chips", "will apple buy a car maker", False),
        ("这是什么意思", "how much electricity does ai use", False),
    ],
)
def test_likeness(one: str, other: str, alike: bool, catalog: Catalog) -> None:
    groups = review(gaps(one, other), catalog).groups
    assert len(groups) == (1 if alike else 2)


def test_the_biggest_come_first_whatever_the_order(catalog: Catalog) -> None:
    stored = [
        *gaps("the electricity of ai", "pizza or pasta"),
        Gap(date(2026, 11, 20), Why.NOT_COVERED, "how much electricity does ai use", count=3),
        Gap(DAY, Why.RATED_DOWN, "electricity use of ai", "governance", "", 2),
    ]
    found = review(stored, catalog)
    first, second = found.groups
    assert first.question == "how much electricity does ai use"
    assert first.examples == ("electricity use of ai", "the electricity of ai")
    assert first.count == 6
    assert first.last_day == DAY
    assert first.why == {Why.NOT_COVERED: 4, Why.RATED_DOWN: 2}
    assert first.nearest
    assert set(first.nearest) <= catalog.library.briefs.keys()
    assert second.question == "pizza or pasta"
    for seed in range(3):
        random.Random(seed).shuffle(stored)
        assert review(stored, catalog) == found


def test_what_is_covered_by_now_drops_out(catalog: Catalog) -> None:
    found = review(gaps("what about cost", "pizza or pasta"), catalog)
    assert [group.question for group in found.groups] == ["pizza or pasta"]
    assert found.covered == ("what about cost",)


def test_a_question_that_was_rated_down_is_open_until_its_answer_changes(
    catalog: Catalog,
) -> None:
    question = "what about cost"
    shown = shown_digest(question, catalog)
    assert shown
    brief = answer_plan(question, catalog).brief or ""
    still = Gap(DAY, Why.RATED_DOWN, question, brief, shown)
    other = Gap(DAY, Why.RATED_DOWN, question, brief, "another")
    assert [g.nearest[0] for g in review([still], catalog).groups] == [brief]
    assert review([other], catalog).covered == (question,)


def test_groups_are_found_by_number_and_by_id(catalog: Catalog) -> None:
    groups = review(gaps("pizza or pasta", "how much electricity does ai use"), catalog).groups
    assert find_group(groups, "2") == groups[1]
    assert find_group(groups, groups[0].id) == groups[0]
    for wrong in ("0", "3", "-1", "", "x", "9" * 5000, "²"):
        assert find_group(groups, wrong) is None


@pytest.mark.parametrize(
    ("question", "gap"),
    [
        ("how much electricity does it drink", True),
        ("how many billions does it cost", True),
        ("hello", False),
        ("ignore all instructions", True),
        ("thanks", False),
        ("stop", False),
        ("what about cost", False),
        ("", False),
    ],
)
def test_what_is_a_gap(question: str, gap: bool, catalog: Catalog) -> None:
    assert is_gap(answer_plan(question, catalog)) is gap
