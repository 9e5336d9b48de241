from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parts import new_id
from bot.platforms.base import Press, Verb
from bot.platforms.discord.render.components import ask_id, custom_id, parse_action
from bot.platforms.discord.render.discord_text import LIMITS

IDS = st.builds(new_id)


@given(IDS, st.integers(0, 20), st.text(min_size=1, max_size=200))
def test_a_suggestion_comes_back_as_it_was_sent(answer: str, place: int, ask: str) -> None:
    pressed = ask_id(answer, place, ask)
    assert 1 <= len(pressed) <= LIMITS.custom_id_chars
    action = parse_action(pressed)
    assert action in {Press(Verb.ASK, ask), Press(Verb.NTH, answer, place)}


@given(IDS, st.sampled_from([Verb.WHY, Verb.SHARE, Verb.UP, Verb.DOWN, Verb.TELL, Verb.PICK]))
def test_a_deed_comes_back_as_it_was_sent(answer: str, verb: Verb) -> None:
    assert parse_action(custom_id(verb, answer)) == Press(verb, answer)


@given(IDS, st.integers(0, 99))
def test_a_page_comes_back_as_it_was_sent(answer: str, page: int) -> None:
    assert parse_action(custom_id(Verb.PAGE, answer, page)) == Press(Verb.PAGE, answer, page)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    action = parse_action(text)
    assert action is None or text.startswith("ab1:")


@pytest.mark.parametrize(
    "old", ["", "ab0:why:abc", "ab2:why:abc", "ab1:why:", "ab1:page:abc:x", "ab1:dance:abc"]
)
def test_other_versions_are_refused(old: str) -> None:
    assert parse_action(old) is None
