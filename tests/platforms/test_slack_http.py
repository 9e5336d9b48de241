"""HTTP mode: what is not Slack's, or not well-formed, is refused before anything parses it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack.slack_component import MAX_BODY_BYTES, Rejected, SignatureVerifier
from tests.fakes.slack import SIGNING_SECRET, FakeSlack, signature
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.fixture
async def world(tmp_path: Path, catalog: Catalog) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack) as running,
    ):
        yield running


async def post(world: World, body: str | bytes, headers: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.slack.http_url, data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


@pytest.mark.parametrize(
    ("age_s", "status"), [(0, 200), (298, 200), (-298, 200), (302, 401), (-302, 401)]
)
async def test_old_signatures_are_refused(world: World, age_s: float, status: int) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"})
    headers = {"Content-Type": JSON} | signature(body, age_s=age_s)
    answer = await post(world, body, headers)
    assert answer[0] == status
    if status == 200:
        assert "abc" in answer[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "9" * 40, "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "²", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": str(int(time.time()))},
    ],
)
@pytest.mark.parametrize("body", ["{}", "{not json", "payload=%7B"])
async def test_bad_signatures_are_refused(
    world: World, headers: dict[str, str], body: str
) -> None:
    status, text = await post(world, body, headers | {"Content-Type": JSON})
    assert status == 401
    assert "Traceback" not in text


async def test_a_signature_for_another_body(world: World) -> None:
    headers = {"Content-Type": JSON} | signature("{}")
    assert (await post(world, '{"a": 1}', headers))[0] == 401
    wrong = {"Content-Type": JSON} | signature("{}", secret="another")
    assert (await post(world, "{}", wrong))[0] == 401


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ("{not json", JSON),
        ("[]", JSON),
        ("{}", JSON),
        ("null", JSON),
        ("[" * 100_000, JSON),
        ("", JSON),
        ("payload=%7B", FORM),
        ("payload=[]", FORM),
        ("", FORM),
        (urlencode({f"k{n}": "v" for n in range(1001)}), FORM),
        ('{"type": "event_callback"}', JSON),
        ('{"type": "event_callback", "event": "app_mention"}', JSON),
        ('{"type": "event_callback", "event": {"type": 7}}', JSON),
        (urlencode({"payload": '{"type": "block_actions"}'}), FORM),
        (urlencode({"payload": '{"type": "block_actions", "actions": []}'}), FORM),
        (urlencode({"payload": '{"type": "block_actions", "actions": ["x"]}'}), FORM),
        ("{}", "text/plain"),
        ("{}", ""),
    ],
)
async def test_malformed_bodies_are_refused_though_signed(
    world: World, body: str, form: str
) -> None:
    status, text = await post(world, body, {"Content-Type": form} | signature(body))
    assert status == 400
    assert "Traceback" not in text


async def test_oversized_bodies_are_refused_before_they_are_read(world: World) -> None:
    body = "x" * (MAX_BODY_BYTES + 1)
    assert (await post(world, body, {"Content-Type": JSON} | signature(body)))[0] == 413


async def test_oversized_bodies_without_a_length_too(world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 100_000 + 2):
            yield b"x" * 100_000

    async with (
        aiohttp.ClientSession() as session,
        session.post(world.slack.http_url, data=chunks()) as response,
    ):
        assert response.status == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("token=abc&ssl_check=1", 200),
        ("ssl_check=1", 200),
        ("ssl_check=10", 401),
        ("ssl_check=0&token=abc", 401),
        ("text=ssl_check=1", 401),
        ("ssl_check=1&text=" + "x" * 1000, 401),
    ],
)
async def test_a_look_at_the_certificate_is_answered_unsigned(
    world: World, body: str, status: int
) -> None:
    assert (await post(world, body, {"Content-Type": FORM}))[0] == status
    assert (await post(world, body, {"Content-Type": FORM} | signature("other")))[0] == 401
    assert await post(world, "ssl_check=1", {"Content-Type": FORM} | signature("ssl_check=1")) == (
        200,
        "",
    )


async def test_other_methods(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(world.slack.http_url) as response:
            assert response.status == 405
        async with session.get(f"{world.web_url}/slack/install") as response:
            assert response.status == 404


@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from([FORM, JSON, "x"]),
    stamp=st.sampled_from(["0", "", "-1", "1e3", str(int(time.time()))]) | st.text(max_size=5),
    sign=st.text(max_size=20),
)
def test_whatever_comes_it_is_refused_by_name(
    body: bytes, kind: str, stamp: str, sign: str
) -> None:
    guard = SignatureVerifier(SIGNING_SECRET, lambda: datetime.now(UTC))
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign,
    }
    with pytest.raises(Rejected) as caught:
        guard.check(body, headers)
    assert caught.value.status == 401


@given(text=st.text(max_size=200), kind=st.sampled_from([FORM, JSON]))
def test_whatever_is_signed_passes_or_is_refused(text: str, kind: str) -> None:
    guard = SignatureVerifier(SIGNING_SECRET, lambda: datetime.now(UTC))
    outcome: object
    try:
        outcome = guard.check(text.encode(), {"Content-Type": kind} | signature(text))
    except Rejected as error:
        outcome = error.status
    assert outcome == 400 or (isinstance(outcome, dict) and outcome)
