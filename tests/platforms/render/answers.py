"""Any answer at all, for properties that must hold whatever the library says."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from bot.answering.answer import (
    Answer,
    Closest,
    Entry,
    Note,
    Row,
    Statement,
    Status,
    Suggestion,
    Table,
)
from bot.library.model import Citation, Source
from bot.library.vocabulary import Intent

NASTY = (
    "@everyone",
    "@here",
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "<@!1>",
    "</ask:12345678901234567>",
    "<id:customize>",
    "<t:1700000000:R>",
    "<:smile:123456789012345678>",
    "[click](https://example.org)",
    "https://discord.gg/abc",
    "discord.com/invite/abc",
    "```",
    "||spoiler||",
    "# big",
    "-# small",
    "> quote",
    "1. one",
    "\\",
    "*__~~`",
    "中文内容" * 40,
    "🦑" * 90,
    "word " * 90,
    "long" * 1100,
    "\n\n",
    "\x00\x1b",
)
_parts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
texts = st.one_of(
    st.text(max_size=40),
    st.lists(_parts, max_size=4).map(" ".join),
)
citations = st.builds(
    Citation, st.sampled_from(("S1", "S2", "S_3*")), st.integers(1, 99), st.integers(1, 99)
)
statements = st.builds(
    Statement,
    snippet=texts,
    text=texts,
    citations=st.lists(citations, max_size=2).map(tuple),
    label=st.one_of(st.none(), texts),
    attribution=st.one_of(st.none(), texts),
    facts=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    outcome=st.one_of(st.none(), st.just("open"), texts),
)


@st.composite
def tables(draw: Any) -> Table:
    width = draw(st.integers(1, 3))
    cell = st.lists(statements, max_size=2).map(tuple)
    row = st.builds(Row, texts, st.tuples(*[cell] * width))
    columns = draw(st.tuples(*[texts] * width))
    return Table(columns, tuple(draw(st.lists(row, max_size=4))))


blocks = st.one_of(
    statements,
    tables(),
    st.builds(Entry, ask=texts, title=texts, detail=texts),
    st.builds(Closest, statements),
    st.builds(Note, texts),
)
sources = st.builds(
    Source,
    id=texts,
    title=texts,
    publisher=st.one_of(st.none(), texts),
    published=st.one_of(st.none(), st.dates(min_value=date(1900, 1, 1))),
    dates_itself=texts,
    file=texts,
    sha256=st.just("0" * 64),
    lines=st.just(1),
    headings=st.just(frozenset()),
)
answers = st.builds(
    Answer,
    status=st.sampled_from(Status),
    intent=st.sampled_from(Intent),
    title=texts,
    blocks=st.lists(blocks, max_size=8).map(tuple),
    suggestions=st.lists(st.builds(Suggestion, texts, texts), max_size=8).map(tuple),
    sources=st.lists(sources, max_size=5).map(tuple),
    score=st.floats(0, 100),
    library=st.just("version"),
    brief=st.one_of(st.none(), texts),
)
