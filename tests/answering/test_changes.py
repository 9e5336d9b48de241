"""Two states of a library -> what is new, and how that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from bot.answering import phrases
from bot.answering.answer import MAX_TEXT_CHARS, Note
from bot.answering.catalog import Catalog
from bot.answering.changes import (
    Differences,
    Known,
    Snapshot,
    differences,
    is_another,
    known_differences,
    known_statements,
    news_plan,
    unread_briefs,
)
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.errors import Finding
from bot.language.pack import load_pack
from bot.library.model import Kind
from bot.platforms.plain import render_text
from tests.days import TODAY
from tests.never_invents import invented, known_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.answering.answer import Answer

SINCE = date(2026, 11, 16)
ASKED = {
    "en": "what's new?",
    "de": "was gibt es Neues?",
    "es": "novedades",
    "zh": "有什么新的",
    "ja": "新着",
}

NEWS = {code: file.news for code, file in load_pack().languages.items()}


def test_added_changed_and_withdrawn() -> None:
    before = {"same": "1", "changed": "1", "gone": "1"}
    after = {"new": "1", "same": "1", "changed": "2"}
    assert differences(before, after) == Differences(
        ("new",), ("changed",), ("gone",), ("new", "changed")
    )
    assert differences(after, after) == Differences()


def test_what_cannot_be_read_is_not_withdrawn() -> None:
    before = {"a": Known("1", "broken", "Broken"), "b": Known("1", "fine", "Fine")}
    assert known_differences(before, {}, frozenset({"broken"})).withdrawn == ("b",)
    moved = {"a": Known("2", "fine", "Fine")}
    assert known_differences(before, moved, frozenset({"broken"})).changed == ("a",)


def test_another_library_shares_no_id() -> None:
    one, other = ({name: Known("1", "b", "B")} for name in "ab")
    assert is_another(one, other)
    assert not is_another(one, {**one, **other})
    assert not is_another({}, one)


def before_without(catalog: Catalog, *names: str) -> Mapping[str, Known]:
    return {k: v for k, v in known_statements(catalog).items() if k not in names}


def news(catalog: Catalog, before: Mapping[str, Known], asked: str = ASKED["en"]) -> Answer:
    plan = news_plan(answer_plan(asked, catalog), Snapshot(SINCE, before), catalog, TODAY)
    return compose(plan, catalog, TODAY)


def test_what_is_new_is_shown_with_its_source(catalog: Catalog) -> None:
    before = {**before_without(catalog, "reaction-us"), "gone": Known("1", "old", "Old")}
    before["reaction-allies"] = Known("other", "reactions", "Reactions")
    answer = news(catalog, before)
    assert set(answer.snippets) == {"reaction-us", "reaction-allies"}
    assert all(s.citations for s in answer.statements())
    assert answer.blocks[:2] == (
        Note("Added or changed since 2026-11-16:"),
        Note("1 statement was withdrawn."),
    )
    assert [offer.ask for offer in answer.suggestions] == [catalog.homes["reaction-us"]]


@pytest.mark.parametrize("language", sorted(ASKED))
def test_it_is_said_in_the_language_of_the_question(language: str, catalog: Catalog) -> None:
    said = NEWS[language]
    nothing = news(catalog, known_statements(catalog), ASKED[language])
    assert nothing.blocks[-1] == Note(said.nothing.format(day=SINCE))
    some = news(catalog, before_without(catalog, "reaction-us"), ASKED[language])
    assert Note(said.new.format(day=SINCE)) in some.blocks
    unknown = compose(answer_plan(ASKED[language], catalog), catalog, TODAY)
    assert unknown.blocks[0] == Note(said.reviewed)


def test_a_long_list_has_pages_and_invents_nothing(any_catalog: Catalog) -> None:
    known = (
        known_texts(any_catalog)
        | {
            text.format(day=SINCE, count=count)
            for text in structs.astuple(NEWS["en"])
            for count in (1, 2)
        }
        | {phrases.NOTES["no-more"]}
    )
    gone = {name: Known("1", "old", "Old") for name in ("gone", "lost")}
    seen: list[str] = []
    for page in range(1, 100):
        answer = news(any_catalog, gone, f"news page {page}")
        assert invented(answer, known) == []
        assert len(render_text(answer)) <= MAX_TEXT_CHARS
        seen += answer.snippets
        if not any(offer.ask.startswith("news page") for offer in answer.suggestions):
            break
    assert seen == list(any_catalog.library.snippets)
    beyond = news(any_catalog, gone, f"news page {page + 1}")
    assert beyond.blocks == (Note(phrases.NOTES["no-more"]),)


def test_more_goes_on_and_a_reply_is_about_what_was_told(catalog: Catalog) -> None:
    plan = news_plan(answer_plan(ASKED["en"], catalog), Snapshot(SINCE, {}), catalog, TODAY)
    first = compose(plan, catalog, TODAY)
    more = compose(answer_plan("more", catalog, plan), catalog, TODAY)
    assert more.snippets
    assert not set(more.snippets) & set(first.snippets)
    second = compose(answer_plan("the second one", catalog, plan), catalog, TODAY)
    assert second.snippets == first.snippets[1:2]


def test_expired_statements_are_not_news(catalog: Catalog) -> None:
    library = catalog.library
    gone = structs.replace(library.snippets["reaction-us"], expires=TODAY - timedelta(days=1))
    changed = Catalog(
        replace(library, snippets={**library.snippets, "reaction-us": gone}), catalog.vocabulary
    )
    answer = news(changed, before_without(catalog, "reaction-us"))
    assert answer.blocks == (Note(NEWS["en"].nothing.format(day=SINCE)),)


def test_a_new_forecast_says_that_it_is_one(catalog: Catalog) -> None:
    forecast = next(s for s in catalog.library.snippets.values() if s.kind is Kind.OUTLOOK)
    (shown,) = news(catalog, before_without(catalog, forecast.id)).statements()
    assert shown.label == phrases.FORECAST


@pytest.mark.parametrize("file", ["reactions.yaml", "reactions.yml"])
def test_a_file_with_another_ending_is_not_read(file: str, catalog: Catalog) -> None:
    skipped = (Finding(file, 0, "It is not read.", "Rename it."),)
    cut = Catalog(replace(catalog.library, skipped=skipped), catalog.vocabulary)
    assert unread_briefs(cut) == {"reactions"}
