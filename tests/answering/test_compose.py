"""A plan becomes an answer: within its room, each statement once, tables with honest holes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.answering import phrases
from bot.answering.answer import MAX_TEXT_CHARS, Note, Plan, Statement, Status, Table, statement
from bot.answering.complete import completions
from bot.answering.compose import MAX_LABEL_CHARS, compose
from bot.answering.message import answer_plan
from bot.library.model import Citation, Kind, Outcome, Snippet
from bot.library.vocabulary import Intent
from bot.platforms.plain import render_text, statement_line
from tests.days import TODAY

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


def test_a_brief_begins_with_its_gist(catalog: Catalog) -> None:
    answer = compose(Plan(Status.ANSWERED, Intent.SUMMARY, "reactions"), catalog, TODAY)
    first = answer.blocks[0]
    assert isinstance(first, Statement)
    assert first.text == catalog.library.briefs["reactions"].gist.text


def test_pages_show_every_statement_of_a_brief_once(any_catalog: Catalog) -> None:
    """Single items of a list may be told by the list; else none hides another."""
    catalog = any_catalog
    for brief in catalog.library.briefs.values():
        shown: list[str] = []
        for page in range(1, 20):
            plan = Plan(Status.ANSWERED, Intent.SUMMARY, brief.slug, page=page)
            answer = compose(plan, catalog, TODAY)
            assert len(render_text(answer)) <= MAX_TEXT_CHARS
            shown += answer.snippets
            if not answer.snippets:
                break
        assert len(shown) == len(set(shown))
        told = {line for name in shown for line in lines(name, catalog)}
        for ref in brief.snippets:
            assert lines(ref, catalog) <= told, ref


def lines(name: str, catalog: Catalog) -> set[tuple[str, int]]:
    snippet = catalog.library.snippets.get(name)
    cited = snippet.citations if snippet else ()
    return {(c.source, n) for c in cited for n in range(c.first, c.last + 1)}


def test_past_the_last_page_it_says_so(catalog: Catalog) -> None:
    answer = compose(Plan(Status.ANSWERED, Intent.SUMMARY, "reactions", page=50), catalog, TODAY)
    assert answer.blocks == (Note(phrases.NOTES["no-more"]),)


def test_items_of_a_list_that_is_told_are_left_out(catalog: Catalog) -> None:
    plan = Plan(
        Status.ANSWERED, Intent.FACT, "why-it-matters", ("four-effects", "faster-innovation")
    )
    assert compose(plan, catalog, TODAY).snippets == ("four-effects",)


def test_an_empty_cell_says_no_sourced_claim(catalog: Catalog) -> None:
    plan = answer_plan("compare china and the us on safety", catalog)
    answer = compose(plan, catalog, TODAY)
    both, table = answer.blocks
    assert isinstance(both, Statement)
    assert both.snippet == "differences-list"
    assert isinstance(table, Table)
    assert table.columns == ("China", "United States")
    assert [(row.label, [len(cell) for cell in row.cells]) for row in table.rows] == [
        ("Safety", [0, 1])
    ]
    assert f"Safety / China: {phrases.NO_CLAIM}" in render_text(answer)


def test_a_side_never_shows_a_claim_about_the_other(catalog: Catalog) -> None:
    for question in ("china vs us", "compare europe and the us", "open vs closed"):
        plan = answer_plan(question, catalog)
        table = compose(plan, catalog, TODAY).blocks[-1]
        assert isinstance(table, Table)
        for row in table.rows:
            for side, cell in zip(plan.actors, row.cells, strict=True):
                for shown in cell:
                    assert side in catalog.sides[shown.snippet]


def test_ids_that_are_gone_are_left_out(catalog: Catalog) -> None:
    plan = Plan(Status.ANSWERED, Intent.FACT, "no-brief", ("no-snippet", "reaction-us"))
    assert compose(plan, catalog, TODAY).snippets == ("reaction-us",)
    gone = Plan(Status.CLARIFY, Intent.FACT, nearest=("no-brief", "reactions"))
    assert [s.ask for s in compose(gone, catalog, TODAY).suggestions] == ["reactions"]


def test_suggestions_are_made_of_ids_and_short(catalog: Catalog) -> None:
    for question in (
        "china vs us",
        "what comes next",
        "weather",
        "list",
        "help",
        "",
        "ai",
        "who has access to the attic",
    ):
        for offer in compose(answer_plan(question, catalog), catalog, TODAY).suggestions:
            assert len(offer.label) <= MAX_LABEL_CHARS
            assert len(offer.ask) <= 100
            assert all(c.isalnum() or c in "- " for c in offer.ask)


def test_a_forecast_says_who_holds_it_and_what_came_of_it() -> None:
    snippet = Snippet(
        id="x",
        text="It will rain.",
        kind=Kind.OUTLOOK,
        actors=(),
        aspects=(),
        citations=(Citation("S1", 3, 3),),
        attribution="a forecaster",
        look_again=date(2027, 1, 1),
    )
    assert statement(snippet, TODAY).outcome == phrases.OPEN
    assert (
        statement_line(statement(snippet, TODAY))
        == "Forecast (a forecaster): It will rain. [S1:3]"
    )
    told = structs.replace(snippet, outcome=Outcome("It rained.", (Citation("S2", 1, 2),)))
    assert statement_line(statement(told, TODAY)) == (
        "Forecast (a forecaster): It will rain. It rained. [S1:3, S2:1-2]"
    )


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "china-vs-us"),
        ("react", "reactions"),
        ("chna vs", "china-vs-us"),
        ("govern", "governance"),
        ("eu", "reactions"),
        ("what comes nxt", "what-comes-next"),
        ("was kommt als nächstes", "what-comes-next"),
    ],
)
def test_completions_begin_with_briefs(typed: str, first: str, catalog: Catalog) -> None:
    found = completions(typed, catalog, 25)
    assert found[0].ask == first
    assert len(found) <= 25


@pytest.mark.parametrize("typed", ["中国和美国", "China gegen USA", "wer reagiert wie"])
def test_what_would_be_answered_comes_first(typed: str, catalog: Catalog) -> None:
    brief = answer_plan(typed, catalog).brief
    assert brief
    assert completions(typed, catalog)[0].ask == brief


def test_what_begins_so_comes_before_what_is_meant(catalog: Catalog) -> None:
    found = completions("cost", catalog, 25)
    slugs = [s.ask for s in found if s.ask in catalog.library.briefs]
    assert slugs[0] == "cost-and-pricing"
    assert [s.ask for s in found[: len(slugs)]] == slugs
    assert any("cost" in s.ask.casefold() for s in found[len(slugs) :])


@given(st.text(max_size=60))
def test_any_text_is_completed_within_the_limit(catalog: Catalog, typed: str) -> None:
    found = completions(typed, catalog, 7)
    assert len(set(found)) == len(found) <= 7


def test_a_note_of_another_version_is_left_out(catalog: Catalog) -> None:
    plan = Plan(Status.ANSWERED, Intent.SUMMARY, "reactions", notes=("a-note-to-come",))
    assert all(isinstance(block, Statement) for block in compose(plan, catalog, TODAY).blocks)


def test_one_aspect_is_one_row(catalog: Catalog) -> None:
    plan = answer_plan("compare china and the us on cost", catalog)
    table = compose(plan, catalog, TODAY).blocks[-1]
    assert isinstance(table, Table)
    assert [row.label for row in table.rows] == ["Cost and pricing"]
