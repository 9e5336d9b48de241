"""Any answer at all, for properties: text of every kind, from empty to far too long."""

from __future__ import annotations

from datetime import date

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

NASTY = st.sampled_from(
    [
        "<!channel>",
        "<@U123>",
        "<#C1|general>",
        "&amp;<b>",
        "*bold* _it_ ~no~ `code`",
        ":smile: @here",
        "http://evil.example/?a=1&b=2",
        "a" * 4000,
        "word " * 900,
        "&" * 3000,
        "\N{GRINNING FACE}" * 1600,
        "\x00\x07 \u2028",
        "   ",
        "",
        "```\n> quote",
        'quote " and \\ back',
    ]
)
TEXTS = st.one_of(st.text(max_size=60), NASTY, st.lists(NASTY, max_size=3).map(" ".join))
CITATIONS = st.lists(
    st.builds(Citation, st.sampled_from(["S1", "S2"]), st.integers(1, 9), st.integers(10, 20)),
    max_size=3,
).map(tuple)
STATEMENTS = st.builds(
    Statement,
    snippet=st.just("s"),
    text=TEXTS,
    citations=CITATIONS,
    label=st.none() | TEXTS,
    attribution=st.none() | TEXTS,
    facts=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
    outcome=st.none() | TEXTS,
)


BRIEF = st.builds(Statement, st.just("s"), st.text(max_size=40), CITATIONS)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Of a few rows with anything in them, or of very many with little in each."""
    large = draw(st.booleans())
    names = st.text(max_size=9) if large else TEXTS
    columns = draw(st.lists(names, min_size=1, max_size=4) | st.just(["c"] * 21))
    cells = st.lists(BRIEF if large else STATEMENTS, max_size=2).map(tuple)
    row = st.builds(
        Row, names, st.lists(cells, min_size=len(columns), max_size=len(columns)).map(tuple)
    )
    rows = draw(st.lists(row, max_size=3))
    if large:
        rows = (rows * 101)[:110]
    return Table(tuple(columns), tuple(rows))


BLOCKS = st.one_of(
    STATEMENTS,
    st.builds(Closest, STATEMENTS),
    st.builds(Note, TEXTS),
    st.builds(Entry, TEXTS, TEXTS, TEXTS),
    tables(),
)
SOURCES = st.builds(
    Source,
    id=TEXTS,
    title=TEXTS,
    publisher=st.none() | TEXTS,
    published=st.none() | st.just(date(2026, 1, 1)),
    dates_itself=TEXTS,
    file=st.just("f"),
    sha256=st.just("0"),
    lines=st.just(1),
    headings=st.just(frozenset()),
)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from(Status),
    intent=st.sampled_from(Intent),
    title=TEXTS,
    blocks=st.lists(BLOCKS, max_size=6).map(tuple)
    | st.lists(st.builds(Note, TEXTS), min_size=45, max_size=60).map(tuple),
    suggestions=st.lists(st.builds(Suggestion, TEXTS, TEXTS), max_size=30).map(tuple),
    sources=st.lists(SOURCES, max_size=13).map(tuple),
    score=st.floats(0, 100),
    library=st.just("v"),
    brief=st.none() | st.just("b"),
)
