"""Once: whatever Slack sends twice, whatever gets lost, whoever restarts."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering import phrases
from bot.platforms.slack.render import SLACK_NOTICES
from tests.fakes.slack import FakeSlack, Fault, settle
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog
) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world(request.param, tmp_path, catalog, slack=slack) as running,
    ):
        yield running


async def one_answer(world: World, channel: str = "C1") -> None:
    """Exactly one, also after everything that was begun has ended."""
    await settle(lambda: world.slack.visible(channel))
    await asyncio.wait_for(world.component._in_flight.idle(), 30)
    assert len(world.slack.visible(channel)) == 1


def mention(slack: FakeSlack, ts: str = "1.1", **more: Any) -> dict[str, Any]:
    return {
        "type": "app_mention",
        "user": "U1",
        "text": "<@UBOT> list",
        "ts": ts,
        "channel": "C1",
    } | more


async def test_a_delivery_that_comes_again_is_answered_once(world: World) -> None:
    slack = world.slack
    ts, _ = await slack.say("<@UBOT> list")
    payload = slack.event_payload(mention(slack, ts), event_id="EvX")
    for retry in range(4):
        assert (await slack.deliver("events_api", payload, retry=retry)).ok
    await one_answer(world)


async def test_the_same_message_under_other_event_ids_and_types(world: World) -> None:
    ts, acked = await world.slack.say("list", channel="D1", types=("message", "app_mention"))
    assert all(a.ok for a in acked)
    await world.slack.event(mention(world.slack, ts, channel="D1"))
    await one_answer(world, "D1")


async def test_a_slash_command_that_is_replayed(world: World) -> None:
    for _ in range(3):
        assert (await world.slack.slash("list", trigger_id="same")).ok
    await settle(world.slack.whispered)
    await world.component._in_flight.idle()
    assert len(world.slack.whispered()) == 1


async def test_still_once_after_a_restart(tmp_path: Path, catalog: Catalog) -> None:
    async with FakeSlack() as slack:
        payload: dict[str, Any] = {}
        for start in range(2):
            async with slack_world("socket", tmp_path, catalog, slack=slack) as world:
                if not start:
                    ts, _ = await slack.say("<@UBOT> list")
                    payload = slack.event_payload(mention(slack, ts))
                assert (await slack.deliver("events_api", payload)).ok
                await one_answer(world)


async def test_what_was_handled_is_forgotten_after_a_day(tmp_path: Path, catalog: Catalog) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack) as world,
    ):
        ts, _ = await slack.say("<@UBOT> list")
        await one_answer(world)
        world.clock.shift = timedelta(days=1, seconds=1)
        edited = {"edited": {"user": "U1", "ts": ts}}
        await slack.event(mention(slack, ts, **edited))
        await world.component._in_flight.idle()
        assert len(slack.visible()) == 1, "an old message that was edited may have had its answer"
        await slack.event(mention(slack, ts))
        await settle(lambda: len(slack.visible()) == 2)


async def test_a_mention_that_an_edit_adds_is_answered_once(world: World) -> None:
    slack = world.slack
    ts, _ = await slack.say("list", types=("channel_rename",))
    await world.component._in_flight.idle()
    assert not slack.visible()
    for number in range(3):
        edited = {"edited": {"user": "U1", "ts": f"{slack.began_s}.9{number}"}}
        assert (await slack.event(mention(slack, ts, **edited))).ok
    await one_answer(world)
    assert slack.visible()[0].thread_ts == ts


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "BBOT", "user": "UBOT"},
        {"bot_id": "BOTHER", "user": "UOTHER"},
        {"user": "USLACKBOT"},
        {"user": "UBOT"},
        {"subtype": "message_changed", "message": {"text": "x"}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"hidden": True},
    ],
)
async def test_what_is_not_a_person_speaking_is_ignored(
    world: World, more: dict[str, Any]
) -> None:
    for channel in ("D1", "C1"):
        _, acked = await world.slack.say("list", channel=channel, **more)
        assert all(a.ok for a in acked)
    await world.slack.say("list", types=("message",))
    await world.component._in_flight.idle()
    assert world.slack.visible("D1") == world.slack.visible("C1") == []


async def test_events_that_nobody_handles_are_acknowledged(world: World) -> None:
    for kind in ("reaction_added", "channel_rename", "something_new"):
        assert (await world.slack.event({"type": kind, "user": "U1"})).ok
    unknown = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {}}
    assert (await world.slack.deliver("interactive", unknown)).ok


@pytest.mark.parametrize(
    "odd",
    [
        {"authorizations": [None]},
        {"authorizations": 7},
        {"event": {"type": "app_mention", "channel": 7}},
        {"event": {"type": "app_mention", "user": True}},
        {"event": None},
    ],
)
async def test_an_event_that_cannot_be_read_is_acknowledged(
    world: World, odd: dict[str, Any]
) -> None:
    payload = world.slack.event_payload({"type": "app_mention"}) | odd
    assert (await world.slack.deliver("events_api", payload)).status in {200, 400}
    await world.slack.say("<@UBOT> list")
    await settle(world.slack.visible)


async def test_a_lost_reply_never_posts_twice(world: World) -> None:
    world.slack.fail("chat.postMessage", Fault(drop=True))
    await world.slack.say("<@UBOT> list")
    await one_answer(world)
    world.slack.fail("response_url", Fault(drop=True))
    await world.slack.slash("list")
    await settle(world.slack.whispered)
    await world.component._in_flight.idle()
    assert len(world.slack.whispered()) == 1


async def test_what_slack_failed_at_is_not_passed_over_in_silence(world: World) -> None:
    world.slack.fail("response_url", Fault(status=500))
    await world.slack.slash("list")
    await settle(world.slack.whispered)
    world.slack.fail("chat.postMessage", Fault(status=500))
    world.slack.fail("conversations.replies", Fault(status=500))
    await world.slack.say("<@UBOT> list")
    await settle(lambda: len(world.slack.whispered()) > 1)
    await world.component._in_flight.idle()
    assert [told.text for told in world.slack.whispered()] == [SLACK_NOTICES["unsure"]] * 2


@pytest.mark.parametrize("channel", ["C1", "D1"])
async def test_what_did_not_arrive_is_posted_again(world: World, channel: str) -> None:
    """Slack was in trouble: the thread is looked at, and the answer is not in it."""
    world.slack.fail("chat.postMessage", Fault(status=503))
    await world.slack.say("<@UBOT> list", channel=channel)
    await one_answer(world, channel)
    assert [m for m, _ in world.slack.calls].count("chat.postMessage") == 2


@pytest.mark.parametrize(
    ("look", "posts"),
    [
        (Fault(status=429, retry_after="1"), 1),
        (Fault(error="missing_scope"), 1),
        (Fault(status=500), 1),
        (None, 2),
    ],
)
async def test_trouble_that_stays_is_not_repeated_blindly_nor_for_ever(
    tmp_path: Path, catalog: Catalog, look: Fault | None, posts: int
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack) as world,
    ):
        slack.fail("chat.postMessage", *[Fault(status=500)] * 5)
        if look:
            slack.fail("conversations.replies", look)
        await slack.say("<@UBOT> list")
        await settle(lambda: any(m == "conversations.replies" for m, _ in slack.calls))
        await world.component._in_flight.idle()
        assert [m for m, _ in slack.calls].count("chat.postMessage") == posts
        assert slack.visible() == []


async def test_a_429_is_waited_for(world: World) -> None:
    slow = Fault(status=429, retry_after="0.05")
    world.slack.fail("chat.postMessage", slow, Fault(error="rate_limited"))
    world.slack.fail("response_url", slow)
    await world.slack.say("<@UBOT> list")
    await one_answer(world)
    await world.slack.slash("list")
    await settle(world.slack.whispered)


async def test_after_a_429_nobody_else_calls_the_method_too_early(world: World) -> None:
    slack = world.slack
    slack.fail("chat.postMessage", Fault(status=429, retry_after="1"))
    await slack.say("<@UBOT> list")
    await settle(lambda: "chat.postMessage" in [m for m, _ in slack.calls])
    for channel in ("C1", "D1"):
        await slack.say("<@UBOT> list", channel=channel)
    await settle(lambda: len(slack.visible("C1")) == 2 and slack.visible("D1"))
    assert [m for m, _ in slack.calls].count("chat.postMessage") == 4


async def test_a_limit_is_told_without_asking_again(world: World) -> None:
    world.slack.fail("chat.postMessage", Fault(status=429, retry_after="3600"))
    for count in (1, 2):
        await world.slack.say("<@UBOT> list")
        await settle(lambda: len(world.slack.whispered()) >= count)  # noqa: B023
        assert world.slack.whispered()[-1].text == phrases.NOTICES["busy"]
    assert [m for m, _ in world.slack.calls].count("chat.postMessage") == 1


@pytest.mark.parametrize("code", ["external_channel_migrating", "team_added_to_org"])
async def test_what_passes_by_itself_is_told_and_may_be_asked_again(
    world: World, code: str
) -> None:
    world.slack.fail("chat.postMessage", Fault(error=code))
    await world.slack.say("<@UBOT> list")
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.NOTICES["busy"]
    await world.slack.say("<@UBOT> list")
    await one_answer(world)


async def test_a_429_that_asks_for_too_much_is_told(world: World) -> None:
    world.slack.fail("response_url", Fault(status=429, retry_after="3600"))
    await world.slack.slash("list")
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.NOTICES["busy"]


async def test_a_store_that_fails_is_told(world: World) -> None:
    await world.engine.dispose()
    assistant = world.component._world.assistant

    async def broken(*args: object) -> None:
        raise OSError("disk full")

    assistant._store = type("Broken", (), {"save_plan": broken, "latest_plan": broken})()
    assert (await world.slack.slash("list")).ok
    await settle(world.slack.whispered)
    assert world.slack.whispered()[0].text == phrases.TROUBLE
    assert "disk" not in json.dumps(world.slack.whispered()[0].payload)
