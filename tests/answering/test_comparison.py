"""Comparisons: sides that are known, rows that were asked for, statements on several sides."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Status, Table
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.library.vocabulary import Intent
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ("compare china and the us on horoscopes", "horoscopes"),
        ("china vs us: pensions", "pensions"),
        ("how do china and the us differ in cuisine", "cuisine"),
    ],
)
def test_an_aspect_that_is_not_there_is_no_general_table(
    asked: str, missing: str, catalog: Catalog
) -> None:
    plan = answer_plan(asked, catalog)
    assert plan.status in {Status.NEAREST, Status.NOT_COVERED}
    assert missing in plan.missing
    answer = compose(plan, catalog, TODAY)
    assert not any(isinstance(block, Table) for block in answer.blocks)


@pytest.mark.parametrize(
    "asked", ["us vs martians", "compare wakanda and china", "china or narnia"]
)
def test_a_side_that_nobody_knows_is_not_compared(asked: str, catalog: Catalog) -> None:
    plan = answer_plan(asked, catalog)
    assert plan.status is not Status.ANSWERED
    assert plan.actors == ()


def test_a_statement_on_both_sides_is_part_of_it(catalog: Catalog) -> None:
    plan = answer_plan("compare china and the us on safety", catalog)
    shown = compose(plan, catalog, TODAY)
    both = [s.snippet for s in shown.statements() if {"china", "us"} <= catalog.sides[s.snippet]]
    assert both == ["differences-list"]
    table = shown.blocks[-1]
    assert isinstance(table, Table)
    in_cells = {s.snippet for row in table.rows for cell in row.cells for s in cell}
    assert in_cells.isdisjoint(both)


@pytest.mark.parametrize(
    ("asked", "aspects"),
    [
        ("compare china and the us on safety", ("safety",)),
        ("compare china and us on cost", ("cost",)),
        ("china vs us on openness and safety", ("openness", "safety")),
    ],
)
def test_rows_are_what_was_asked(asked: str, aspects: tuple[str, ...], catalog: Catalog) -> None:
    assert answer_plan(asked, catalog).aspects == aspects


def test_rows_that_both_sides_have_come_first(catalog: Catalog) -> None:
    plan = answer_plan("china vs us", catalog)
    cells = [
        sum(bool(cell) for cell in row.cells)
        for page in (1, 2, 3, 4)
        for block in compose(
            answer_plan(f"china vs us page {page}", catalog), catalog, TODAY
        ).blocks
        if isinstance(block, Table)
        for row in block.rows
    ]
    assert cells[0] == 2
    assert len(plan.aspects) >= len(cells)
    assert cells == sorted(cells, reverse=True)


@pytest.mark.parametrize("asked", ["the other side?", "what does the other side say"])
def test_the_other_side_is_a_comparison(asked: str, catalog: Catalog) -> None:
    plan = answer_plan(asked, catalog, answer_plan("china vs us", catalog))
    assert (plan.status, plan.intent) == (Status.ANSWERED, Intent.COMPARE)


def test_no_sourced_claim_is_said_only_where_there_is_none(catalog: Catalog) -> None:
    for page in (1, 2, 3):
        plan = answer_plan(f"china vs us page {page}", catalog)
        labels = {catalog.vocabulary.label(a): a for a in plan.aspects}
        for block in compose(plan, catalog, TODAY).blocks:
            for row in block.rows if isinstance(block, Table) else ():
                for side, cell in zip(plan.actors, row.cells, strict=True):
                    has = any(
                        labels[row.label] in catalog.takes_up[name] for name in catalog.about[side]
                    )
                    assert bool(cell) == has


def test_two_sides_of_the_examples(any_catalog: Catalog) -> None:
    """Any two sides of one family that something is said of can be compared, in each library."""
    told = [a for a, own in any_catalog.about.items() if len(own) > 2]
    label = any_catalog.vocabulary.label
    compared = 0
    for one, other in pairwise(told):
        plan = answer_plan(f"{label(one)} vs {label(other)}", any_catalog)
        if plan.actors:
            compared += 1
            assert any_catalog.families[plan.actors[0]] == any_catalog.families[plan.actors[1]]
    assert compared
