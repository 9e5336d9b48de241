"""What is kept of a question names nobody by number, address or mention."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gaps.grouping import MAX_CHARS, redact

NASTY = st.sampled_from(
    (
        "<@U012AB3CD>", "<#C123|general>", "<!here>", "<!subteam^S1|@team>",
        "<@123456789012345678>",
        "<@!12345678901234567>", "<@&123>", "@ann", "＠ben", "ann.lee@example.org", "a@b",
        "<mailto:a@b.cd|a@b.cd>", "ann [at] acme [dot] com", "https://x.org/?id=77", "www.x.y",
        "<https://a.b|label>", "+49 (0)30 123 456 78", "4111 1111 1111 2026", "DE89 3704 0044",
        "2026", "2026-11-24", "12.5%", "AB12345", "GPT-4", "①②③", "٣٤٥", "１２３", "&#64;ann",
        "&lt;@U1&gt;", "an\u200bn@x.org", "在2026年", "3个", "\u202e", "\x00", "#secret-plan",
        "/home/ann/x", "\\\\srv\\ann", "20260", "x2026", "2026x", "_2026", "²", "½",
    )
)  # fmt: skip
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=30)), max_size=12).flatmap(
    lambda parts: st.sampled_from((" ", "", "\n", ",")).map(lambda gap: gap.join(parts))
)


@settings(deadline=None)
@given(TEXTS)
def test_no_mention_no_mail_and_no_number_survives(text: str) -> None:
    kept = redact(text)
    assert "@" not in kept
    assert "://" not in kept
    assert not re.search(r"<[@#!]", kept)
    for digits in re.findall(r"\d+", kept):
        assert re.fullmatch(r"20[1-4]\d", digits)
    assert not re.search(r"[A-Za-z_]\d|\d[A-Za-z_]", kept)
    assert len(kept) <= MAX_CHARS
    assert "\n" not in kept
    assert kept == " ".join(kept.split())


@settings(deadline=None)
@given(TEXTS)
def test_what_is_kept_is_kept_as_it_is(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("what about <@U012AB3CD> and <#C123|general>?", "what about and ?"),
        ("mail john.doe@acme.com the plan", "mail the plan"),
        ("write ann at acme dot com", "write"),
        ("call +49 (0)30 123 456 78 now", "call * now"),
        ("card 4111 1111 1111 2026", "card *"),
        ("what comes in 2026 and 2025/26?", "what comes in 2026 and *?"),
        ("born 1984", "born *"),
        ("by 2026. 3 ways", "by * ways"),
        ("on 2026-11-24 at 12:30", "on * at *"),
        ("GPT-4, G7 or 5G", "GPT-*, G* or *G"),
        ("order AB12345", "order *"),
        ("see https://a.b/c?d=1 or wiki.corp/x", "see or"),
        ("cost.What about U.S. chips, e.g. US/China", "cost.What about U.S. chips, e.g. US/China"),
        ("中国在2026年的模型", "中国在2026年的模型"),
        ("12345", ""),
        ("ask ann#1234 about #secret-plan", "ask about"),
        ("0 ann [at] acme [dot] comann [at] acme [dot] com", ""),
        ("is [at] acme [dot] com up", "up"),
        (f"open {'a' * 101} and {'.'.join(['a'] * 60)}", "open and"),
        ("㌖" * 2000, ""),
        ("  who   pays\nfor it ", "who pays for it"),
    ],
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert redact(typed) == kept


def test_a_long_question_is_cut_between_words() -> None:
    kept = redact("word " * 100)
    assert kept.endswith("word")
    assert MAX_CHARS - 5 <= len(kept) <= MAX_CHARS
