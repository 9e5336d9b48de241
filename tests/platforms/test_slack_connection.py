"""Staying connected and ending: disconnect frames, restarts, signals."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RateLimited, SettingsError
from bot.platforms.slack import receiving
from bot.platforms.slack.receiving import Intervals, Pace
from bot.service.supervisor import Backoff, Supervisor
from tests.fakes.slack import FakeSlack, Fault, settle
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog


@pytest.fixture
async def world(tmp_path: Path, catalog: Catalog) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack) as running,
    ):
        yield running


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_disconnect_frame_renews_the_socket(world: World, reason: str) -> None:
    for _ in range(3):
        opened = world.slack.opened
        await world.slack.disconnect(reason)
        await settle(partial(opened_since, world.slack, opened))
        await settle(world.component.ready)
    assert (await world.slack.slash("list")).ok
    await settle(world.slack.whispered)


def opened_since(slack: FakeSlack, count: int) -> bool:
    return slack.opened > count and len(slack.sockets) == 1


async def test_a_server_that_restarts_is_found_again(world: World) -> None:
    await world.slack.stop()
    await settle(lambda: not world.component.ready())
    await world.slack.start()
    await settle(world.component.ready)
    await settle(lambda: len(world.slack.sockets) == 1)
    assert (await world.slack.slash("list")).ok
    await settle(world.slack.whispered)


async def test_what_comes_while_a_socket_is_renewed_is_answered(world: World) -> None:
    slack = world.slack
    slack.admitting.clear()
    await slack.disconnect()
    await settle(lambda: slack.knocking)
    await slack.disconnect("warning")
    assert (await slack.slash("list")).ok
    await settle(slack.whispered)
    slack.admitting.set()
    await settle(lambda: opened_since(slack, 1))
    assert slack.opened == 2
    assert (await slack.slash("list")).ok
    await settle(lambda: len(slack.whispered()) == 2)


async def test_a_renewal_that_is_refused_leaves_the_socket(world: World) -> None:
    slack = world.slack
    slack.fail("apps.connections.open", Fault(error="link_disabled"))
    await slack.disconnect("link_disabled")
    await settle(lambda: [m for m, _ in slack.calls].count("apps.connections.open") == 2)
    assert (await slack.slash("list")).ok
    await settle(slack.whispered)
    await slack.disconnect()
    await settle(lambda: opened_since(slack, 1))
    await settle(world.component.ready)


@pytest.mark.parametrize("trouble", ["close", "refresh_requested", "too_many_websockets"])
async def test_sockets_that_end_at_once_are_not_opened_in_a_storm(
    tmp_path: Path, catalog: Catalog, trouble: str
) -> None:
    calm = Intervals(ping_s=0.1, linger_s=0.1, first_s=0.1, most_s=60.0)
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack, intervals=calm),
    ):
        slack.after_hello = trouble
        with structlog.testing.capture_logs() as logs:
            await slack.disconnect("warning")
            await asyncio.sleep(0.8)
        # 0.1 s, 0.2 s, 0.4 s, each at least half of it, and the first one before.
        assert 3 <= slack.opened <= 6
        assert slack.most_open <= 2
        told = [line for line in logs if line["event"] == "slack.socket_replaced"]
        assert [line["log_level"] for line in told] == ["warning"]
        assert told[0]["reason"] == "warning"


async def test_it_is_quick_again_once_a_socket_stays(world: World) -> None:
    slack = world.slack
    slack.after_hello = "close"
    await slack.disconnect()
    await settle(lambda: slack.opened >= 4)
    slack.after_hello = ""
    async with asyncio.timeout(10):
        while not (await slack.slash("list")).ok:
            await asyncio.sleep(0.02)
    await settle(slack.whispered)


@given(
    lived=st.lists(st.floats(0, 100), min_size=1, max_size=20),
    fraction=st.floats(0, 1),
    asked=st.booleans(),
)
def test_the_pace_is_bounded_and_starts_again_after_a_steady_socket(
    lived: list[float], fraction: float, asked: bool
) -> None:
    pace = Pace(Intervals(first_s=1.0, most_s=60.0, steady_s=30.0), lambda: fraction)
    short = 0
    for lived_s in lived:
        wait_s = pace.wait_s(lived_s, asked=asked)
        short = 0 if lived_s >= 30 else short + 1
        if short:
            whole = min(60.0, 2.0 ** (short - 1))
            assert whole / 2 <= wait_s <= whole
        else:
            assert 0 <= wait_s <= (0 if asked else 1)


async def test_a_token_that_is_revoked_ends_the_component_with_the_reason(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack) as world,
    ):
        slack.fail("apps.connections.open", Fault(error="invalid_auth"))
        for socket in slack.sockets:
            await socket.close()
        with pytest.raises(SettingsError, match="invalid_auth: Copy the token"):
            await asyncio.wait_for(world.task, 30)
        assert not world.component.ready()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_wrong_token_is_an_error_at_once(
    tmp_path: Path, catalog: Catalog, mode: str
) -> None:
    async with FakeSlack() as slack:
        slack.teams["T1"].bot_token = "xoxb-other"
        async with slack_world(mode, tmp_path, catalog, slack=slack) as world:
            assert not world.component.ready()
            with pytest.raises(SettingsError, match="invalid_auth: Copy the token"):
                await world.task


async def test_a_wrong_app_token_is_an_error_at_once(tmp_path: Path, catalog: Catalog) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack, app_token="xapp-no") as world,
    ):
        with pytest.raises(SettingsError, match="invalid_auth: Copy the token"):
            await world.task


async def test_slack_that_is_down_is_an_error_the_supervisor_repeats(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with FakeSlack() as slack:
        await slack.stop()
        async with slack_world("socket", tmp_path, catalog, slack=slack) as world:
            with pytest.raises(RateLimited, match="unreachable"):
                await world.task
            stop = asyncio.Event()
            backoff = Backoff(first_s=0.05, most_s=0.05)
            running = asyncio.create_task(Supervisor([world.component], backoff).run(stop))
            await slack.start()
            await settle(world.component.ready)
            stop.set()
            await running


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_work_in_progress_is_finished_at_the_end(
    tmp_path: Path, catalog: Catalog, mode: str
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world(mode, tmp_path, catalog, slack=slack) as world,
    ):
        slack.fail("response_url", Fault(status=429, retry_after="0.5"))
        assert (await slack.slash("list")).ok
        await settle(lambda: any(method == "response_url" for method, _ in slack.calls))
        assert not slack.whispered()
        await asyncio.wait_for(world.component.drain(), 30)
        assert len(slack.whispered()) == 1
        assert not world.component.ready()
        late = await slack.slash("list")
        assert not late.ok
        assert late.status in {0, 503}


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_what_has_come_is_acknowledged_at_the_end(
    tmp_path: Path, catalog: Catalog, mode: str
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world(mode, tmp_path, catalog, slack=slack) as world,
    ):
        connected = world.component._connected
        assert connected
        find, asked, slow = connected.workspaces.find, asyncio.Event(), asyncio.Event()

        async def waiting(*args: object) -> object:
            asked.set()
            await slow.wait()
            return await find(None)

        connected.workspaces.find = waiting  # type: ignore[method-assign, assignment]
        asking = asyncio.create_task(slack.slash("list"))
        await asked.wait()
        draining = asyncio.create_task(world.component.drain())
        await settle(lambda: not world.component.ready())
        slow.set()
        assert (await asking).ok
        await draining
        assert len(slack.whispered()) == 1


async def test_work_that_takes_too_long_is_dropped_in_time(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with (
        FakeSlack() as slack,
        slack_world("socket", tmp_path, catalog, slack=slack) as world,
    ):
        world.task.cancel()
        await asyncio.wait([world.task])
        stop = asyncio.Event()
        running = asyncio.create_task(Supervisor([world.component], drain_s=0.3).run(stop))
        await settle(world.component.ready)
        slack.fail("response_url", Fault(status=429, retry_after="20"))
        await slack.slash("list")
        await settle(lambda: any(method == "response_url" for method, _ in slack.calls))
        stop.set()
        # Slack's 20 seconds are not waited for.
        async with asyncio.timeout(15):
            await running
        assert not slack.whispered()


async def test_the_acknowledgement_does_not_wait_for_a_slow_database(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "ACK_WITHIN_S", 0.1)
    async with (
        FakeSlack() as slack,
        slack_world("http", tmp_path, catalog, slack=slack) as world,
    ):
        connected = world.component._connected
        assert connected
        find, slow = connected.workspaces.find, asyncio.Event()

        async def waiting(*args: object) -> object:
            await slow.wait()
            return await find(None)

        connected.workspaces.find = waiting  # type: ignore[method-assign, assignment]
        acked = await slack.slash("list")
        assert acked.ok
        assert not slack.whispered()
        slow.set()
        await settle(slack.whispered)
