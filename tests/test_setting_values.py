"""Secrets are hidden by their value, in any form in which a library may write them."""

from __future__ import annotations

import json
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.setting_values import Hider

ASCII = st.characters(min_codepoint=33, max_codepoint=126)
SECRETS = st.text(ASCII | st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=8)


def leak(secret: str) -> str:
    """What a library's error may look like."""
    return "".join(traceback.format_exception(ValueError(secret)))


@given(SECRETS.filter(lambda s: "," not in s and "://" not in s))
def test_a_secret_is_hidden_however_it_is_written(secret: str) -> None:
    hider = Hider()
    hider.learn(secret)
    forms = (
        secret,
        repr(secret),
        ascii(secret),
        repr(secret.encode()),
        json.dumps({"error": secret}),
        json.dumps(secret, ensure_ascii=False),
        json.dumps(repr(secret)),
        f"https://host/path?x={quote(secret)}&y=1",
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="").lower() if secret.islower() else quote(secret, safe=""),
        f"Authorization: Bearer {secret}",
        leak(secret),
    )
    for form in forms:
        hidden = hider.hide(f"before {form} after")
        for spelled in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert spelled not in hidden


@given(st.text(ASCII, min_size=8).filter(lambda s: s.isalnum()))
def test_a_password_in_a_url_is_hidden_wherever_it_stands(password: str) -> None:
    hider = Hider()
    odd = f"{password}/@:?#"
    hider.learn(f"postgresql://me:{quote(odd, safe='')}@host/name")
    for form in (odd, quote(odd, safe=""), repr(odd)):
        assert password not in hider.hide(f"could not connect with {form}: refused")
    # Unknown ones are known by their place.
    for url in (
        f"postgresql://me:{password}@host/db",
        f"postgresql://host/db?user=me&password={password}&sslmode=require",
        f"host=h password={password} dbname=d",
        f"wss://link?ticket={password}&app_id=1",
        f"https://hooks.slack.com/commands/T1/22/{password}",
        f"https://discord.com/api/webhooks/123/{password}",
        f"Authorization: Bearer {password}",
    ):
        hidden = Hider().hide(url)
        assert hidden.count(password) < url.count(password), url
        assert "***" in hidden


def test_keys_with_commas_between_are_hidden_each() -> None:
    hider = Hider()
    hider.learn("first-key-of-many, second-key-of-many")
    assert hider.hide("with second-key-of-many and first-key-of-many") == "with *** and ***"


@pytest.mark.parametrize(
    "text",
    [
        "The bot is in no channel.",
        "Bot commands and bearer bonds",
        "postgresql://host/name",
        "sqlite:////data/aibrief.sqlite is locked",
        "https://slack.com/api/chat.postMessage",
        "the password is wrong",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    hider = Hider()
    hider.learn("sqlite:////data/aibrief.sqlite")
    hider.learn("xyz")
    assert hider.hide(text) == text


@pytest.mark.parametrize(
    "before",
    [
        "Authorization: Digest ",
        "a Bearer ",
        "a BASIC ",
        "a bot  ",
        ";state=",
        "a://u:",
        "hooks.slack.com/",
        "/webhooks/1/",
        "/interactions/1/",
    ],
)
def test_each_form_is_known_where_nothing_else_gives_it_away(before: str) -> None:
    secret = "0123456789abcdefg"
    after = "@" if ":" in before[-2:] else ""
    assert Hider().hide(before + secret + after) == f"{before}***{after}"
