"""Jobs that come at once share a transaction, and its failure; one that is given up hurts none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot.storage.transactions import MOST_TOGETHER, GroupCommit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Work:
    """Doubles numbers; counts the transactions, and fails where it is told to."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.fails = False
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, connection: AsyncConnection, jobs: Sequence[int]) -> Sequence[int]:
        await connection.execute(text("SELECT 1"))
        await self.go.wait()
        self.sizes.append(len(jobs))
        if self.fails:
            raise OSError("disk full")
        return [2 * job for job in jobs]


async def test_what_comes_during_a_transaction_is_the_next_one(engine: AsyncEngine) -> None:
    work = Work()
    commits: GroupCommit[int, int] = GroupCommit(engine, work)
    assert await commits.run(1) == 2
    results = await asyncio.gather(*(commits.run(n) for n in range(2 * MOST_TOGETHER)))
    assert list(results) == [2 * n for n in range(2 * MOST_TOGETHER)]
    assert len(work.sizes) <= 4
    assert max(work.sizes) <= MOST_TOGETHER


async def test_a_failure_is_everybodys_and_the_next_transaction_is_new(
    engine: AsyncEngine,
) -> None:
    work = Work()
    commits: GroupCommit[int, int] = GroupCommit(engine, work)
    work.fails = True
    results: list[Any] = await asyncio.gather(
        *(commits.run(n) for n in range(5)), return_exceptions=True
    )
    assert [type(each) for each in results] == [OSError] * 5
    work.fails = False
    assert await commits.run(4) == 8


async def test_a_job_that_is_given_up_holds_up_no_other(engine: AsyncEngine) -> None:
    work = Work()
    commits: GroupCommit[int, int] = GroupCommit(engine, work)
    work.go.clear()
    given_up = asyncio.create_task(commits.run(1))
    other = asyncio.create_task(commits.run(2))
    await asyncio.sleep(0.01)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    work.go.set()
    assert await asyncio.wait_for(other, 10) == 4
