"""Every form is acknowledged in time, and says what has come of it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.platforms.slack import receiving, slack_app
from bot.platforms.slack.render import SLACK_NOTICES
from bot.schedules.texts import say
from tests.fakes.slack import Fault, settle
from tests.fakes.slack_schedules import SchedulingSlack
from tests.platforms.slack_world import World, slack_world
from tests.platforms.test_slack_schedules import use_cases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    monkeypatch.setattr(slack_app, "FORM_WITHIN_S", 0.1)
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


async def open_form(world: World) -> SchedulingSlack:
    slack = world.slack
    assert isinstance(slack, SchedulingSlack)
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    return slack


@pytest.mark.parametrize(
    ("filled", "shown"),
    [
        ({"when": "weekdays 9:00", "what": "key-players"}, "09:00"),
        ({"when": "tomorrow-ish", "what": "key-players"}, ""),
    ],
)
async def test_a_slow_form_waits_and_then_shows_what_came_of_it(
    world: World, filled: dict[str, str], shown: str
) -> None:
    slack = await open_form(world)
    held = asyncio.Event()
    slack.fail("users.info", Fault(wait=held))
    acked = await slack.submit(**filled)
    assert acked.ok
    assert acked.seconds < 1
    payload: Any = acked.payload
    assert payload["response_action"] == "update"
    assert SLACK_NOTICES["working"] in json.dumps(payload)
    assert not slack.updated
    held.set()
    await settle(lambda: slack.updated)
    told = json.dumps(slack.updated[-1])
    assert shown in told
    assert SLACK_NOTICES["working"] not in told


@pytest.mark.parametrize("open_still", [True, False])
async def test_what_was_typed_is_escaped_once_whenever_it_is_told(
    world: World, open_still: bool
) -> None:
    slack = await open_form(world)
    filled = {"when": "ab &amp; &lt;x&gt;", "what": "key-players"}
    at_once: Any = (await slack.submit(**filled)).payload
    assert filled["when"] in at_once["errors"]["when"]
    held = asyncio.Event()
    slack.fail("users.info", Fault(wait=held))
    if not open_still:
        slack.fail("views.update", Fault(error="not_found"))
    await slack.submit(**filled)
    held.set()
    await settle(lambda: slack.updated if open_still else slack.visible("DU1"))
    told = slack.updated[-1] if open_still else slack.visible("DU1")[-1].payload
    assert told["blocks"][0]["text"]["text"] == at_once["errors"]["when"]


@pytest.mark.parametrize("open_still", [True, False])
@pytest.mark.parametrize("quick", [True, False])
async def test_what_a_form_did_is_told_though_its_acknowledgement_is_lost(
    tmp_path: Path,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
    quick: bool,
    open_still: bool,
) -> None:
    monkeypatch.setattr(slack_app, "FORM_WITHIN_S", 5.0 if quick else 0.01)
    async with (
        SchedulingSlack() as fake,
        slack_world(
            "socket",
            tmp_path,
            catalog,
            slack=fake,
            schedules=lambda engine: use_cases(engine, catalog),
        ) as world,
    ):
        slack = await open_form(world)
        held = asyncio.Event()
        slack.fail("users.info", Fault(wait=held))
        if not open_still:
            slack.fail("views.update", Fault(error="not_found"))
        slack.admitting.clear()
        sent = asyncio.create_task(slack.submit(when="weekdays 9:00", what="key-players"))
        await settle(lambda: [m for m, _ in slack.calls].count("users.info") > 1)
        slack.cut()
        await settle(lambda: not world.component.ready())
        await asyncio.sleep(0.02)
        held.set()
        await settle(lambda: slack.updated if open_still else slack.visible("DU1"))
        slack.admitting.set()
        told = slack.updated[-1] if open_still else slack.visible("DU1")[-1].payload
        assert say("added") in json.dumps(told)
        lost = not (await sent).ok
        assert lost or not quick


async def test_nothing_is_said_of_mistakes_in_a_form_that_slack_says_has_failed(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        SchedulingSlack() as fake,
        slack_world(
            "http",
            tmp_path,
            catalog,
            slack=fake,
            schedules=lambda engine: use_cases(engine, catalog),
        ) as world,
    ):
        slack = await open_form(world)
        monkeypatch.setattr(receiving, "SLACK_WAITS_S", 0.0)
        for when in ("tomorrow-ish", "weekdays 9:00"):
            await slack.submit(when=when, what="key-players")
        await settle(lambda: slack.updated)
        (told,) = slack.updated
        assert say("added") in json.dumps(told)


async def test_a_stranger_is_told_in_the_form(world: World) -> None:
    slack = await open_form(world)
    acked = await slack.submit(of_team="T9", when="weekdays 9:00", what="key-players")
    assert SLACK_NOTICES["stranger-manages"] in json.dumps(acked.payload)
