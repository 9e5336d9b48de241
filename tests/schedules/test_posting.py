"""Turns: never faster than the budget, shared by all who ask, put off where it would be long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.app import rules_of
from bot.errors import RateLimited, StorageError
from bot.schedules.posting import Pacer
from bot.schedules.schedule_ports import Rate
from bot.schedules.subscription import Target
from bot.storage.database import build_engine, upgrade
from bot.storage.delivery_queue import SqlSharing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RULES = rules_of()
DISCORD = Target("discord", "G1", "C1")


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def sharing(tmp_path: Path) -> AsyncIterator[SqlSharing]:
    engine = build_engine(f"sqlite:///{tmp_path}/pacing.sqlite")
    await upgrade(engine)
    yield SqlSharing(engine)
    await engine.dispose()


async def test_two_replicas_share_one_budget(sharing: SqlSharing) -> None:
    loop = asyncio.get_running_loop()
    pacers = [Pacer(RULES, sharing, clock) for _ in range(2)]
    times: list[float] = []

    async def one(pacer: Pacer) -> None:
        await pacer.turn(DISCORD)
        times.append(loop.time())

    begun = loop.time()
    await asyncio.gather(*(one(pacers[i % 2]) for i in range(60)))
    assert loop.time() - begun >= 59 / 50 - 0.5
    assert len(times) == 60


async def test_the_gate_spreads_what_has_bunched_up(sharing: SqlSharing) -> None:
    loop = asyncio.get_running_loop()
    pacer = Pacer(RULES, sharing, clock)
    begun = loop.time()
    await asyncio.gather(*(pacer.gate(DISCORD) for _ in range(75)))
    assert loop.time() - begun >= 1.0


async def test_a_wait_that_would_be_long_is_put_off(sharing: SqlSharing) -> None:
    pacer = Pacer(RULES, sharing, clock)
    await pacer.hold(DISCORD, 60.0)
    with pytest.raises(RateLimited) as caught:
        await pacer.turn(DISCORD)
    assert 50 < caught.value.retry_after_s <= 61


async def test_a_hold_is_never_shortened(sharing: SqlSharing) -> None:
    now = clock()
    await sharing.hold("x", now + timedelta(seconds=60))
    await sharing.hold("x", now + timedelta(seconds=5))
    (rate,) = RULES.rates_of(DISCORD)
    assert rate.scope == "discord"
    pacer = Pacer(RULES, sharing, clock)
    await pacer.hold(DISCORD, 60)
    await pacer.hold(DISCORD, 1)
    with pytest.raises(RateLimited):
        await pacer.turn(DISCORD)


async def test_slack_has_a_budget_for_the_channel_and_one_for_the_workspace() -> None:
    channel, workspace = RULES.rates_of(Target("slack", "T1", "C1"))
    assert (channel.scope, channel.per_s) == ("slack:T1:C1", 1.0)
    assert workspace.scope == "slack:T1"
    assert RULES.rates_of(Target("slack", "T1", "C1", user="U1"))[0].scope == "slack:T1:U1"


async def test_a_channel_gets_one_a_second(sharing: SqlSharing) -> None:
    loop = asyncio.get_running_loop()
    pacer = Pacer(RULES, sharing, clock)
    begun = loop.time()
    await asyncio.gather(*(pacer.turn(Target("slack", "T1", "C1")) for _ in range(2)))
    assert loop.time() - begun >= 0.95


async def test_without_the_database_it_paces_itself(sharing: SqlSharing) -> None:
    class Broken(SqlSharing):
        async def reserve(self, *given: object) -> tuple[datetime, bool]:
            raise StorageError("a frozen peer holds the row")

    loop = asyncio.get_running_loop()
    pacer = Pacer(RULES, Broken(sharing._engine), clock)
    begun = loop.time()
    await asyncio.gather(*(pacer.turn(Target("slack", "T1", f"C{i}")) for i in range(12)))
    assert 1.8 < loop.time() - begun < 4


async def test_an_error_is_told_to_all_who_wait(sharing: SqlSharing) -> None:
    class Broken(SqlSharing):
        async def reserve(self, *given: object) -> tuple[datetime, bool]:
            raise OSError("down")

    pacer = Pacer(RULES, Broken(sharing._engine), clock)
    found = await asyncio.gather(*(pacer.turn(DISCORD) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [OSError] * 3


async def test_a_slot_that_a_wrong_clock_took_holds_up_nobody(sharing: SqlSharing) -> None:
    rate, now = Rate("discord", 50.0), clock()
    assert await sharing.reserve(rate, 1, now + timedelta(hours=1), 6.0)
    first, taken = await sharing.reserve(rate, 1, now, 6.0)
    assert (first, taken) == (now, True)


async def test_a_clock_that_is_set_back_stops_nobody(sharing: SqlSharing) -> None:
    """Also where that is between a look at the clock and the next."""
    hours = iter([0, -1, -1, 0])

    def unsteady() -> datetime:
        return clock() + timedelta(hours=next(hours, 0))

    pacer = Pacer(RULES, sharing, unsteady)
    async with asyncio.timeout(3):
        for _ in range(4):
            await pacer.turn(DISCORD)
    assert pacer.quota("discord", 0) == RULES.at_once("discord")


async def test_a_held_budget_has_no_quota(sharing: SqlSharing) -> None:
    pacer = Pacer(RULES, sharing, clock)
    await pacer.hold(Target("slack", "T1", "C1"), 0.2)
    assert (pacer.quota("slack:T1", 0), pacer.quota("slack:T2", 10)) == (0, 20)
    await asyncio.sleep(0.25)
    assert pacer.quota("slack:T1", 0) == 30
