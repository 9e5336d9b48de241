"""Everybody is told once, or not at all, whatever the platform does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.answering import phrases
from bot.answering.answer import Note
from bot.errors import DeliveryError, RateLimited, Refused, Uncertain
from bot.gaps.collecting import CLAIM_S, Watch
from bot.gaps.watches import Watches
from bot.storage.database import build_engine, upgrade
from bot.storage.gap_rows import SqlGaps
from tests.memory_store import MemoryStore
from tests.never_invents import invented, known_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from bot.schedules.schedule_ports import Attempt
    from bot.schedules.subscription import Target
    from bot.schedules.texts import Notice
    from bot.service.assistant import Reply

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
COVERED, UNCOVERED = "what about cost", "how much water does it drink"


class Poster:
    """Takes posts, or fails as told."""

    def __init__(self, *failures: DeliveryError | Exception) -> None:
        self.failures = list(failures)
        self.posts: list[tuple[Target, Reply, str, bool]] = []

    def time(self) -> datetime | None:
        return None

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.posts.append((target, reply, attempt.key, attempt.earlier is not None))
        return "1"

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        raise AssertionError


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SqlGaps]:
    engine = build_engine(f"sqlite:///{tmp_path}/gaps.sqlite")
    await upgrade(engine)
    yield SqlGaps(engine, 90)
    await engine.dispose()


def watch(number: int, question: str = COVERED, platform: str = "slack") -> Watch:
    return Watch(f"w{number}", platform, "T1", f"U{number}", question, NOW)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Told:
    """The component over a store and posters, without waiting."""

    def __init__(self, kept: SqlGaps, catalog: Catalog, **posters: Poster) -> None:
        self.kept, self.posters, self.clock = kept, posters, Clock()
        self.waits: list[float] = []
        self.rests: asyncio.Event | None = None
        """Long waits last until it is set; without it they pass at once."""
        self.answers = MemoryStore()
        self.watches = self.another(catalog)

    def another(self, catalog: Catalog) -> Watches:
        return Watches(
            catalog, self.kept, self.answers, self.posters, self.clock, sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.rests is not None and seconds > CLAIM_S:
            await self.rests.wait()
        self.clock.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


async def test_the_answer_comes_with_one_fixed_phrase(kept: SqlGaps, catalog: Catalog) -> None:
    poster = Poster()
    told = Told(kept, catalog, slack=poster)
    await kept.watch(watch(1))
    await kept.watch(watch(2, UNCOVERED))
    assert await told.watches.tell_all() == 0
    assert await told.watches.tell_all() == 0
    ((target, reply, _, maybe_posted),) = poster.posts
    assert (target.platform, target.workspace, target.user) == ("slack", "T1", "U1")
    assert not maybe_posted
    assert reply.answer.blocks[0] == Note(phrases.NOTES["covered-now"])
    assert reply.answer.snippets
    assert invented(reply.answer, known_texts(catalog)) == []
    assert await told.answers.load_plan(reply.id) == reply.plan
    assert [w.id for w in await kept.watches()] == ["w2"]


async def test_several_processes_tell_once(kept: SqlGaps, catalog: Catalog) -> None:
    poster = Poster()
    told = Told(kept, catalog, slack=poster)
    for number in range(6):
        await kept.watch(watch(number))
    others = [told.another(catalog) for _ in range(3)]
    await asyncio.gather(*(each.tell_all() for each in (told.watches, *others)))
    assert sorted(t.user or "" for t, *_ in poster.posts) == [f"U{n}" for n in range(6)]


@pytest.mark.parametrize(
    "failure", [Refused("50007"), Refused("channel_not_found"), Uncertain("lost"), ValueError()]
)
async def test_who_cannot_be_reached_is_dropped(
    kept: SqlGaps, catalog: Catalog, failure: Exception
) -> None:
    told = Told(kept, catalog, slack=Poster(failure))
    await kept.watch(watch(1))
    assert await told.watches.tell_all() == 0
    assert await kept.watches() == []


async def test_a_platform_that_asks_to_wait_is_left_alone_for_so_long(
    kept: SqlGaps, catalog: Catalog
) -> None:
    slack, discord = Poster(RateLimited("429", 30.0)), Poster()
    told = Told(kept, catalog, slack=slack, discord=discord)
    for each in (watch(1), watch(2), watch(3, platform="discord")):
        await kept.watch(each)
    assert await told.watches.tell_all() == 30.0
    assert slack.posts == []
    assert len(discord.posts) == 1
    assert await told.watches.tell_all() == 0
    assert len(slack.posts) == 2
    assert not any(maybe for *_, maybe in slack.posts)


async def begun_by_the_dead(kept: SqlGaps, catalog: Catalog) -> tuple[Poster, Told]:
    """A watch that a process has claimed and not told of."""
    poster = Poster()
    await kept.watch(watch(1))
    await kept.claim_watch("w1", NOW)
    return poster, Told(kept, catalog, slack=poster)


async def test_what_a_dead_process_had_begun_is_looked_for_first(
    kept: SqlGaps, catalog: Catalog
) -> None:
    poster, told = await begun_by_the_dead(kept, catalog)
    wait_s = await told.watches.tell_all()
    assert poster.posts == []
    told.clock.now = NOW + timedelta(seconds=wait_s)
    assert await told.watches.tell_all() == 0
    ((_, _, _, maybe_posted),) = poster.posts
    assert maybe_posted


async def test_what_a_dead_process_had_begun_is_told_without_another_change(
    kept: SqlGaps, catalog: Catalog
) -> None:
    poster, told = await begun_by_the_dead(kept, catalog)
    task = asyncio.create_task(told.watches.run())
    await _until(lambda: len(poster.posts) == 1)
    task.cancel()
    await asyncio.wait({task})
    assert told.clock.now >= NOW + timedelta(seconds=CLAIM_S)


async def test_a_change_ends_a_long_wait(kept: SqlGaps, catalog: Catalog) -> None:
    poster = Poster(RateLimited("not-connected", 900.0))
    told = Told(kept, catalog, slack=poster)
    told.rests = asyncio.Event()
    await kept.watch(watch(1))
    task = asyncio.create_task(told.watches.run())
    await _until(lambda: 900.0 in told.waits)
    await told.watches.library_changed(catalog, catalog)
    await _until(lambda: len(poster.posts) == 1)
    task.cancel()
    await asyncio.wait({task})


async def test_posts_are_apart(kept: SqlGaps, catalog: Catalog) -> None:
    told = Told(kept, catalog, slack=Poster())
    for number in range(4):
        await kept.watch(watch(number))
    await told.watches.tell_all()
    assert told.waits == [0.5] * 4


async def test_it_runs_at_its_start_and_at_each_change(kept: SqlGaps, catalog: Catalog) -> None:
    poster = Poster(RateLimited("not-connected", 5.0))
    told = Told(kept, catalog, slack=poster)
    await kept.watch(watch(1))
    task = asyncio.create_task(told.watches.run())
    await _until(lambda: len(poster.posts) == 1)
    await kept.watch(watch(2))
    await told.watches.library_changed(catalog, catalog)
    await _until(lambda: len(poster.posts) == 2)
    await told.watches.drain()
    await kept.watch(replace(watch(3)))
    await told.watches.library_changed(catalog, catalog)
    assert await told.watches.tell_all() == 0
    assert len(poster.posts) == 2
    task.cancel()
    await asyncio.wait({task})


async def test_without_the_platform_it_waits(kept: SqlGaps, catalog: Catalog) -> None:
    told = Told(kept, catalog, discord=Poster())
    await kept.watch(watch(1))
    assert await told.watches.tell_all() == 0
    assert len(await kept.watches()) == 1


async def _until(done: object) -> None:
    async with asyncio.timeout(10):
        while not done():  # type: ignore[operator]
            await asyncio.sleep(0.01)
