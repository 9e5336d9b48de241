from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.text import clean, fold, read_texts, split


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("<@U0AIBOT> what's next?", "what's next?"),
        ("see <https://example.org|the report> please", "see the report please"),
        ("see <https://example.org> please", "see please"),
        ("<!channel> hello @everyone", "hello"),
        ("china &amp; us", "china & us"),
        ("a\u202eb\u200bc\x00d", "abc d"),
        ("chi\u200bna v\u00ads us", "china vs us"),
        ("ｃｈｉｎａ", "china"),
    ],
)
def test_clean_strips_what_chat_adds(typed: str, cleaned: str) -> None:
    assert " ".join(clean(typed).split()) == cleaned


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U.S. vs. China", ["us", "vs", "china"]),
        ("eu_reaction", ["eu", "reaction"]),
        ("open-source-revolution", ["open", "source", "revolution"]),
        ("Qué viene después", ["que", "viene", "despues"]),
        ("China's models", ["china", "models"]),
        ("don't", ["dont"]),
        ("100% free", ["100", "percent", "free"]),
        ("オープンソースAIは", ["オープンソース", "ai", "は"]),
    ],
)
def test_split_finds_words(text: str, words: list[str]) -> None:
    assert [word.text for word in split(clean(text))] == words


def test_punctuation_ends_a_clause() -> None:
    assert [(w.text, w.clause) for w in split("hi, china? us")] == [
        ("hi", 0),
        ("china", 1),
        ("us", 2),
    ]


@given(st.text())
def test_clean_and_split_take_any_text(text: str) -> None:
    words = split(clean(text))
    assert all(word.text and not word.text.isspace() for word in words)
    assert [w.clause for w in words] == sorted(w.clause for w in words)


@given(st.text())
def test_clean_leaves_no_control_characters(text: str) -> None:
    assert not any(ord(char) < 32 and char != "\n" for char in clean(text))


@given(st.text())
def test_fold_is_stable(word: str) -> None:
    assert fold(fold(word)) == fold(word)


TYPED = st.text(alphabet=st.sampled_from("aAbBuUsS0 9.'-,;?!()\n_%&é中"), max_size=40)


@given(TYPED)
def test_a_library_text_is_read_as_a_message_is(text: str) -> None:
    assert read_texts(text) == tuple(word.text for word in split(clean(text)))
