from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.render.discord_text import (
    TextBudget,
    TextPiece,
    escape,
    joined,
    paginate,
    shorten,
)
from bot.platforms.plain import count_chars
from tests.payloads import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _it_ ~no~", r"\*bold\* \_it\_ \~no\~"),
        ("- a list", r"\- a list"),
        ("open-source, 2-3", "open-source, 2-3"),
        ("1. first", r"1\. first"),
        ("In 2026. Then", r"In 2026\. Then"),
        ("@everyone", "@\u200beveryone"),
        ("me@example.org", "me@example.org"),
        ("<@12>", "\\<@\u200b12\\>"),
        ("https://x.org/a/b", r"https:\//x.org/a/b"),
        ("discord.gg/abc", r"discord.gg\/abc"),
        (":smile:", r"\:smile:"),
        ("at 9:30, S1:8", "at 9:30, S1:8"),
        ("US/China", "US/China"),
        ("one\ntwo\x00", "one two"),
        ("中国", "中国"),
    ],
)
def test_markup_of_others_shows_as_it_was_written(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text(alphabet=st.characters(exclude_characters="\u200b", exclude_categories=["Cs"])))
def test_escaped_text_reads_the_same(text: str) -> None:
    flat = escape(text)
    assert "\n" not in flat
    assert plain_text({"content": "x" + flat})[1:].split() == text.translate(_CONTROLS).split()


_CONTROLS = dict.fromkeys([*range(32), 127], " ")


@given(st.text(max_size=300), st.integers(1, 100))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert count_chars(shorten(text, limit)) <= limit


@given(
    st.lists(st.text(alphabet="ab \\*中🦑", max_size=80), max_size=12),
    st.integers(8, 60),
    st.integers(24, 120),
)
def test_pages_fit_and_lose_nothing(texts: list[str], chars: int, octets: int) -> None:
    budget = TextBudget(chars, octets)
    pages = paginate((TextPiece("body", text) for text in texts), budget)
    assert all(budget.holds(joined(page)) for page in pages)
    told = "".join(joined(page) for page in pages)
    assert "".join(told.split()) == "".join("".join(texts).split())


def test_a_cut_never_splits_an_escape() -> None:
    pages = paginate([TextPiece("body", "a" + "\\*" * 30)], TextBudget(10, 40))
    assert all(not joined(page).endswith("\\") for page in pages)
