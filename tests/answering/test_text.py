"""Text as people type it in chat -> words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.answering.text import FLAG, TextReader, clean, fold, read_texts, split

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog


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
    ("typed", "cleaned"),
    [
        (":newspaper: what comes next", "what comes next"),
        ("what comes next :+1::skin-tone-3:", "what comes next"),
        ("what comes next:wave:", "what comes next"),
        (":simple_smile::tada: reactions", "reactions"),
        ("hi <:party_blob:123456789012345678> there", "hi there"),
        ("<a:dancing:123456789012345678> hi", "hi"),
        ("time 10:30:45 left", "time 10:30:45 left"),
        ("ratio 1:one:2", "ratio 1:one:2"),
        ("see: this: that", "see: this: that"),
        ("`china` vs `us`", "china vs us"),
        ("```\nrm -rf /\n``` what comes next", "what comes next"),
        ("> an old message\nwhat comes next?", "what comes next?"),
        ("> the quote is all there is", "> the quote is all there is"),
        ("read https://example.org/a?b=c#d now", "read now"),
        ("<#C123|general> and <@U12|somebody> reactions", "and reactions"),
        ("“smart” ‘quotes’ it’s", "\"smart\" 'quotes' it's"),
        ("&quot;x&quot; &amp; y", '"x" & y'),
    ],
)
def test_emoji_code_quotes_and_links_go(typed: str, cleaned: str) -> None:
    assert " ".join(clean(typed).split()) == cleaned


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (":flag-cn: vs :flag-us:", [f"{FLAG}cn", "vs", f"{FLAG}us"]),
        (":cn: vs :us:", [f"{FLAG}cn", "vs", f"{FLAG}us"]),
        (":flag_de:", [f"{FLAG}de"]),
        ("🇨🇳 vs 🇺🇸", [f"{FLAG}cn", "vs", f"{FLAG}us"]),
        ("🇨🇳🇺🇸", [f"{FLAG}cn", f"{FLAG}us"]),
        (":flag-china:", []),
        ("👍🏽 ok", ["ok"]),
        ("👩‍💻 code", ["code"]),
        (f"{FLAG}cn typed by hand", ["cn", "typed", "by", "hand"]),
    ],
)
def test_flags_are_kept_apart_from_words(typed: str, words: list[str]) -> None:
    assert [word.text for word in split(clean(typed))] == words


@pytest.mark.parametrize(
    ("typed", "actors"),
    [
        (":flag-cn: vs :flag-us:", ("china", "us")),
        ("compare 🇨🇳 and 🇺🇸", ("china", "us")),
        ("🇨🇳?", ("china",)),
        ("reactions 🇨🇳", ()),  # decoration behind a question
        (":flag-us: what comes next :flag-us:", ()),
        ("🇨🇳 vs 🇸🇪", ("china",)),  # the library has no Sweden
    ],
)
def test_a_flag_stands_for_its_country_where_it_stands_for_a_word(
    typed: str, actors: tuple[str, ...], catalog: Catalog
) -> None:
    assert parse(typed, catalog.lexicon).actors == actors


@pytest.mark.parametrize(
    "code",
    [":newspaper:", ":lock:", ":white_check_mark:", ":wave::skin-tone-5:", "<:own:1234567890>",
     "🔒", "👩🏿‍🔬", ":flag-fr:", "🇧🇷"],
)  # fmt: skip
def test_an_emoji_changes_no_answer(code: str, any_catalog: Catalog) -> None:
    for brief in any_catalog.library.briefs.values():
        for asked in (brief.title, *brief.asks[:2]):
            plain = answer_plan(asked, any_catalog)
            for text in (f"{asked} {code}", f"{code} {asked}"):
                assert answer_plan(text, any_catalog) == plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plug-in 6.0, then v2.1", ["plug", "in", "6.0", "then", "v2.1"]),
        ("10,000 of 1,200,000", ["10000", "of", "1200000"]),
        ("1,2 and 3. 4", ["1", "2", "and", "3", "4"]),
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


@given(st.lists(TYPED | st.text(alphabet=st.sampled_from("may 12sou.'S"), max_size=30)))
def test_many_texts_are_read_as_one_is(texts: list[str]) -> None:
    reader = TextReader()
    assert [tuple(reader.read(text)) for text in texts] == [read_texts(text) for text in texts]
