"""Nobody waits for somebody else, nothing is done in secret, strangers are told so."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
import pytest
import structlog

from bot.answering import phrases
from bot.platforms.slack import receiving
from bot.platforms.slack.render import SLACK_NOTICES
from bot.platforms.wire import Lanes
from tests.fakes.slack import FakeSlack, Fault, Posted, settle, signature
from tests.memory_store import MemoryStore
from tests.platforms.slack_world import World, slack_world
from tests.platforms.test_slack_installations import install

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog


class Slow(MemoryStore):
    """A store that keeps everybody waiting until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()

    async def save_plan(self, *args: Any, **more: Any) -> None:
        await self.go.wait()
        await super().save_plan(*args, **more)


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog, store: Slow
) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world(request.param, tmp_path, catalog, slack=slack, store=store) as running,
    ):
        yield running
        assert slack.refused == []


async def idle(world: World) -> None:
    await asyncio.wait_for(world.component._in_flight.idle(), 30)


# Conversations


async def test_two_quick_messages_are_answered_in_order_and_in_context(
    world: World, store: Slow
) -> None:
    store.go.clear()
    await world.slack.say("compare china and us on cost", channel="D1")
    await world.slack.say("say that again", channel="D1")
    await asyncio.sleep(0.05)
    assert not world.slack.visible("D1")
    store.go.set()
    await idle(world)
    first, second = (message.text for message in world.slack.visible("D1"))
    assert "compared" in first
    assert second == first, "the second goes on with the first"


async def test_a_status_is_shown_for_what_takes_long_and_taken_away(
    world: World, store: Slow
) -> None:
    store.go.clear()
    ts, _ = await world.slack.say("list", channel="D1")
    await settle(lambda: world.slack.statuses)
    assert world.slack.statuses == [
        {"channel_id": "D1", "thread_ts": ts, "status": phrases.WORKING}
    ]
    store.go.set()
    await idle(world)
    assert len(world.slack.visible("D1")) == 1


async def test_an_answer_never_waits_for_its_status(world: World, store: Slow) -> None:
    held = asyncio.Event()
    world.slack.fail("assistant.threads.setStatus", Fault(wait=held))
    store.go.clear()
    await world.slack.say("list", channel="D1")
    await settle(lambda: any(m == "assistant.threads.setStatus" for m, _ in world.slack.calls))
    store.go.set()
    await settle(lambda: world.slack.visible("D1"), within_s=5)
    held.set()
    await idle(world)
    # It came after the answer, which would have taken it away.
    assert [status["status"] for status in world.slack.statuses] == [phrases.WORKING, ""]


async def test_lanes_go_in_order_and_are_forgotten() -> None:
    lanes, order = Lanes(), []

    async def walk(number: int, key: str | None) -> None:
        async with lanes.turn(key):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(walk(n, f"k{n % 3}") for n in range(30)), walk(99, None))
    for key in range(3):
        own = [n for n in order if n < 99 and n % 3 == key]
        assert own == sorted(own)
    assert len(lanes) == 0


# Workspaces


async def test_a_workspace_that_slack_limits_holds_up_nobody_else(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack, oauth=True) as world,
    ):
        for team in ("T1", "T2"):
            await install(world, team)
        slack.limits["T1", "chat.postMessage"] = "20"
        for _ in range(80):
            await slack.say("<@UBOT> list", team="T1")
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await slack.say("<@UBOT> list", team="T2")
        await settle(lambda: any(p.team == "T2" for p in slack.visible()), within_s=10)
        assert loop.time() - began_s < 5, "the other workspace is asked to wait, not this one"
        assert not any(p.team == "T1" for p in slack.visible())
        await world.component._in_flight.cancel()


# Other organizations


async def test_strangers_in_a_shared_channel_are_told_and_may_press_nothing(world: World) -> None:
    slack = world.slack
    slack.teams["T1"].members["C1"].add("U9")
    await slack.say("<@UBOT> what comes next", user="U9", user_team="T9")
    await idle(world)
    assert slack.visible() == []
    assert [told.text for told in slack.whispered("U9")] == [SLACK_NOTICES["stranger"]]

    await slack.say("<@UBOT> what comes next")
    await idle(world)
    (answer,) = slack.visible()
    for value in ("why|", "ask|", "|up|"):
        await slack.press(answer, answer.button(value), user="U9", of_team="T9")
    await idle(world)
    assert {told.text for told in slack.whispered("U9")} == {SLACK_NOTICES["stranger"]}
    assert await world.store.rating_totals() == {}


async def test_a_stranger_is_one_whatever_workspace_the_request_names(world: World) -> None:
    slack = world.slack
    slack.teams["T1"].members["C1"].add("U9")
    ts = slack.ts()
    event = {"type": "app_mention", "user": "U9", "user_team": "T9", "ts": ts, "channel": "C1"}
    payload = slack.event_payload(event | {"text": "list"}, team="T9")
    await slack.deliver("events_api", payload | {"is_ext_shared_channel": True})
    await slack.say("<@UBOT> what comes next")
    await idle(world)
    (answer,) = slack.visible()
    for value in ("why|", "|up|"):
        answer.team = "T9"
        await slack.press(answer, answer.button(value), user="U9", of_team="T9")
    await idle(world)
    assert [told.text for told in slack.whispered("U9")] == [SLACK_NOTICES["stranger"]] * 3
    assert await world.store.rating_totals() == {}


async def test_everyone_may_be_answered_and_still_not_manage(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack, strangers_too=True) as world,
    ):
        slack.teams["T1"].members["C1"].add("U9")
        await slack.say("<@UBOT> list", user="U9", user_team="T9")
        await settle(slack.visible)
        button = {"type": "button", "action_id": "x", "value": "1|schedule|remove|abcde"}
        await slack.press(slack.visible()[0], button, user="U9", of_team="T9")
        await idle(world)
        assert slack.whispered("U9")[0].text == SLACK_NOTICES["stranger-manages"]


# Acknowledgements


async def test_a_command_whose_acknowledgement_failed_is_not_carried_out(
    tmp_path: Path, catalog: Catalog
) -> None:
    """Slack has told the person that it failed, and they will try again."""
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack) as world,
    ):
        await slack.slash("what comes next")
        await settle(slack.whispered)
        answer = slack.whispered()[0]
        connected = world.component._connected
        assert connected
        find, slow = connected.workspaces.find, asyncio.Event()

        async def waiting(*args: object) -> object:
            await slow.wait()
            return await find(None)

        connected.workspaces.find = waiting  # type: ignore[method-assign, assignment]
        body = vote_body(slack, answer)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | signature(body)
        async with aiohttp.ClientSession() as session:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await session.post(slack.http_url, data=body, headers=headers)
        with structlog.testing.capture_logs() as logs:
            slow.set()
            await idle(world)
        assert "slack.not_acknowledged" in [line["event"] for line in logs]
        assert await world.store.rating_totals() == {}
        assert len(slack.whispered()) == 1


async def test_what_was_acknowledged_too_late_is_said_and_not_done(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack) as world,
    ):
        await slack.slash("what comes next")
        await settle(slack.whispered)
        answer = slack.whispered()[0]
        monkeypatch.setattr(receiving, "SLACK_WAITS_S", 0.0)
        await slack.press(answer, answer.button("|up|"))
        await idle(world)
        assert slack.whispered()[-1].text == SLACK_NOTICES["late"]
        assert await world.store.rating_totals() == {}
        # Nobody sees a failure of an event, so a message is answered late rather than never.
        await slack.say("<@UBOT> list")
        await settle(slack.visible)


def vote_body(slack: FakeSlack, message: Posted) -> str:
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "C1"},
        "container": {"type": "message", "channel_id": "C1", "is_ephemeral": True},
        "trigger_id": "lost.trigger",
        "response_url": slack._response_url("T1", "C1", "U1", message),
        "api_app_id": "A1",
        "actions": [{**message.button("|up|"), "block_id": "b", "action_ts": "1"}],
    }
    return urlencode({"payload": json.dumps(payload)})
