"""`aibrief serve`, `ask` and `doctor` with a reader, over real sockets."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.errors import AibriefError, SettingsError
from bot.parts import chat_server as find_server
from bot.parts import check_reader, complete
from bot.settings import load_settings
from tests.deploy.paas import ROOT, environment, free_port
from tests.fakes.chat_server import ChatServerFake, chat_server, choice, completion, says, slowly
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord import running as discord_running
from tests.fakes.slack import APP_TOKEN, FakeSlack, settle
from tests.payloads import plain_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from bot.platforms.base import Check

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.G0aaaa.fake-token-of-the-tests"
UNSURE = "what of zeppelins and soft power"
CHOSEN = "US policymakers are weighing regulatory and strategic steps"
SLOW_S = 3.5
URL = "http://127.0.0.1:9/v1"
KEY = "sk-hunter2-of-the-tests"


async def command(
    folder: Path, *words: str, stdin: bytes = b"", given: Mapping[str, str]
) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        env=environment(PYTHONPATH=str(ROOT), **given), cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def settings_of(server: ChatServerFake, **more: str) -> dict[str, str]:
    return {"READER_URL": server.url, "READER_MODEL": "m", "READER_KEY": KEY, **more}


async def scraped(port: int) -> str:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        return await response.text()


@dataclass
class Served:
    """The bot in a process of its own, between a Slack, a Discord and a slow reader."""

    slack: FakeSlack
    discord: FakeDiscord
    server: ChatServerFake
    shared: dict[str, str]
    port: int
    process: asyncio.subprocess.Process


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    port = free_port()
    async with FakeSlack() as slack, discord_running(TOKEN) as discord, chat_server() as server:
        server.behave = slowly(SLOW_S, says(choice("answer", "reaction-us")))
        shared = settings_of(server, DATABASE_URL=f"sqlite:///{folder}/served.sqlite")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve",
            env=environment(
                PYTHONPATH=str(ROOT), PORT=str(port), METRICS_TOKEN=KEY,
                SLACK_API_URL=slack.api_url, SLACK_BOT_TOKEN="xoxb-one", SLACK_APP_TOKEN=APP_TOKEN,
                DISCORD_API_URL=discord.base, DISCORD_TOKEN=TOKEN, **shared,
            ),
            cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await settle(lambda: slack.sockets and discord.commands)
            yield Served(slack, discord, server, shared, port, process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_both_platforms_are_told_at_once_and_get_the_readers_choice(tmp_path: Path) -> None:
    async with served(tmp_path) as bot:
        assert "aibrief_reader" not in await scraped(bot.port)
        await asked_by_three_people(bot)
        # They asked the same: it was read once, for the command line too.
        code, out, _ = await command(tmp_path, "ask", "--json", UNSURE, given=bot.shared)
        assert len(bot.server.bodies) == 1
        told = await scraped(bot.port)
        bot.process.send_signal(signal.SIGTERM)
        log, err = await asyncio.wait_for(bot.process.communicate(), 20)
    assert (bot.process.returncode, err, code) == (0, b"", 0)
    answer = json.loads(out)
    assert answer["snippets"] == ["reaction-us"]
    note = answer["reader"]
    assert (note["model"], note["used"]) == ("m", True)
    assert note["ms"] >= 1000 * SLOW_S
    assert 'aibrief_reader_results_total{result="changed"} 1.0' in told
    assert 'aibrief_reader_tokens_total{of="prompt"} 100.0' in told
    for secret in (b"zeppelins", KEY.encode()):
        assert secret not in log


async def asked_by_three_people(bot: Served) -> None:
    """A slash command and a direct message in Slack, a slash command in Discord."""
    slack, discord = bot.slack, bot.discord
    began = time.monotonic()
    assert (await slack.slash(UNSURE)).ok
    assert time.monotonic() - began < SLOW_S - 1
    await slack.say(UNSURE, channel="D1")
    await settle(lambda: slack.statuses)
    assert not slack.whispered()
    asked = await discord.slash("aibrief", question=UNSURE)
    await discord.until(lambda: asked.callback)
    await settle(slack.whispered)
    await settle(lambda: slack.visible("D1"))
    assert CHOSEN in str(slack.whispered()[0].payload)
    assert CHOSEN in str(slack.visible("D1")[0].payload)
    await discord.until(lambda: asked.original)
    assert asked.callback == {"type": 5, "data": {"flags": 64}}
    assert asked.original
    assert CHOSEN in plain_text(asked.original)


async def test_the_command_line_asks_and_goes_on_without(tmp_path: Path) -> None:
    async with chat_server() as server:
        server.behave = says(choice("answer", "reaction-us"))
        lines = [{"q": UNSURE}, {"q": ["what are the reactions?", "and zeppelins?"]}]
        batch = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        asked = settings_of(server)
        code, out, err = await command(tmp_path, "ask", "--batch", "-", stdin=batch, given=asked)
        assert (code, err) == (0, "")
        answers: list[Any] = [json.loads(line) for line in out.splitlines()]
        assert [a["reader"]["used"] for a in answers] == [True, True]
        assert "turn_before" in server.asked[-1]
        server.behave = says(completion("Zanzibar"))
        code, out, err = await command(tmp_path, "ask", "--json", UNSURE, given=asked)
        assert (code, json.loads(out)["reader"]["used"]) == (0, False)
        assert "Zanzibar" not in out + err
        down = asked | {"READER_URL": "http://127.0.0.1:9/v1"}
        code, out, _ = await command(tmp_path, "ask", "--json", UNSURE, given=down)
        assert (code, json.loads(out)["reader"]["used"]) == (0, False)
    unset = await command(tmp_path, "ask", "--json", UNSURE, given={})
    assert "reader" not in json.loads(unset[1])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"READER_URL": URL}, "set READER_MODEL too"),
        ({"READER_MODEL": "m"}, "set READER_URL too"),
        ({"READER_KEY": "k"}, "set READER_URL too"),
        ({"READER_URL": "ftp://x", "READER_MODEL": "m"}, "READER_URL in the environment"),
        ({"READER_URL": URL, "READER_MODEL": "m", "READER_WHEN": "often"}, "unsure, always"),
        ({"READER_URL": URL, "READER_MODEL": "m", "READER_TIMEOUT": "1e3"}, "at most 30"),
        ({"READER_URL": URL, "READER_MODEL": "m", "READER_TIMEOUT": "0"}, "number of seconds"),
        ({"READER_URL": URL, "READER_MODEL": "a\tb"}, "one line"),
        ({"READER_URL": URL, "READER_MODEL": "m", "READER_PER_DAY": "0"}, "from 1 to"),
    ],
)
def test_settings_that_are_wrong_or_miss_another_are_told(
    given: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        find_server(load_settings(given))


async def test_a_wrong_setting_at_the_command_line_is_one_clear_message(tmp_path: Path) -> None:
    code, _, err = await command(tmp_path, "ask", "x", given={"READER_URL": URL})
    assert code == 1
    assert err == (
        "aibrief: Reader: set READER_MODEL too, the model's name as its server knows it.\n"
    )


async def test_the_doctor_asks_one_question() -> None:
    async def check(**given: str) -> Check:
        [found] = [c async for c in check_reader(load_settings(given))]
        return found

    async with chat_server() as server:
        server.behave = says(choice("answer", "china-open-source"))
        well = await check(**settings_of(server))
        assert well.ok
        assert "answer, 1 of 80 statements, 1 of them of that brief" in well.message
        assert "100 + 7 tokens" in well.message
        server.behave = says(completion("Zanzibar"))
        ill = await check(**settings_of(server))
        assert not ill.ok
        assert "gave no choice: not-a-reply" in ill.message
        assert "Zanzibar" not in str(ill)
        server.behave = says({"error": "Zanzibar"}, 401)
        assert (await check(**settings_of(server))).fix == "Check READER_KEY."
    assert "READER_MODEL" in (await check(READER_URL=URL)).message
    assert not (await check(READER_URL=URL, READER_MODEL="m")).ok
    assert [c async for c in check_reader(load_settings({}))] == []


async def test_a_draft_for_a_curator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READER_URL", raising=False)
    with pytest.raises(SettingsError, match="Set READER_URL"):
        complete("x")
    async with chat_server() as server:
        for name, value in settings_of(server).items():
            monkeypatch.setenv(name, value)
        server.behave = says(completion("three asks"))
        assert await asyncio.to_thread(complete, "write three asks") == "three asks"
        server.behave = says(b"", 401)
        with pytest.raises(AibriefError, match="m gave no reply: refused"):
            await asyncio.to_thread(complete, "write three asks")


async def test_asks_are_proposed_by_the_reader(tmp_path: Path) -> None:
    reply = '[{"id": "open-models", "ask": "what is an open model"}]'
    words = ("asks", "propose", "china-vs-us", "--count", "3", "--reader")
    async with chat_server() as server:
        server.behave = says(completion(reply))
        code, out, err = await command(tmp_path, *words, given=settings_of(server))
        assert (code, out, err) == (0, f"{reply}\n", "")
        _, request, _ = await command(tmp_path, *words[:-1], given={})
        (sent,) = server.bodies
        assert sent["messages"][-1]["content"].strip() == request.strip()
        server.behave = says(b"", 401)
        code, out, err = await command(tmp_path, *words, given=settings_of(server))
        assert (code, out) == (1, "")
        assert "gave no reply" in err
    code, out, err = await command(tmp_path, *words, given={})
    assert (code, out) == (1, "")
    assert "Set READER_URL" in err


LOADED = """
import asyncio, sys
from bot.app import running
from bot.cli.command_line import main
from bot.settings import load_settings
try:
    main(["ask", "china vs us"])
except SystemExit:
    pass
async def serve():
    async with running(load_settings()):
        pass
asyncio.run(serve())
names = (
    "bot.reader",
    "bot.answering.reader_choice",
    "bot.answering.reader_request",
    "bot.service.reading",
)
print([name for name in sys.modules if name.startswith(names)])
"""


async def test_without_it_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOADED,
        env=environment(PYTHONPATH=str(ROOT)), cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert out.decode().splitlines()[-1] == "[]"
