from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.platforms.discord.sending import delivery_error


def failed(status: int, code: int = 0, wait: str = "") -> discord.HTTPException:
    headers = {"Retry-After": wait} if wait else {}
    response: Any = SimpleNamespace(status=status, reason="", headers=headers)
    return discord.HTTPException(response, {"code": code, "message": ""})


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (failed(403, 50013), Refused, "50013"),
        (failed(404, 10003), Refused, "10003"),
        (failed(400, 50035), Refused, "50035"),
        (failed(401), Refused, "401"),
        (failed(429), RateLimited, "429"),
        (failed(503), Uncertain, "503"),
        (failed(500), Uncertain, "500"),
        (discord.RateLimited(40.0), RateLimited, "429"),
        (aiohttp.ServerDisconnectedError(), Uncertain, "ServerDisconnectedError"),
        (ConnectionResetError(), Uncertain, "ConnectionResetError"),
        (TimeoutError(), Uncertain, "TimeoutError"),
    ],
)
def test_each_failure_says_whether_a_post_may_be_tried_again(
    error: Exception, kind: type[DeliveryError], code: str
) -> None:
    found = delivery_error(error)
    assert type(found) is kind
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "wait_s"), [("7", 7.0), ("0.5", 0.5), ("soon", 0.0), ("-1", 0.0)]
)
def test_the_wait_asked_for_is_read(text: str, wait_s: float) -> None:
    found = delivery_error(failed(429, wait=text))
    assert isinstance(found, RateLimited)
    assert found.retry_after_s == wait_s
