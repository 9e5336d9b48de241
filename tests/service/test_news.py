"""A running bot remembers which statements there are, and tells what is new."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.answering.answer import Note
from bot.answering.changes import Known, Snapshot, known_statements
from bot.language.pack import load_pack
from bot.service.assistant import Assistant, Incoming, News
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.answering.catalog import Catalog

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


class Statements:
    """A `ports.StatementLog` with the snapshot it is given."""

    def __init__(self, known: Mapping[str, Known] | None) -> None:
        self.known = known
        self.recorded: list[Mapping[str, Known]] = []
        self.asked: list[date] = []

    async def record(
        self, after: Mapping[str, Known], unread: frozenset[str], now: datetime
    ) -> None:
        self.recorded.append(after)

    async def snapshot(self, day: date, now: datetime) -> Snapshot | None:
        self.asked.append(day)
        return None if self.known is None else Snapshot(day, self.known)

    async def prune(self, *, now: datetime) -> None:
        raise AssertionError


class Gone(Statements):
    async def snapshot(self, day: date, now: datetime) -> Snapshot | None:
        raise OSError("the database is gone")


def assistant_with(catalog: Catalog, statements: Statements) -> Assistant:
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1")
    assistant.news = News(statements, lambda: catalog, lambda: NOW)
    return assistant


def asked(text: str) -> Incoming:
    return Incoming("slack", "w1", "c1", "u1", text, "t1")


async def test_the_last_fortnight_is_told(catalog: Catalog) -> None:
    known = {k: v for k, v in known_statements(catalog).items() if k != "reaction-us"}
    statements = Statements(known)
    assistant = assistant_with(catalog, statements)
    reply = await assistant.answer(asked("what's new?"), NOW)
    assert reply.answer.snippets == ("reaction-us",)
    assert statements.asked == [(NOW - timedelta(days=14)).date()]
    again = await assistant.recall(reply.id, NOW)
    assert again
    assert again.answer == reply.answer


@pytest.mark.parametrize("said", ["share that", "are you sure?", "that is wrong"])
async def test_what_is_new_is_an_answer_that_can_be_spoken_of(said: str, catalog: Catalog) -> None:
    known = {k: v for k, v in known_statements(catalog).items() if k != "reaction-us"}
    numbers = count()
    assistant = Assistant(catalog, MemoryStore(), lambda: f"a{next(numbers)}")
    assistant.news = News(Statements(known), lambda: catalog, lambda: NOW)
    await assistant.answer(asked("reactions"), NOW)
    told = await assistant.answer(asked("what's new?"), NOW)
    assert (await assistant.answer(asked(said), NOW)).about == told.id


@pytest.mark.parametrize("statements", [Statements(None), Gone(None)])
async def test_without_anything_known_the_newest_reviews_are_told(
    statements: Statements, catalog: Catalog
) -> None:
    with capture_logs():
        reply = await assistant_with(catalog, statements).answer(asked("what's new?"), NOW)
    assert reply.answer.blocks[0] == Note(load_pack().languages["en"].news.reviewed)


async def test_it_writes_down_at_its_start_and_after_each_change(catalog: Catalog) -> None:
    statements = Statements(None)
    news = News(statements, lambda: catalog, lambda: NOW)
    running = asyncio.create_task(news.run())
    for times in (1, 2):
        async with asyncio.timeout(5):
            while len(statements.recorded) < times:
                await asyncio.sleep(0)
        await news.library_changed(catalog, catalog)
    running.cancel()
    assert statements.recorded[0] == known_statements(catalog)
