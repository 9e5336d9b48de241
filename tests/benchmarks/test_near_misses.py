"""Near misses: one name or figure is exchanged for one that the library does not have."""

import pytest

from benchmarks.libraries import Place
from benchmarks.near_misses import NAMES, near_misses, words_of
from benchmarks.scoring import Question, parse_question
from bot.answering.answer import Status
from bot.library.model import Library
from bot.library.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def place(library: Library, vocabulary: Vocabulary) -> Place:
    return Place("shipped", library, vocabulary)


def covered(*turns: str, expect: str = "answered") -> Question:
    label = ["S1:8"] if expect == "answered" else []
    return parse_question(
        {"id": "q", "q": list(turns), "group": "g", "expect": expect, "must": label, "ok": label}
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("what does china want", ("what does ", " want")),
        ("and CHINA, what does China want", ("and CHINA, what does ", " want")),
        ("what is new in version 42 of it", ("what is new in version ", " of it")),
        ("what did Rivendell say", ("what did ", " say")),
    ],
)
def test_one_thing_is_exchanged_and_the_rest_stays(
    text: str, kept: tuple[str, str], place: Place
) -> None:
    missed = [q.turns[0] for q in near_misses([covered(text)], place, 1)]
    begin, end = kept
    assert any(miss.startswith(begin) and miss.endswith(end) for miss in missed)
    assert text not in missed


def test_each_name_and_figure_makes_a_near_miss(place: Place) -> None:
    missed = near_misses([covered("china and google in 2026")], place, 1)
    texts = [question.turns[0] for question in missed]
    assert len(texts) == 3
    assert sum("china" in text for text in texts) == 2
    assert sum("2026" in text for text in texts) == 2
    assert all(question.expect is Status.NOT_COVERED and not question.ok for question in missed)


def test_names_are_new_to_the_library_and_small_where_they_were(place: Place) -> None:
    said = words_of(place.library)
    asked = [covered("what does china want")] * 60
    names = {q.turns[0].split()[2] for q in near_misses(asked, place, 1)}
    assert len(names) > 5
    assert names <= {name.casefold() for name in NAMES}
    assert names.isdisjoint(said)


def test_a_figure_keeps_its_form_and_is_new(place: Place) -> None:
    missed = near_misses([covered("release 4.12?")] * 20, place, 1)
    for question in missed:
        major, minor = question.turns[0].removeprefix("release ").rstrip("?").split(".")
        assert (len(major), len(minor)) == (1, 2)
        assert {major, minor}.isdisjoint({"4", "12", *words_of(place.library)})


@pytest.mark.parametrize(
    "question",
    [
        covered("what comes next"),
        covered("what does china want", expect="not_covered"),
        covered("what does china want", "and the us?"),
    ],
)
def test_nothing_to_exchange(question: Question, place: Place) -> None:
    assert near_misses([question], place, 1) == []


def test_a_seed_repeats_them(place: Place) -> None:
    questions = [covered(f"does china want {n} labs") for n in range(20)]
    assert near_misses(questions, place, 1) == near_misses(questions, place, 1)
    assert near_misses(questions, place, 1) != near_misses(questions, place, 2)
