"""What `aibrief check` finds in a library that loads."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.answering.catalog import Catalog
from bot.curating.check import _SENTENCE_END, MAX_SENTENCES, _runs, check_library, read_documents
from bot.errors import ContentError, DocumentError
from bot.library.loader import load_library
from tests.library.test_loader import change

if TYPE_CHECKING:
    from bot.errors import Finding
    from bot.library.loader import LoadedLibrary
    from bot.library.vocabulary import Vocabulary

TODAY = date(2026, 2, 1)


def check(
    folder: Path, vocabulary: Vocabulary, documents: Path | None = None, today: date = TODAY
) -> list[Finding]:
    loaded = load_library(folder)
    given = read_documents(loaded.library, documents) if documents else None
    return check_library(loaded, Catalog(loaded.library, vocabulary), today, given)


def test_a_sound_library_has_no_finding(
    folder: Path, vocabulary: Vocabulary, documents: Path
) -> None:
    assert check(folder, vocabulary, documents) == []


@pytest.mark.parametrize(
    ("old", "new", "level", "told"),
    [
        (
            "actors: [users]",
            "actors: [martians]",
            "error",
            "pets.yaml:13: error: cats-sleep: 'martians'",
        ),
        ("aspects: [cost]", "aspects: [china]", "error", "'china' is not in aspects.yaml"),
        ("kind: claim", "kind: outlook", "error", "does not say who holds it"),
        (
            "kind: fact",
            "kind: fact\n    look_again: 2027-01-01",
            "error",
            "cannot have an outcome",
        ),
        (
            "kind: fact",
            "kind: outlook\n    attribution: a vet\n    look_again: 2026-01-31",
            "warning",
            "looked at again on 2026-01-31",
        ),
        (
            "reviewed: 2026-01-15",
            "reviewed: 2025-01-15",
            "warning",
            "pets.yaml:4: warning: Its review",
        ),
        (
            "kind: fact",
            "kind: fact\n    expires: 2026-01-31",
            "warning",
            "dogs-bark has expired on 2026-01-31",
        ),
        (
            "kind: fact",
            "kind: fact\n    review_by: 2026-01-31",
            "warning",
            "review of dogs-bark was due on 2026-01-31",
        ),
        (
            "kind: fact",
            "kind: open-question\n    attribution: a vet\n    outcome:\n"
            "      text: They do.\n      citations: [S1:3]\n      verdict: came-true",
            "error",
            "it cannot come true",
        ),
        (
            "snippets:",
            "must_not_cover:\n  - do dogs bark\n  - what do cats do by day\nsnippets:",
            "error",
            "pets.yaml:11: error: 'what do cats do by day' must not be answered",
        ),
        ("reviewed: 2026-01-15", "reviewed: 2027-01-15", "error", "reviewed in the future"),
        (
            "bark of dogs is heard at night.",
            "bark. Of dogs. At night.",
            "error",
            "more than 2 sentences",
        ),
    ],
)
def test_findings(
    folder: Path, vocabulary: Vocabulary, old: str, new: str, level: str, told: str
) -> None:
    change(folder, old, new)
    found = check(folder, vocabulary)
    assert [f.level for f in found if told in str(f)] == [level]


def test_documents_that_are_missing_are_said_once(
    folder: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    found = check(folder, vocabulary, tmp_path / "none")
    assert [(f.file, f.level) for f in found] == [("sources.yaml", "error")]
    with pytest.raises(DocumentError, match="There is no folder"):
        check(folder, vocabulary, tmp_path / "nowhere")


def test_aliases_that_collide(folder: Path, vocabulary: Vocabulary) -> None:
    other = (folder / "pets.yaml").read_text().replace("slug: pets", "slug: beasts")
    other = other.replace("title: Cats and dogs", "title: Beasts\naliases: [Pets]")
    other = other.replace("id: cats-sleep", "id: cats-nap").replace(
        "id: dogs-bark", "id: dogs-howl"
    )
    (folder / "beasts.yaml").write_text(other)
    assert any("'pets' also names the brief beasts" in str(f) for f in check(folder, vocabulary))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("citations: [S1:3]", "citations: [S1:2]", "S1:3 is cited by no snippet"),
        ("The bark of dogs is heard at night.", "Fees are due in May.", "shares hardly a word"),
        (
            "According to one study cats spend their day asleep, most of it.",
            "Cats sleep most of the day, one study says, and purr.",
            "copied from S1:2",
        ),
    ],
)
def test_against_the_documents(
    folder: Path, vocabulary: Vocabulary, documents: Path, old: str, new: str, told: str
) -> None:
    change(folder, old, new)
    change(folder, "citations: [S1:2-3]", "citations: [S1:2]")
    assert any(told in str(f) for f in check(folder, vocabulary, documents))


def test_documents_that_changed_or_are_missing(
    folder: Path, vocabulary: Vocabulary, documents: Path
) -> None:
    (documents / "pets.txt").write_text("Heading\nCats sleep.\n")
    told = "\n".join(map(str, check(folder, vocabulary, documents)))
    assert "another sha256" in told
    assert "has 2 lines and not 3" in told
    (documents / "pets.txt").unlink()
    assert any("there is no file pets.txt" in str(f) for f in check(folder, vocabulary, documents))


def test_the_shipped_library_has_no_error(loaded: LoadedLibrary, catalog: Catalog) -> None:
    found = check_library(loaded, catalog, loaded.briefs[0].brief.reviewed)
    assert [str(f) for f in found if f.level == "error"] == []


def test_the_shipped_library_against_its_documents(
    loaded: LoadedLibrary, catalog: Catalog
) -> None:
    place = Path(__file__).parents[3] / "shared" / "documents"
    if not place.is_dir():
        pytest.skip("the documents are not part of the project")
    documents = read_documents(loaded.library, place)
    found = check_library(loaded, catalog, loaded.briefs[0].brief.reviewed, documents)
    assert [str(f) for f in found if f.level == "error" or "shares hardly" in str(f)] == []


def test_an_outcome_is_checked_like_a_snippet(
    folder: Path, vocabulary: Vocabulary, documents: Path
) -> None:
    told = (
        "kind: outlook\n    attribution: a vet\n    outcome: {text: Fees fell., citations: [S1:1]}"
    )
    change(folder, "kind: fact", told)
    assert any("shares hardly a word" in str(f) for f in check(folder, vocabulary, documents))


def test_a_question_that_must_not_be_covered_is_named_with_its_line(
    folder: Path, vocabulary: Vocabulary
) -> None:
    asks = "asks:\n  - will it rain on saturday\n  - do cats spend most of the day asleep\n"
    (folder / "must_not_cover.yaml").write_text(asks)
    (found,) = check(folder, vocabulary)
    assert str(found).startswith(
        "must_not_cover.yaml:3: error: 'do cats spend most of the day asleep' must not"
    )
    assert "cats-sleep" in str(found)


def test_asks_of_what_has_expired_are_not_looked_at(folder: Path, vocabulary: Vocabulary) -> None:
    change(folder, "- do cats spend most of the day asleep", "- how many percent of cats sleep")
    change(folder, "kind: claim", "kind: claim\n    expires: 2026-01-31")
    assert [f.level for f in check(folder, vocabulary)] == ["warning"]


def test_a_wrong_list_is_named(folder: Path) -> None:
    (folder / "must_not_cover.yaml").write_text("asks: do cats sleep\n")
    with pytest.raises(ContentError, match=r"must_not_cover\.yaml:1: error: asks"):
        load_library(folder)


def test_an_address_is_one_word_of_what_is_copied() -> None:
    assert not list(_runs("email the board at board@club.example.org", 8))
    assert len(list(_runs("mail them all at the first of each month", 8))) == 2


def test_a_figure_is_one_word_of_what_is_copied() -> None:
    assert not list(_runs("$33.8 million in all, or $6,500 each", 8))


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (
            "It opens at 6 a.m. on weekdays. It closes at 8 p.m. in the U.S. and later elsewhere.",
            0,
        ),
        ("It opens at six. It closes at eight. It rests.", 1),
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str, more: int) -> None:
    assert max(0, len(_SENTENCE_END.findall(text)) - MAX_SENTENCES) == more
