"""What is collected beside the answers, and who may be told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.answer import Plan
from bot.gaps.collecting import Gaps, Notes, Tally, Watch
from bot.gaps.grouping import Gap, Why, review
from bot.service.assistant import Assistant, Incoming
from bot.service.supervisor import Housekeeping
from bot.storage.database import build_engine, upgrade
from bot.storage.gap_rows import SqlGaps
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = NOW.date()
UNCOVERED = "how much water does it drink"


def asked(text: str, platform: str = "slack", **more: Any) -> Incoming:
    return Incoming(platform, "T1", "C1", "U1", text, **more)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SqlGaps]:
    engine = build_engine(f"sqlite:///{tmp_path}/gaps.sqlite")
    await upgrade(engine)
    yield SqlGaps(engine, 90)
    await engine.dispose()


@pytest.fixture
def gaps(kept: SqlGaps) -> Gaps:
    return Gaps(kept)


@pytest.fixture
def assistant(catalog: Catalog, gaps: Gaps) -> Assistant:
    numbers = count(1)
    return Assistant(catalog, MemoryStore(), lambda: f"a{next(numbers)}", gaps)


async def test_a_question_that_is_not_covered_is_a_gap(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    text = f"<@U012AB3CD> {UNCOVERED}? mail ann@example.org or +49 30 1234567"
    for _ in range(2):
        reply = await assistant.answer(asked(text), NOW)
        assert reply.can_tell
    await gaps.finish()
    question = f"{UNCOVERED}? mail or *"
    assert await kept.gaps() == [Gap(TODAY, Why.NOT_COVERED, question, count=2)]


@pytest.mark.parametrize("text", ["hello there", "", "thanks a lot", "help", "🙈"])
async def test_what_asks_nothing_of_the_briefs_is_none(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps, text: str
) -> None:
    reply = await assistant.answer(asked(text), NOW)
    await gaps.finish()
    assert not reply.can_tell
    assert await kept.gaps() == []
    assert sum(tally.count for tally in await kept.tallies()) == 1


async def test_in_a_terminal_nobody_can_be_told(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    reply = await assistant.answer(asked(UNCOVERED, "cli"), NOW)
    await gaps.finish()
    assert not reply.can_tell
    assert len(await kept.gaps()) == 1


async def test_somebody_elses_message_is_counted_and_not_kept(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    await assistant.brief_on(asked(UNCOVERED), NOW)
    await gaps.finish()
    assert await kept.gaps() == []
    assert len(await kept.tallies()) == 1


async def test_a_question_that_only_the_talk_before_makes_a_gap_is_none(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    """Alone it would be answered, so it would count as covered at once."""

    class Alone:
        def __call__(self, question: str) -> Plan:
            return answered.plan

    answered = await assistant.answer(asked("china-vs-us"), NOW)
    missing = await Assistant(assistant.catalog, MemoryStore(), lambda: "b").answer(
        asked(UNCOVERED), NOW
    )
    assert not gaps.note_answer(missing, asked(UNCOVERED), Alone(), NOW).can_tell
    await gaps.finish()
    assert await kept.gaps() == []


async def test_a_question_whose_answer_was_rated_down_is_a_gap_once(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    reply = await assistant.answer(asked("what do the allies ask for, @ann?"), NOW)
    for user, helpful in (("U1", True), ("U2", False), ("U3", False), ("U2", False)):
        assert await assistant.rate(reply.id, user=user, helpful=helpful, now=NOW)
    await gaps.finish()
    (gap,) = await kept.gaps()
    assert (gap.why, gap.question, gap.count) == (Why.RATED_DOWN, "what do the allies ask for,", 1)
    assert gap.brief == reply.answer.brief
    assert gap.shown
    assert review([gap], assistant.catalog).groups[0].count == 1


async def test_a_vote_long_after_makes_no_gap(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    reply = await assistant.answer(asked("china-vs-us"), NOW)
    await gaps.finish()
    await kept.prune(now=NOW.replace(day=26))
    await assistant.rate(reply.id, user="U1", helpful=False, now=NOW)
    await gaps.finish()
    assert await kept.gaps() == []


async def test_answers_are_counted_by_what_they_were(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    for text in ("china-vs-us", "china-vs-us", UNCOVERED, "list"):
        await assistant.answer(asked(text), NOW)
    await gaps.finish()
    assert sorted(await kept.tallies()) == [
        Tally(TODAY, "answered", "compare", "china-vs-us", 2),
        Tally(TODAY, "answered", "list", "", 1),
        Tally(TODAY, "not_covered", "fact", "", 1),
    ]


class Broken(SqlGaps):
    """Every write fails."""

    async def note(self, notes: Notes, now: datetime) -> None:
        raise OSError("disk full")


async def test_an_answer_does_not_care_whether_the_gap_is_written(
    catalog: Catalog, kept: SqlGaps
) -> None:
    gaps = Gaps(Broken(kept._engine, 90))
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1", gaps)
    assert (await assistant.answer(asked(UNCOVERED), NOW)).answer.blocks
    await gaps.finish()
    assert await assistant.watch("a1", asked(""), NOW) == "tells-not"


class Stuck(SqlGaps):
    """Writes wait until they are let go."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.go = asyncio.Event()
        self.seen: list[Notes] = []

    async def note(self, notes: Notes, now: datetime) -> None:
        self.seen.append(notes)
        await self.go.wait()


async def test_answers_do_not_wait_and_notes_gather(catalog: Catalog, kept: SqlGaps) -> None:
    stuck = Stuck(kept._engine, 90)
    gaps = Gaps(stuck)
    numbers = count(1)
    assistant = Assistant(catalog, MemoryStore(), lambda: f"a{next(numbers)}", gaps)
    for _ in range(20):
        await assistant.answer(asked(UNCOVERED), NOW)
        await asyncio.sleep(0)
    assert not stuck.seen, "what comes within a moment is written together"
    stuck.go.set()
    await gaps.finish()
    assert [len(notes.tallies) for notes in stuck.seen] == [20]


async def test_a_wish_does_not_wait_for_what_is_being_written(
    catalog: Catalog, kept: SqlGaps
) -> None:
    stuck = Stuck(kept._engine, 90)
    gaps = Gaps(stuck)
    numbers = count(1)
    assistant = Assistant(catalog, MemoryStore(), lambda: f"a{next(numbers)}", gaps)
    first = await assistant.answer(asked(UNCOVERED), NOW)
    while not stuck.seen:
        await asyncio.sleep(0)
    then = await assistant.answer(asked(UNCOVERED), NOW)
    async with asyncio.timeout(10):
        assert await assistant.watch(first.id, asked(""), NOW) == "will-tell"
        assert await assistant.watch(then.id, asked(""), NOW) == "tells-already"
    stuck.go.set()
    await gaps.finish()


async def test_with_gaps_off_nobody_is_promised_anything(catalog: Catalog) -> None:
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1")
    assert not (await assistant.answer(asked(UNCOVERED), NOW)).can_tell
    assert await assistant.watch("a1", asked(""), NOW) == "tells-not"


async def test_a_wish_is_kept_once(assistant: Assistant, kept: SqlGaps) -> None:
    for told in ("will-tell", "tells-already"):
        reply = await assistant.answer(asked(UNCOVERED), NOW)
        assert await assistant.watch(reply.id, asked(""), NOW) == told
    (watch,) = await kept.watches()
    assert watch == Watch(watch.id, "slack", "T1", "U1", UNCOVERED, NOW)
    assert await assistant.watch("unknown", asked(""), NOW) == "tells-not"


async def test_what_is_covered_meanwhile_is_to_be_asked_again(
    assistant: Assistant, gaps: Gaps, kept: SqlGaps
) -> None:
    await kept.note(Notes(questions={"a9": "china-vs-us"}), NOW)
    assert await assistant.watch("a9", asked(""), NOW) == "covered-by-now"
    assert await kept.watches() == []


async def test_housekeeping_prunes_what_is_old(kept: SqlGaps) -> None:
    await kept.note(Notes([Gap(TODAY, Why.NOT_COVERED, UNCOVERED)]), NOW)
    for days, left in ((90, 1), (91, 0)):
        later = NOW + timedelta(days=days)
        keeping = Housekeeping(MemoryStore(), lambda later=later: later, kept)  # type: ignore[misc]
        task = asyncio.create_task(keeping.run())
        async with asyncio.timeout(10):
            while not keeping.ready():
                await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait({task})
        assert len(await kept.gaps()) == left
