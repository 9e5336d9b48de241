"""Questions proposed from outside: read from a reply, tried, and what they change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.catalog import Catalog
from bot.curating.proposed_asks import (
    Proposed,
    find_fault,
    measure,
    read_reply,
    taken_asks,
    try_asks,
    unread,
    with_asks,
    write_request,
)
from bot.library.loader import load_library, load_vocabulary
from tests.conftest import LIBRARIES

GOOD = '{"id": "laptops", "ask": "do i get a notebook"}'
DECLINED = '{"ask": "what is the wifi code"}'


@pytest.fixture(scope="module")
def handbook() -> Catalog:
    place = LIBRARIES["handbook"]
    return Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))


@pytest.mark.parametrize(
    "reply",
    [
        f"{GOOD}\n{DECLINED}\n",
        f"Sure, here you are:\n```json\n{GOOD}\n{DECLINED}\n```\nAnything else?",
        f"[{GOOD},\n {DECLINED}]",
        f"{{not json}} {GOOD} and then {DECLINED}",
    ],
)
def test_a_reply_is_read_whatever_stands_around(reply: str) -> None:
    assert read_reply(reply) == [
        Proposed("do i get a notebook", "laptops"),
        Proposed("what is the wifi code", None),
    ]
    assert unread(reply, read_reply(reply)) == 0


def test_lines_that_are_no_json_are_counted() -> None:
    reply = f'{GOOD}\n{{"id": "laptops", "ask": "a quote " too many"}}\n'
    assert len(read_reply(reply)) == 1
    assert unread(reply, read_reply(reply)) == 1


@given(st.text(max_size=300))
def test_any_reply_is_read(text: str) -> None:
    assert unread(text, read_reply(text)) >= 0


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        ("do i get a laptop", None),
        ("laptop?", "no question"),
        ("You get a laptop on your first day.", "no question"),
        ("do i get one? and a phone?", "no question"),
        (" ".join(["word"] * 31), "too long"),
        ("x" * 100 + " " + "y" * 100, "too long"),
    ],
)
def test_what_can_be_no_ask(ask: str, fault: str | None) -> None:
    assert find_fault(ask) == fault


def test_each_is_tried_and_the_reason_told(handbook: Catalog) -> None:
    first, second = list(handbook.library.snippets.values())[:2]
    proposed = [
        Proposed(first.asks[0], first.id),
        Proposed(first.asks[0].upper() + "?", second.id),
        Proposed("who is the mayor of lisbon", "no-such-statement"),
        Proposed("how tall is the eiffel tower", None),
    ]
    reasons = [each.dropped for each in try_asks(proposed, handbook)]
    assert reasons == [
        "there already",
        "there already",
        "there is no statement no-such-statement",
        "is declined anyway",
    ]


def test_what_is_taken_is_answered_afterwards(handbook: Catalog) -> None:
    proposed = [Proposed("may the firm notebook travel home with me", "laptops")]
    tried = try_asks(proposed, handbook)
    asks, declined = taken_asks(tried)
    assert asks == {"laptops": ["may the firm notebook travel home with me"]}
    assert not declined
    more = with_asks(handbook, asks)
    assert more.asked("may the firm notebook travel home with me") == "laptops"
    assert handbook.asked("may the firm notebook travel home with me") is None
    home = handbook.homes["laptops"]
    before = measure(handbook, [home], handbook.library, [])
    after = measure(more, [home], handbook.library, [])
    assert before.asks == after.asks


@pytest.mark.parametrize("not_covered", [True, False])
def test_the_request_stands_alone(not_covered: bool, handbook: Catalog) -> None:
    brief = handbook.library.briefs["annual-leave"]
    request = write_request(brief, handbook, statement=None, count=4, not_covered=not_covered)
    assert not request.count("{count}")
    for name in brief.own:
        assert handbook.library.snippets[name].text in request
    examples = [line for line in request.splitlines() if line.startswith('{"')]
    assert examples
    assert all("ask" in json.loads(line) for line in examples)
