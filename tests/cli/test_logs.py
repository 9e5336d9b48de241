"""Log lines: JSON for machines, text for people, and secrets for neither."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

import pytest
import structlog
from aiohttp import web

from bot.cli.operating import set_up_logging

TOKEN = "xoxb-1-2-abcdef"
WORDS = ("what", "somebody", "wrote")


@pytest.fixture
def logging_kept() -> object:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.reset_defaults()


class Terminal:
    """Standard output, and whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


def refuse(words: str) -> None:
    raise ValueError(f"{len(words)} characters refused {TOKEN}")


def write(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    out = Terminal(terminal=terminal)
    monkeypatch.setattr(sys, "stdout", out)
    set_up_logging()
    log = structlog.get_logger("test")
    with structlog.contextvars.bound_contextvars(request="abc123"):
        log.info("thing.done", url="postgres://me:hunter2@host/db")
        try:
            refuse(" ".join(WORDS))
        except ValueError:
            log.exception("thing.failed")
    logging.getLogger("library").warning("token %s", TOKEN)
    logging.getLogger("slack_bolt").warning("a message's text")
    return out.text


@pytest.mark.usefixtures("logging_kept")
@pytest.mark.parametrize("terminal", [True, False])
def test_no_secret_and_no_words(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    text = write(monkeypatch, terminal=terminal)
    assert "thing.done" in text
    assert "ValueError" in text
    assert "abc123" in text
    for hidden in (TOKEN, "hunter2", "what somebody wrote", "a message's text"):
        assert hidden not in text


@pytest.mark.usefixtures("logging_kept")
def test_one_json_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.loads(line) for line in write(monkeypatch, terminal=False).splitlines()]
    assert [line["event"] for line in lines] == ["thing.done", "thing.failed", "token ***"]
    assert [line.get("request") for line in lines] == ["abc123", "abc123", None]
    assert {"level", "timestamp", "logger"} <= set(lines[0])


@pytest.mark.usefixtures("logging_kept")
async def test_a_request_that_cannot_be_read_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = Terminal(terminal=False)
    monkeypatch.setattr(sys, "stdout", out)
    set_up_logging()
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for request in (
        "GET /somebody\x01 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nAuthorization: Bearer hunter2\x00\r\n\r\n",
        f"GET /?q={'somebody' * 2_000} HTTP/1.1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(request.encode())
        assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
        await writer.wait_closed()
    await runner.cleanup()
    lines = [json.loads(line) for line in out.text.splitlines()]
    assert [line["event"] for line in lines] == ["web.request_not_understood"] * 3
    assert "somebody" not in out.text
    assert "hunter2" not in out.text
