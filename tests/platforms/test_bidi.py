"""What turns the direction of text turns nothing but that text, on every platform."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.render import payload as discord
from bot.platforms.plain import close_bidi
from bot.platforms.slack import render as slack
from bot.service.assistant import Assistant, Incoming
from tests.memory_store import MemoryStore
from tests.web.site import NOW

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

OPEN = "\u202e"
CLOSE = "\u202c"
MARKS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("plain", "plain"),
        ("a\u202eb", "a\u202eb\u202c"),
        ("\u2067a\u202eb", "\u2067a\u202eb\u202c\u2069"),
        ("a\u202cb\u2069", "ab"),
        ("\u2067a\u202c", "\u2067a\u2069"),
        ("\u202ea\u202c b", "\u202ea\u202c b"),
    ],
)
def test_what_is_opened_is_closed(text: str, closed: str) -> None:
    assert close_bidi(text) == closed


@given(st.text(st.sampled_from([*MARKS, "a", " "])))
def test_any_marks_end_where_the_text_ends(text: str) -> None:
    closed = close_bidi(text)
    assert close_bidi(closed) == closed
    assert [c for c in closed if c not in MARKS] == [c for c in text if c not in MARKS]
    openers, closers = set(MARKS[:7]), set(MARKS[7:])
    assert sum(c in openers for c in closed) == sum(c in closers for c in closed)


async def test_no_message_leaves_one_open(catalog: Catalog) -> None:
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1")
    reply = await assistant.answer(Incoming("slack", "T", "C", "U", "what comes next"), NOW)
    turned = replace(reply.answer, title=f"{OPEN}evil{reply.answer.title}")
    pages = [
        *slack.render_answer(turned, "a1"),
        *slack.render_answer(turned, "a1", newest=False),
        *discord.render_answer(turned, "a1", shareable=True),
        *discord.render_text(turned, "a1"),
    ]
    for page in pages:
        text = json.dumps(page, ensure_ascii=False)
        assert text.count(OPEN) == text.count(CLOSE), page
    assert sum(OPEN in json.dumps(page, ensure_ascii=False) for page in pages) >= 4
