"""Who may see the pages, as decisions on values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.web.guard import (
    SESSION,
    Guesses,
    is_loopback_host,
    is_same_origin,
    is_token,
    new_session,
    parse_session,
)
from tests.web.site import NOW, TOKEN


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8080", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:8080", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example:8080", False),
        ("localhost.evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_names_of_this_machine_are_loopback(host: str, ours: bool) -> None:
    assert is_loopback_host(host) == ours


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://ours.example"}, False),
        ({"Origin": "https://ours.example"}, True),
        ({"Origin": "https://ours.example:443"}, True),
        ({"Origin": "http://ours.example"}, False),
        ({"Origin": "https://ours.example:8443"}, False),
        ({"Origin": "https://ours.example.evil"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://ours.example:x"}, False),
    ],
)
def test_forms_of_other_sites_are_foreign(headers: dict[str, str], ours: bool) -> None:
    assert is_same_origin(headers, "ours.example", "https") == ours


def test_a_session_is_no_token_and_ends() -> None:
    session = new_session(TOKEN, NOW, "abc1")
    cookie = session.cookie
    assert TOKEN not in cookie
    assert parse_session(cookie, TOKEN, NOW) == session
    assert parse_session(cookie, TOKEN, NOW + SESSION - timedelta(seconds=2)) == session
    assert not parse_session(cookie, TOKEN, NOW + SESSION)
    assert not parse_session(cookie, TOKEN + "!", NOW)
    ends, id_, proof = cookie.split(".")
    for forged in (
        f"{int(ends) + 1}.{id_}.{proof}",
        f"{ends}.abc2.{proof}",
        f"{ends}.{id_}.{proof[:-1]}",
        f"{ends}.{proof}",
        f"{'9' * 400}.{id_}.{proof}",
        "",
        ".",
        "..",
        "٣.x.y",
        f"x.{id_}.{proof}",
    ):
        assert not parse_session(forged, TOKEN, NOW)


def test_only_the_token_is_the_token() -> None:
    assert is_token(TOKEN, TOKEN)
    for wrong in ("", TOKEN[:-1], TOKEN + " ", "\ud800"):
        assert not is_token(wrong, TOKEN)


def test_guessing_takes_longer_each_time_and_hurts_nobody_else() -> None:
    guesses, now, waits = Guesses(), NOW, []
    for _ in range(14):
        waits.append(guesses.wait_s("a", now))
        now += timedelta(seconds=waits[-1])
        guesses.note("a", now, right=False)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert guesses.wait_s("b", now) == 0
    assert guesses.wait_s("a", now + timedelta(seconds=61)) == 0
    guesses.note("a", now, right=True)
    assert guesses.wait_s("a", now) == 0


def test_few_addresses_are_remembered() -> None:
    guesses = Guesses()
    for number in range(3000):
        guesses.note(str(number), NOW, right=False)
    assert len(guesses._wrong) == 1000
