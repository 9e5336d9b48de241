"""Schedules in Slack, over the wire: words, the form, the home, and the posts themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.errors import CannotLook, Refused, Uncertain
from bot.schedules import schedule_phrases as words
from bot.schedules.subscription import Target
from bot.schedules.subscriptions import Schedules
from bot.storage.deliveries import SqlDeliveries
from bot.storage.subscriptions import SqlSubscriptions
from tests.fakes.attempts import attempt
from tests.fakes.slack import Fault, Posted, settle
from tests.fakes.slack_schedules import SchedulingSlack
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.service.assistant import Reply

HERE = Target("slack", "T1", "C1")


def use_cases(engine: AsyncEngine, catalog: Catalog) -> Schedules:
    names = iter(f"id{number}" for number in range(100))
    return Schedules(
        SqlSubscriptions(engine), SqlDeliveries(engine), lambda: catalog, lambda: next(names)
    )


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog
) -> AsyncIterator[World]:
    async with (
        SchedulingSlack() as slack,
        slack_world(
            request.param,
            tmp_path,
            catalog,
            slack=slack,
            schedules=lambda engine: use_cases(engine, catalog),
        ) as running,
    ):
        yield running


async def told(world: World, count: int = 1, user: str = "U1") -> Posted:
    await settle(lambda: len(world.slack.whispered(user)) >= count)
    assert len(world.slack.whispered(user)) == count
    return world.slack.whispered(user)[-1]


async def test_words_make_a_schedule(world: World) -> None:
    assert (await world.slack.slash("schedule weekdays 9:00 china-vs-us")).ok
    confirmed = await told(world)
    assert words.ADDED in confirmed.text
    assert "Europe/Berlin" in confirmed.text
    assert confirmed.text.count("09:00") == 6
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert (made.owner, made.rhythm.cron) == ("U1", "0 9 * * 1-5")
    await world.slack.slash("schedule list")
    assert "id0" in (await told(world, 2)).text


async def test_who_does_not_manage_the_channel_may_not(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us", user="U2")
    assert "Only people who may manage" in (await told(world, user="U2")).text
    assert await SqlSubscriptions(world.engine).all_subscriptions() == []


async def test_a_mistake_is_told_with_an_example(world: World) -> None:
    await world.slack.slash("schedule weekdays 25:00 china-vs-us <!channel>")
    answer = await told(world)
    assert "no time of day" in answer.text
    assert "<!" not in json.dumps(answer.payload)


async def test_the_test_is_the_post_byte_for_byte(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    await world.slack.slash("schedule test id0")
    await settle(lambda: len(world.slack.whispered()) == 3)
    preview = world.slack.whispered()[-1]
    reply = await reply_of_next_run(world)
    await world.component.poster.post(HERE, reply, attempt("id0:1/0"))
    posted = world.slack.visible()[-1]
    for part in ("text", "blocks"):
        assert json.dumps(posted.payload[part]) == json.dumps(preview.payload[part])
    assert posted.payload["metadata"]["event_payload"] == {"key": "id0:1/0.0"}


async def test_the_test_shows_every_post(world: World) -> None:
    briefs = ("china-vs-us", "key-players", "overview", "governance", "reactions", "geopolitics")
    await world.slack.slash(f"schedule weekdays 9:00 {', '.join(briefs)}")
    await told(world)
    await world.slack.slash("schedule test id0")
    await settle(lambda: len(world.slack.whispered()) == 2 + len(briefs))


async def test_a_message_refused_after_the_first_repeats_none(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 overview")
    await told(world)
    reply = await reply_of_next_run(world)
    many = replace(reply, answer=replace(reply.answer, blocks=reply.answer.blocks * 12))
    poster = world.component.poster
    world.slack.fail("chat.postMessage", Fault(), Fault(status=429))
    with pytest.raises(Uncertain):
        await poster.post(HERE, many, attempt("k/0"))
    await poster.post(HERE, many, attempt("k/0", again=True))
    posted = [p.payload["metadata"]["event_payload"]["key"] for p in world.slack.visible()]
    assert len(posted) == len(set(posted)) > 1


async def reply_of_next_run(world: World) -> Reply:
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert world.schedules
    (reply,) = await world.schedules.preview(made, datetime.now(UTC))
    return reply


async def test_the_form(world: World) -> None:
    slack = world.slack
    assert isinstance(slack, SchedulingSlack)
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    assert "Europe/Berlin" in json.dumps(slack.forms[-1])
    wrong = await slack.submit(when="weekdays", what="key-players")
    assert wrong.payload
    assert wrong.payload["response_action"] == "errors"
    assert "At what time" in wrong.payload["errors"]["when"]
    nowhere = await slack.submit(when="weekdays 9:00", what="key-players", zone="Gotham")
    assert nowhere.payload
    assert "`" not in nowhere.payload["errors"]["zone"]
    unknown = await slack.submit(when="weekdays 9:00", question="the best pizza in town")
    assert unknown.payload
    assert "no brief" in unknown.payload["errors"]["question"]
    done = await slack.submit(when="weekdays 9:00 Tokyo", what="key-players", zone="Europe/Berlin")
    assert done.payload
    assert done.payload["response_action"] == "update"
    assert words.ADDED in json.dumps(done.payload)
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert made.rhythm.zone == "Asia/Tokyo"
    assert made.content.asks == ("key-players",)
    asked = await slack.submit(when="mondays 8am", question="what comes next")
    assert asked.payload
    assert asked.payload["response_action"] == "update"


async def test_the_home_shows_and_changes_ones_own(world: World) -> None:
    slack = world.slack
    await slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await slack.event(opened)
    await settle(lambda: "id0" in json.dumps(slack.homes.get("U1", {})))
    view = Posted("T1", "", "1", slack.homes["U1"])
    await slack.press_home(view.button("schedule|pause|id0"))
    await settle(lambda: "schedule|resume|id0" in json.dumps(slack.homes["U1"]))
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert made.standing == "paused"
    await slack.event(opened | {"user": "U2", "channel": "D2"})
    await settle(lambda: "U2" in slack.homes)
    assert "id0" not in json.dumps(slack.homes["U2"])


async def test_the_home_edits_by_a_form(world: World) -> None:
    slack = world.slack
    assert isinstance(slack, SchedulingSlack)
    await slack.slash("schedule weekdays 9:00 china-vs-us except 2026-12-25")
    await told(world)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await slack.event(opened)
    await settle(lambda: "id0" in json.dumps(slack.homes.get("U1", {})))
    view = Posted("T1", "", "1", slack.homes["U1"])
    await slack.press_home(view.button("schedule|edit|id0"))
    await settle(lambda: slack.forms)
    assert "Monday through Friday" in json.dumps(slack.forms[-1])
    refused = await slack.submit(user="U2", when="10:00")
    assert refused.payload
    assert "Only people who may manage" in refused.payload["errors"]["when"]
    done = await slack.submit(when="10:30", zone="Tokyo")
    assert done.payload
    assert words.CHANGED in json.dumps(done.payload)
    (edited,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert (edited.rhythm.cron, edited.rhythm.zone) == ("30 10 * * 1-5", "Asia/Tokyo")
    assert (edited.content.asks, len(edited.rhythm.skip_dates)) == (("china-vs-us",), 1)
    await slack.slash("schedule edit id0")
    await settle(lambda: len(slack.forms) == 2)


async def test_a_lost_reply_is_looked_for_and_not_repeated(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    reply = await reply_of_next_run(world)
    poster = world.component.poster
    world.slack.fail("chat.postMessage", Fault(drop=True))
    with pytest.raises(Uncertain):
        await poster.post(HERE, reply, attempt("k/0"))
    assert len(world.slack.visible()) == 1
    found = await poster.post(HERE, reply, attempt("k/0", again=True))
    assert found == world.slack.visible()[0].ts
    assert len(world.slack.visible()) == 1
    await poster.post(HERE, reply, attempt("other/0", again=True))
    assert len(world.slack.visible()) == 2


async def test_it_is_found_among_any_chatter_page_by_page(world: World) -> None:
    """Slack lets some apps look once a minute: a look goes on where it was."""
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    reply = await reply_of_next_run(world)
    poster, slack = world.component.poster, world.slack
    slack.fail("chat.postMessage", Fault(drop=True))
    with pytest.raises(Uncertain):
        await poster.post(HERE, reply, attempt("k/0"))
    slack.posted += [
        Posted("T1", "C1", slack.ts(), {"text": "hm"}, said_by="U2") for _ in range(40)
    ]
    again = attempt("k/0", again=True)
    for _ in range(2):
        slack.fail("conversations.history", Fault(), Fault(status=429, retry_after="0"))
        with pytest.raises(CannotLook) as caught:
            await poster.post(HERE, reply, again)
        assert caught.value.retry_after_s == 0
    assert await poster.post(HERE, reply, again) == slack.visible()[0].ts
    assert len(slack.visible()) == 1
    asked = [params for method, params in slack.calls if method == "conversations.history"]
    assert all({"oldest", "latest"} <= params.keys() for params in asked)
    assert [params.get("cursor") for params in asked] == [None, "15", "15", "30", "30"]


async def test_where_looking_is_refused_nothing_is_posted(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    reply = await reply_of_next_run(world)
    team = world.slack.teams["T1"]
    team.scopes = tuple(s for s in team.scopes if s != "channels:history")
    with pytest.raises(CannotLook) as caught:
        await world.component.poster.post(HERE, reply, attempt("k/0", again=True))
    assert (caught.value.code, caught.value.needed) == ("missing_scope", "channels:history")
    assert caught.value.retry_after_s is None
    assert world.slack.visible() == []


async def test_refusals_come_through(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    await told(world)
    reply = await reply_of_next_run(world)
    world.slack.teams["T1"].archived.add("C1")
    with pytest.raises(Refused) as caught:
        await world.component.poster.post(HERE, reply, attempt("k/0"))
    assert caught.value.code == "is_archived"
    to_owner = Target("slack", "T1", "C1", user="U1")
    await world.component.poster.post(to_owner, reply, attempt("k/1", again=True))
    assert len(world.slack.visible("DU1")) == 1
