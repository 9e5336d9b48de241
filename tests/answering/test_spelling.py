"""A misspelling is corrected only where its word is in no dictionary and the result is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.query import parse
from bot.answering.spelling import MIN_CHARS, Speller

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

COUNTS = {"government": 3, "models": 5, "china": 9, "free": 4, "fire": 1, "ecosystem": 2}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverment", "government"),
        ("modles", "models"),
        ("hcina", "china"),
        ("fre", "free"),
        ("ecosytem", "ecosystem"),
        ("xyzzyplugh", None),
        ("ab", None),
        ("teh", "the"),
        ("tha", None),  # a slip may be of many words, a swap is of one
    ],
)
def test_slips_swaps_and_gaps(typed: str, meant: str | None) -> None:
    assert Speller(COUNTS, [["the", "what"], ["models"]]).correct(typed) == meant


def test_a_nearer_word_of_the_dictionary_is_meant() -> None:
    levels = {"length": 4, "lengths": 7}
    assert Speller({"lent": 3}, []).correct("lenght") == "lent"
    assert Speller({"lent": 3}, [], levels.get).correct("lenght") == "length"


def test_of_equally_near_words_the_likelier_is_meant() -> None:
    assert Speller({}, [["lean"], ["loan"]]).correct("lxan") == "lean"
    assert Speller({"lean": 1, "loan": 2}, []).correct("lxan") == "loan"


def test_at_most_so_many_slips() -> None:
    speller = Speller(COUNTS, [])
    assert speller.correct("govvernmint") == "government"
    assert speller.correct("govvernmint", 1) is None


@given(st.text(alphabet="abcdefghij", min_size=2, max_size=14))
def test_what_it_finds_is_a_known_word_about_as_long(word: str) -> None:
    found = Speller({"abcde": 1, "jihgfedcba": 2}, [["aceg"]]).correct(word)
    assert found is None or (found in {"abcde", "jihgfedcba", "aceg"} and len(found) >= MIN_CHARS)
    assert found is None or abs(len(found) - len(word)) <= 3


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("pencil weather", ["pencil", "weather"]),
        ("logins homeland", ["login", "homeland"]),
        ("india", ["india"]),
    ],
)
def test_an_ordinary_word_is_never_a_misspelling(
    typed: str, terms: list[str], catalog: Catalog
) -> None:
    assert [t.key for t in parse(typed, catalog.lexicon).terms] == terms


def test_a_name_inside_a_sentence_is_left_alone(catalog: Catalog) -> None:
    """Two slips make a word of the library of it, one would be mended."""
    assert "chyno" in parse("have you met Chyno", catalog.lexicon).meant
