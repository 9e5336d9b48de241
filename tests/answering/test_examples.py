"""The example libraries: whole, true to their documents, and answered like the shipped one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.cli.command_line import main
from bot.curating.check import check_library, read_documents
from bot.library.loader import load_library, load_vocabulary
from tests.conftest import LIBRARIES
from tests.days import TODAY
from tests.never_invents import invented, known_texts

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = sorted(name for name, place in LIBRARIES.items() if (place / "documents").is_dir())


@pytest.fixture(params=EXAMPLES)
def place(request: pytest.FixtureRequest) -> Path:
    return LIBRARIES[request.param]


def test_there_are_two() -> None:
    assert EXAMPLES == ["handbook", "migration"]


def test_each_is_true_to_its_documents(place: Path) -> None:
    loaded = load_library(place / "briefs")
    catalog = Catalog(loaded.library, load_vocabulary(place / "config"))
    documents = read_documents(loaded.library, place / "documents")
    found = check_library(loaded, catalog, loaded.briefs[0].brief.reviewed, documents)
    assert [str(f) for f in found if f.level == "error" or "shares hardly" in str(f)] == []


def test_each_is_asked_at_the_command_line(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--briefs", str(place / "briefs"), "--config", str(place / "config")]
    for brief in load_library(place / "briefs").library.briefs.values():
        with pytest.raises(SystemExit) as done:
            main(["ask", *folders, brief.slug])
        assert done.value.code == 0
        told = capsys.readouterr().out
        library = load_library(place / "briefs").library
        assert any(library.snippets[name].text in told for name in brief.snippets)


def test_every_ask_opens_what_it_was_written_to(any_catalog: Catalog) -> None:
    """Word for word, with any marks around it; an ask of two statements opens one of them."""
    library = any_catalog.library
    owners: dict[str, set[str]] = {}
    for each, asks in (
        *((s.id, s.asks) for s in library.snippets.values()),
        *((b.slug, b.asks) for b in library.briefs.values()),
    ):
        for ask in asks:
            owners.setdefault(ask.casefold().strip(" ?!."), set()).add(each)
    for ask, wanted in owners.items():
        plan = answer_plan(f"{ask.upper()} ??", any_catalog)
        assert plan.status is Status.ANSWERED, ask
        assert wanted & {plan.brief, *plan.snippets}, ask


@pytest.fixture(scope="module", params=sorted(LIBRARIES))
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A library without any vocabulary: its actors and aspects are taken out."""
    briefs = tmp_path_factory.mktemp(request.param) / "briefs"
    shutil.copytree(LIBRARIES[request.param] / "briefs", briefs)
    for file in briefs.glob("*.yaml"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [s for s in lines if not s.strip().startswith(("actors:", "aspects:", "actor:"))]
        file.write_text("".join(kept), encoding="utf-8")
    return Catalog(load_library(briefs).library, load_vocabulary(briefs))


def test_a_library_without_vocabulary_answers(bare: Catalog) -> None:
    for brief in bare.library.briefs.values():
        assert answer_plan(brief.title, bare).brief == brief.slug
    for snippet in bare.library.snippets.values():
        for ask in snippet.asks[:2]:
            assert answer_plan(ask, bare).status is Status.ANSWERED
    assert answer_plan("help", bare).about


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_a_library_without_vocabulary_takes_any_text(bare: Catalog, text: str) -> None:
    answer = compose(answer_plan(text, bare), bare, TODAY)
    assert invented(answer, known_texts(bare)) == []


@pytest.mark.parametrize(
    ("name", "asked", "shown"),
    [
        ("migration", "rate limit v3 vs v2", {"v3-limits", "v2-limits"}),  # not just any limit
        ("migration", "limits: v2 vs v3", {"v3-limits", "v2-limits"}),
        ("handbook", "do i need a doctors note for 2 days off sick", {"reporting-sick"}),
        ("handbook", "mileage rate pls", {"mileage"}),
    ],
)
def test_what_answers_best_is_shown(name: str, asked: str, shown: set[str]) -> None:
    place = LIBRARIES[name]
    catalog = Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))
    plan = answer_plan(asked, catalog)
    assert plan.status is Status.ANSWERED
    assert shown <= set(plan.snippets)


@pytest.mark.parametrize("asked", ["will there be a version 4", "best pizza place nearby?"])
def test_a_figure_of_speech_is_not_near(asked: str) -> None:
    place = LIBRARIES["migration"]
    catalog = Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))
    assert answer_plan(asked, catalog).status is Status.NOT_COVERED


def test_of_equal_statements_what_is_so_comes_before_what_is_expected() -> None:
    place = LIBRARIES["handbook"]
    catalog = Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))
    assert answer_plan("mileage rate pls", catalog).snippets[0] == "mileage"


def test_two_questions_in_one_sentence_are_two(catalog: Catalog) -> None:
    asked = "who wins from this and what are the risks for security"
    assert "asked-more" in answer_plan(asked, catalog).notes
    assert "asked-more" not in answer_plan("what are the risks for security", catalog).notes
