"""What is sent and logged is JSON, whatever stands in it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.base import dump_json

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters())
VALUES = st.recursive(
    LEAVES, lambda some: st.lists(some) | st.dictionaries(st.text(st.characters()), some)
)


@given(VALUES)
def test_it_reads_back_as_the_same(value: object) -> None:
    line = dump_json(value)
    assert json.loads(line) == value
    assert "\n" not in line


def test_halves_of_characters_can_be_sent() -> None:
    assert dump_json({"text": "\ud83d half"}).encode() == rb'{"text": "\ud83d half"}'


def test_what_json_has_no_form_for_is_turned_into_something_else() -> None:
    for text in ("", "\ud83d"):
        assert json.loads(dump_json([text, 1.5j], default=repr)) == [text, "1.5j"]
