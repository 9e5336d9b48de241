"""The short form of the fault test, and deploys: every delivery once, whatever dies."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.harness import Run, kill_at_random
from tests.faults.platform import FakePlatform

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/faults.sqlite"
    url: str = request.getfixturevalue("fresh_postgres_url")
    return url


async def test_two_kills_lose_nothing_and_repeat_nothing(database: str, tmp_path: Path) -> None:
    processes = 1 if database.startswith("sqlite") else 2
    async with FakePlatform(lose=0.05, fail=0.02) as platform:
        run = Run(
            database,
            platform,
            count=40,
            spread_s=4.0,
            lease_s=2.0,
            polling_s=0.2,
            log=tmp_path / "workers.log",
        )
        try:
            await run.prepare()
            await kill_at_random(run, 2, processes)
            await run.finish(timeout_s=45)
            states = await run.states()
        finally:
            await run.close()
    report = run.report()
    assert (report["lost"], report["twice"], report["strangers"]) == (0, 0, 0), report
    assert states == {"sent": 40}


async def test_a_rolling_deploy_finishes_everything_once(
    fresh_postgres_url: str, tmp_path: Path
) -> None:
    """A new version starts, the old one gets SIGTERM and, a moment later, SIGKILL."""
    async with FakePlatform(latency_s=0.2) as platform:
        run = Run(
            fresh_postgres_url,
            platform,
            count=120,
            spread_s=4.0,
            lease_s=2.0,
            polling_s=0.2,
            log=tmp_path / "workers.log",
        )
        try:
            await run.prepare()
            old = await run.start("old-protocol")
            await run.ready(old)
            new = await run.start("new-protocol")
            await run.ready(new)
            old.terminate()
            await asyncio.sleep(0.1)
            await run.kill(old)
            await run.finish(timeout_s=45)
            states = await run.states()
            assert await run.end(new) == 0
        finally:
            await run.close()
    report = run.report()
    assert (report["lost"], report["twice"]) == (0, 0), report
    assert states == {"sent": 120}


async def test_sigterm_hands_over_and_exits_with_0(tmp_path: Path) -> None:
    """Nothing that was begun is dropped, and the rest is there for whoever comes next."""
    async with FakePlatform(latency_s=0.1) as platform:
        run = Run(
            f"sqlite:///{tmp_path}/faults.sqlite",
            platform,
            count=200,
            lease_s=30.0,
            polling_s=0.2,
            platforms=("discord",),
            log=tmp_path / "workers.log",
        )
        try:
            await run.prepare()
            first = await run.start()
            await run.ready(first)
            while sum(platform.messages.values()) < 20:
                await asyncio.sleep(0.02)
            begun = time.monotonic()
            assert await run.end(first) == 0
            assert time.monotonic() - begun < 6
            assert "sending" not in await run.states()
            assert sum(platform.messages.values()) < 200
            # The lease is long: what comes next does not wait for it.
            await run.start()
            await run.finish(timeout_s=25)
        finally:
            await run.close()
    report = run.report()
    assert (report["lost"], report["twice"]) == (0, 0), report
