"""The short form of the fault test: every delivery once, whatever dies.

The lease and the wait before a lost post is looked for are shorter than in earnest; the table
of docs/operating.md is of `make faults`, which waits as in earnest.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.harness import Run
from tests.faults.platforms import Faults, both
from tests.faults.rows import deploy, kill_as_accepted, stopped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WAITS = {"lease_s": 3.0, "settle_s": 4.0}


@asynccontextmanager
async def run_on(
    database: str, folder: Path, *, faults: Faults | None = None, **more: Any
) -> AsyncIterator[Run]:
    async with both(faults or Faults()) as platforms:
        run = Run(database, platforms, folder, waits=WAITS, **more)
        try:
            await run.prepare()
            yield run
        finally:
            await run.close()
        report = run.report()
        assert (report["lost"], report["twice"], report["refused"]) == (0, 0, []), report


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/faults.sqlite"
    url: str = request.getfixturevalue("fresh_postgres_url")
    return url


async def test_who_dies_as_a_post_is_accepted_repeats_nothing(
    database: str, tmp_path: Path
) -> None:
    """Twenty newer messages stand in the channel by the time it is looked for."""
    async with run_on(database, tmp_path, count=16, spread_s=1.0) as run:
        await kill_as_accepted(run, deaths=1, during_recovery=0)
        assert await run.settled(30)
        assert run.platforms.faults.counts["looked back"] > 0
        assert await run.states() == {"sent": 16}


async def test_who_was_stopped_between_claim_and_request_does_not_post(
    fresh_postgres_url: str, tmp_path: Path
) -> None:
    async with run_on(fresh_postgres_url, tmp_path, count=16, spread_s=1.0) as run:
        await stopped("claimed", 6.0)(run)
        assert await run.settled(30)


async def test_a_rolling_deploy_finishes_everything_once(
    fresh_postgres_url: str, tmp_path: Path
) -> None:
    """A new process starts, the old one gets SIGTERM and, a moment later, SIGKILL."""
    slow = Faults(latency_s=0.2)
    async with run_on(fresh_postgres_url, tmp_path, faults=slow, count=60, spread_s=4.0) as run:
        await deploy(run, times=1)
        assert await run.settled(30)


async def test_sigterm_hands_over_and_exits_with_0(tmp_path: Path) -> None:
    """Nothing that was begun is dropped, and the rest is there for whoever comes next."""
    async with run_on(
        f"sqlite:///{tmp_path}/faults.sqlite",
        tmp_path,
        faults=Faults(latency_s=0.1),
        count=200,
        spread_s=0.0,
        within=("discord",),
    ) as run:
        first = await run.start(waits=WAITS | {"lease_s": 60.0})
        await run.ready(first)
        while run.platforms.faults.accepted < 20:
            await asyncio.sleep(0.02)
        begun = time.monotonic()
        assert await run.end(first) == 0
        assert time.monotonic() - begun < 6
        assert "sending" not in await run.states()
        assert run.platforms.faults.accepted < 200
        # The lease is long: what comes next does not wait for it.
        await run.start()
        assert await run.settled(25)
