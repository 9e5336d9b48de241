"""`aibrief serve` as a process, connected to Slack: ready, logs without words, SIGTERM."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.deploy.paas import free_port
from tests.fakes.slack import APP_TOKEN, SIGNING_SECRET, FakeSlack, Fault, settle

PRIVATE = "zanzibar"


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_serve_answers_logs_no_words_and_ends_cleanly(tmp_path: Path, mode: str) -> None:
    port = free_port()
    async with FakeSlack() as slack:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK", "DISCORD"))}
        env |= {
            "PORT": str(port),
            "PYTHONPATH": str(Path.cwd()),
            "DATABASE_URL": f"sqlite:///{tmp_path}/served.sqlite",
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": "xoxb-one",
        }
        env |= (
            {"SLACK_APP_TOKEN": APP_TOKEN}
            if mode == "socket"
            else {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve",
            env=env, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await ready(port)
            if mode == "http":
                slack.http_url = f"http://127.0.0.1:{port}/slack/events"
            assert (await slack.slash(f"{PRIVATE} china vs us")).ok
            await settle(slack.whispered)
            slack.fail("response_url", Fault(status=429, retry_after="0.5"))
            assert (await slack.slash(f"{PRIVATE} list")).ok
            await settle(lambda: [m for m, _ in slack.calls].count("response_url") == 2)
            process.send_signal(signal.SIGTERM)
            out, err = await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert len(slack.whispered()) == 2
    assert (process.returncode, err) == (0, b"")
    lines = [json.loads(line) for line in out.decode().splitlines()]
    answered = [line for line in lines if line["event"] == "slack.answered"]
    assert len(answered) == 2
    assert set(answered[0]) >= {"intent", "brief", "snippets", "score", "answer_ms", "request"}
    for secret in (PRIVATE, "xoxb-one", APP_TOKEN, "ticket1"):
        assert secret.encode() not in out


async def ready(port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(20):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        assert (await response.json())["parts"]["slack"] is True
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    async with FakeSlack() as slack:
        env = os.environ | {
            "PORT": str(free_port()),
            "PYTHONPATH": str(Path.cwd()),
            "DATABASE_URL": f"sqlite:///{tmp_path}/served.sqlite",
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": "xoxb-one",
            "SLACK_APP_TOKEN": APP_TOKEN,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve",
            env=env, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await settle(lambda: slack.sockets)
            slack.fail("response_url", Fault(status=429, retry_after="20"))
            await slack.slash("list")
            await settle(lambda: any(m == "response_url" for m, _ in slack.calls))
            process.send_signal(signal.SIGTERM)
            await settle(lambda: not slack.sockets)
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 128 + signal.SIGTERM
