"""Questions made by rule: labelled as they must be, and the same each time."""

import re
from dataclasses import replace

import pytest

from benchmarks.libraries import Place, load_places
from benchmarks.made import (
    EMOJI_CODES,
    GENERAL,
    joined_words,
    leave_one_out,
    of_others,
    with_emoji,
)
from benchmarks.rounds import PLAIN, SEEN, Half, Material
from benchmarks.scoring import Question
from bot.answering.answer import Status


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    return load_places()


def question(name: str, group: str = "fact", turns: tuple[str, ...] = ("who?",)) -> Question:
    lines = frozenset({("S1", 8)})
    return Question(name, turns, group, Status.ANSWERED, (lines,), (), lines)


def test_questions_of_others_must_be_declined() -> None:
    asked = {
        name: [question(f"{name}-{group}", group) for group in ("fact", *GENERAL)]
        for name in "abc"
    }
    asked["c"].append(replace(question("c-none"), expect=Status.NOT_COVERED))
    found = of_others(asked, "b")
    assert [each.id for each in found] == ["a-fact-made", "c-fact-made"]
    assert all(each.expect is Status.NOT_COVERED and not each.must for each in found)


def test_the_halves_leave_out_different_briefs(places: dict[str, Place]) -> None:
    place = places["migration"]
    halves = [list(leave_one_out(place, half, 5, 1)) for half in (0, 1)]
    names = [{smaller.name for smaller, _ in half} for half in halves]
    assert names[0].isdisjoint(names[1])
    with_own = [brief for brief in place.library.briefs.values() if brief.own]
    assert sum(map(len, names)) == len(with_own)


def test_only_what_was_taken_out_is_asked(places: dict[str, Place]) -> None:
    whole = places["migration"].library
    for smaller, asked in leave_one_out(places["migration"], 0, 5, 1):
        gone = whole.snippets.keys() - smaller.library.snippets.keys()
        asks = {ask for name in gone for ask in whole.snippets[name].asks}
        assert 0 < len(asked) <= 5
        assert {each.turns[0] for each in asked} <= asks
        assert all(each.expect is Status.NOT_COVERED for each in asked)


def test_an_emoji_code_ends_the_last_turn() -> None:
    (made,) = with_emoji([question("q", turns=("who?", "why?"))], "flag-de")
    assert made.turns == ("who?", "why? :flag-de:")
    assert made.must == question("q").must


def test_there_are_enough_emoji_codes_and_flags_among_them() -> None:
    assert len(set(EMOJI_CODES)) == len(EMOJI_CODES) >= 25
    assert sum(code.startswith("flag-") for code in EMOJI_CODES) >= 2


def test_joined_words_stand_side_by_side_in_the_library(places: dict[str, Place]) -> None:
    place = places["handbook"]
    told = [s.text for s in place.library.snippets.values()]
    told += [ask for s in place.library.snippets.values() for ask in s.asks]
    told += [brief.title for brief in place.library.briefs.values()]
    told += [name for brief in place.library.briefs.values() for name in brief.aliases]
    told += [brief.gist.text for brief in place.library.briefs.values()]
    closed = [re.sub(r"[^a-z]", "", text.casefold()) for text in told]
    made = joined_words(place, 25, 1)
    assert len(made) > 20
    for each in made:
        word = re.sub(r"[^a-z]", "", each.turns[0].casefold())
        assert any(word in text for text in closed)
        assert " " not in each.turns[0]
        assert each.ok
    assert made == joined_words(place, 25, 1)


def test_the_rounds_have_titles_of_their_own_and_questions() -> None:
    material = Material()
    rounds = [
        *material.rounds(Half.FIT),
        *material.rounds(Half.UNREAD),
        *material.new_rounds(Half.FIT),
        *material.new_rounds(Half.UNREAD),
        *material.more_rounds(),
        *material.emoji_rounds(),
    ]
    titles = [each.title for each in rounds]
    assert len(set(titles)) == len(titles)
    assert all(len(each) for each in rounds)
    assert PLAIN in titles
    assert {each.beside for each in rounds if each.beside} <= set(titles)
    assert {each.name for each in rounds if each.half is Half.SEEN} == set(SEEN)


def test_nothing_of_one_half_is_asked_in_the_other() -> None:
    material = Material()
    texts = [
        {q.turns for each in material.rounds(half) for _, asked in each.parts for q in asked}
        for half in (Half.FIT, Half.UNREAD)
    ]
    assert texts[0].isdisjoint(texts[1])
