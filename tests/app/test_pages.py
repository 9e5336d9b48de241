"""Where the pages are served, and what a token is worth there."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.app import running
from bot.cli.doctor import check_pages
from bot.errors import SettingsError
from bot.parts import pages_on
from bot.settings import load_settings
from tests.deploy.paas import free_port

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "x" * 16


@pytest.mark.parametrize(
    ("environ", "served"),
    [
        ({}, True),
        ({"PLAYGROUND": "on"}, True),
        ({"PLAYGROUND": "off"}, False),
        ({"PORT": "8000"}, False),
        ({"PORT": "8000", "PLAYGROUND_TOKEN": TOKEN}, True),
        ({"PORT": "8000", "PLAYGROUND_TOKEN": TOKEN, "PLAYGROUND": "on"}, True),
        ({"PORT": "8000", "PLAYGROUND_TOKEN": TOKEN, "PLAYGROUND": "off"}, False),
        ({"PLAYGROUND_TOKEN": TOKEN}, True),
    ],
)
def test_where_the_pages_are_served(environ: dict[str, str], served: bool) -> None:
    assert pages_on(load_settings(environ)) == served


def test_nobody_opens_them_to_everybody() -> None:
    with pytest.raises(SettingsError, match="set PLAYGROUND_TOKEN; make one with: openssl"):
        pages_on(load_settings({"PLAYGROUND": "on", "PORT": "8000"}))


@pytest.mark.parametrize(
    ("environ", "ok", "told"),
    [
        ({}, True, "On loopback."),
        ({"PLAYGROUND_TOKEN": TOKEN, "PORT": "8000"}, True, "Behind PLAYGROUND_TOKEN."),
        ({"PORT": "8000"}, True, "Off, since PORT is given; to have it, set PLAYGROUND_TOKEN"),
        ({"PLAYGROUND": "off"}, True, "Off, by PLAYGROUND."),
        ({"PLAYGROUND": "on", "PORT": "8000"}, False, "PLAYGROUND is on and PORT is given"),
    ],
)
async def test_the_doctor_says_where_they_are(
    environ: dict[str, str], ok: bool, told: str
) -> None:
    (check,) = [check async for check in check_pages(load_settings(environ))]
    assert (check.ok, check.message.startswith(told)) == (ok, True)
    assert bool(check.fix) != ok


def test_a_token_that_can_be_guessed_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="at least 16 characters") as caught:
        load_settings({"PLAYGROUND_TOKEN": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "expected"),
    [("", {"/": 404, "/library": 404, "/healthz": 200}), (TOKEN, {"/": 401, "/library": 401})],
)
async def test_beyond_loopback_nobody_sees_them_without_the_token(
    tmp_path: Path, token: str, expected: dict[str, int]
) -> None:
    port = free_port()
    settings = load_settings(
        {
            "PORT": str(port),
            "PLAYGROUND_TOKEN": token,
            "DATABASE_URL": f"sqlite:///{tmp_path}/bot.sqlite",
        }
    )
    stop = asyncio.Event()
    async with running(settings) as supervisor, aiohttp.ClientSession() as session:
        task = asyncio.create_task(supervisor.run(stop))

        async def status(path: str, **headers: str) -> int:
            async with session.get(f"http://127.0.0.1:{port}{path}", headers=headers) as reply:
                return reply.status

        try:
            async with asyncio.timeout(60):
                while True:
                    with suppress(aiohttp.ClientError):
                        if await status("/readyz") == 200:
                            break
                    await asyncio.sleep(0.02)
            assert {path: await status(path) for path in expected} == expected
            bearer = {"Authorization": f"Bearer {TOKEN}"}
            assert await status("/library", **bearer) == (200 if token else 404)
        finally:
            stop.set()
            await task
