"""Words written as one or in two, read against the words of a library."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import Status
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.answering.spelling import MAX_PARTS, join_split, split_joined
from bot.answering.text import read_texts, split

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

OWN = frozenset({"parental", "leave", "pay", "multipolar", "rollback", "back", "roll"})
IDLE = frozenset({"of", "the", "what", "is"})
DICTIONARY = frozenset({"payback", "whatever"})


def parts(text: str) -> list[str]:
    words = split_joined(split(text), DICTIONARY.__contains__, OWN.__contains__, IDLE)
    return [word.text for word in words]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("parentalleave", ["parental", "leave"]),
        ("whatisthepay", ["what", "is", "the", "pay"]),
        ("parentalleave pay", ["parental", "leave", "pay"]),
        ("payback", ["payback"]),  # a word of the dictionary stays
        ("whatis leave", ["what", "is", "leave"]),
        ("Whatis", ["whatis"]),  # it may be a name
        ("whatisthe", ["whatisthe"]),  # of more function words nothing is made
        ("leavez", ["leavez"]),
        ("payof", ["payof"]),  # too short to tell
        ("parental1leave", ["parental1leave"]),
        ("pay" * 30, ["pay" * 30]),
    ],
)
def test_joined_words_are_split(typed: str, read: list[str]) -> None:
    assert parts(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("multi polar world", ["multipolar", "world"]),
        ("roll back", ["roll", "back"]),  # both are words of the library themselves
        ("multi, polar", ["multi", "polar"]),  # not across a clause
        ("a multi polar", ["a", "multipolar"]),
    ],
)
def test_split_words_are_joined(typed: str, read: list[str]) -> None:
    assert [word.text for word in join_split(split(typed), OWN.__contains__)] == read


@given(st.text(alphabet="aeilnoprtvy", max_size=60))
def test_no_letter_is_lost(text: str) -> None:
    found = parts(text)
    drawn_in = "".join(word.text for word in split(text))
    assert "".join(found) == drawn_in
    assert len(found) <= MAX_PARTS * max(1, len(split(text)))


@pytest.mark.parametrize(
    ("typed", "actors"),
    [
        ("#OpenSource", ("open-models",)),
        ("open_source", ("open-models",)),
        ("chinaVsUs", ("china", "us")),
        ("china_vs_us", ("china", "us")),
    ],
)
def test_hashtags_and_names_of_variables(
    typed: str, actors: tuple[str, ...], catalog: Catalog
) -> None:
    assert parse(typed, catalog.lexicon).actors == actors


def test_every_brief_opens_by_its_title_in_one_word(any_catalog: Catalog) -> None:
    """Of two words, as people write hashtags."""
    titles = {b.title: b.slug for b in any_catalog.library.briefs.values()}
    short = {t: s for t, s in titles.items() if len(t.split()) == 2}
    for title, slug in short.items():
        plan = answer_plan("#" + title.replace(" ", ""), any_catalog)
        assert (plan.status, plan.brief) == (Status.ANSWERED, slug)


def test_a_library_says_what_stands_together_in_it(catalog: Catalog) -> None:
    asks = [ask for snippet in catalog.library.snippets.values() for ask in snippet.asks]
    texts = [snippet.text for snippet in catalog.library.snippets.values()]
    read = [read_texts(text) for text in (*texts, *asks)]
    assert all(catalog.index.says(" ".join(pair)) for words in read for pair in pairwise(words))
    assert not catalog.index.says("the of")
    assert not catalog.index.says("powerful soft")
