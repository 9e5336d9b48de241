"""Asks that stand where they do not belong are found, and those where they belong left alone."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.curating.coverage import measure_brief, near_misses, unused_forms
from bot.curating.golden import DETAILS, explain, stand
from bot.curating.starting import starter_files
from bot.library.loader import load_library, load_vocabulary
from tests.conftest import LIBRARIES

if TYPE_CHECKING:
    from pathlib import Path

    from bot.library.model import Library

PLANTED = 60


@pytest.fixture(scope="module")
def handbook() -> Catalog:
    return load("handbook")


def load(name: str) -> Catalog:
    place = LIBRARIES[name]
    return Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))


def asks_of(library: Library) -> list[tuple[str, str]]:
    return [(s.id, ask) for s in library.snippets.values() for ask in s.asks]


def moved(library: Library, ask: str, old: str | None, new: str) -> Library:
    """The library where an ask stands with another statement."""
    snippets = dict(library.snippets)
    if old:
        kept = tuple(each for each in snippets[old].asks if each != ask)
        snippets[old] = structs.replace(snippets[old], asks=kept)
    snippets[new] = structs.replace(snippets[new], asks=(*snippets[new].asks, ask))
    return replace(library, snippets=snippets)


def is_found(ask: str, name: str, catalog: Catalog) -> bool:
    standing = stand(ask, name, catalog)
    return standing.misplaced or standing.alone


def test_asks_put_to_another_statement_are_found(handbook: Catalog) -> None:
    library, chance = handbook.library, random.Random(7)
    asks = chance.sample(asks_of(library), PLANTED)
    found = 0
    for old, ask in asks:
        new = chance.choice([name for name in library.snippets if name != old])
        changed = Catalog(moved(library, ask, old, new), handbook.vocabulary)
        found += is_found(ask, new, changed)
    assert found >= 0.85 * PLANTED
    assert sum(is_found(ask, name, handbook) for name, ask in asks) <= 0.2 * PLANTED


def test_questions_of_another_subject_are_found_as_asks(handbook: Catalog) -> None:
    library, chance = handbook.library, random.Random(7)
    foreign = [ask for _, ask in chance.sample(asks_of(load("migration").library), PLANTED)]
    names = chance.choices(list(library.snippets), k=PLANTED)
    found = 0
    for ask, name in zip(foreign, names, strict=True):
        changed = Catalog(moved(library, ask, None, name), handbook.vocabulary)
        found += is_found(ask, name, changed)
    assert found >= 0.85 * PLANTED


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        ("when did us policymakers decide to keep the lead in technology", "a date"),
        ("us policymakers keep the falconry lead", "'falconry'"),
    ],
)
def test_what_a_statement_does_not_give_is_found(catalog: Catalog, ask: str, why: str) -> None:
    """Though it shares words with the statement, and nothing else answers it."""
    standing = stand(ask, "reaction-us", catalog, written=False)
    assert standing.alone
    assert why in {*(DETAILS[d] for d in standing.lacks), *(f"'{w}'" for w in standing.missing)}


def test_leaving_out_is_like_never_having_written_it(handbook: Catalog) -> None:
    """The index without an ask ranks as one that is made without it."""
    library = handbook.library
    for name, ask in asks_of(library)[::17]:
        kept = tuple(each for each in library.snippets[name].asks if each != ask)
        bare = structs.replace(library.snippets[name], asks=kept)
        made = Catalog(
            replace(library, snippets={**library.snippets, name: bare}), handbook.vocabulary
        )
        left = handbook.without_ask(name, ask)
        assert answer_plan(ask, left).snippets == answer_plan(ask, made).snippets, ask
    assert answer_plan(ask, handbook).snippets == (name,)


def test_what_won_is_told(handbook: Catalog) -> None:
    for question, told in (
        ("do i get a laptop", "(on: "),
        ("thanks", "a reply about the bot (thanks)"),
        ("how tall is the eiffel tower", "not_covered"),
    ):
        assert told in explain(question, answer_plan(question, handbook), handbook)


def test_coverage_of_a_brief(handbook: Catalog) -> None:
    brief = handbook.library.briefs["annual-leave"]
    found = measure_brief(brief, handbook)
    assert found.statements == len(brief.own)
    assert 0 < found.alone < found.asks
    assert not found.silent
    assert set(found.wrong) <= {
        miss
        for name in brief.own
        for ask in handbook.library.snippets[name].asks
        for miss in near_misses(ask, handbook.library.snippets[name], handbook)
    }
    bare = replace(handbook.library, snippets={}, briefs={})
    assert set(unused_forms(handbook.library, handbook.vocabulary)) < set(
        unused_forms(bare, handbook.vocabulary)
    )


def test_near_misses_exchange_names_and_figures_without_a_vocabulary(tmp_path: Path) -> None:
    for name, text in starter_files(date(2026, 11, 1)).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    library = load_library(tmp_path / "briefs").library
    first, *others = library.snippets.values()
    told = structs.replace(
        first, text="It is for Abara and Lindqvist to decide, and Abara and Lindqvist sign."
    )
    library = replace(library, snippets={told.id: told, **{s.id: s for s in others}})
    small = Catalog(library, load_vocabulary(tmp_path))
    for ask, miss in (
        ("what does abara decide", "what does Lindqvist decide"),
        ("are ten books enough", "are four books enough"),
        ("how many books in 2026", "how many books in 2033"),
        ("who signs", None),
    ):
        assert list(near_misses(ask, told, small)) == ([miss] if miss else [])
