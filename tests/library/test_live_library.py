"""A running bot takes up good files and goes on with the last good ones otherwise."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.answering.answer import Plan, Status
from bot.answering.compose import compose
from bot.errors import ContentError, Finding
from bot.library.vocabulary import Intent
from bot.library.watch import FolderWatch, LiveLibrary
from bot.parts import load_catalog
from bot.service.assistant import Assistant, Incoming
from bot.settings import ROOT
from tests.days import TODAY
from tests.library.conftest import documents, folder  # noqa: F401 - fixtures
from tests.library.test_loader import change
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from bot.answering.catalog import Catalog

WAIT_S = 30.0
CONFIG = ROOT / "config"


def incoming(text: str, thread: str | None = None) -> Incoming:
    return Incoming("slack", "w1", "c1", "u1", text, thread)


@pytest.fixture
def assistant(folder: Path) -> Assistant:  # noqa: F811 - the fixture
    numbers = count(1)
    catalog = load_catalog(folder, CONFIG)
    return Assistant(catalog, MemoryStore(), lambda: f"a{next(numbers)}")


@pytest.fixture
def live(assistant: Assistant, folder: Path, now: datetime) -> LiveLibrary:  # noqa: F811
    return LiveLibrary(assistant, lambda: load_catalog(folder, CONFIG), lambda: now)


@asynccontextmanager
async def served(
    assistant: Assistant,
    folder: Path,  # noqa: F811 - not the fixture
    now: datetime,
) -> AsyncIterator[tuple[LiveLibrary, asyncio.Event]]:
    """The library with its files watched, and an event for each change that was taken up."""
    watch = FolderWatch([folder], look_again_ms=50)
    live = LiveLibrary(assistant, lambda: load_catalog(folder, CONFIG), lambda: now, watch.changes)
    changed = asyncio.Event()

    async def note(old: Catalog, new: Catalog) -> None:
        assert old.version != new.version
        changed.set()

    live.listeners.append(note)
    running = asyncio.create_task(live.run())
    try:
        yield live, changed
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_files_that_change_while_running(
    assistant: Assistant,
    folder: Path,  # noqa: F811
    now: datetime,
) -> None:
    async with served(assistant, folder, now) as (live, changed):
        change(folder, "heard at night", "loud at night")
        async with asyncio.timeout(WAIT_S):
            await changed.wait()
        reply = await assistant.answer(incoming("dogs-bark"), now)
        assert [s.text for s in reply.answer.statements()] == [
            "The bark of dogs is loud at night."
        ]
        change(folder, "kind: fact", "kind: gossip")
        await until(lambda: live.state.problems)
        assert live.state.places == ("pets.yaml:20",)
        assert (await assistant.answer(incoming("dogs-bark"), now)).answer.snippets
        change(folder, "kind: gossip", "kind: fact")
        await until(lambda: not live.state.problems)


async def test_it_ends_even_while_a_listener_is_being_told(
    assistant: Assistant,
    folder: Path,  # noqa: F811
    now: datetime,
) -> None:
    async with asyncio.timeout(WAIT_S):
        async with served(assistant, folder, now) as (_, changed):
            change(folder, "heard at night", "loud at night")
            await changed.wait()


async def test_a_broken_file_is_told_once_and_kept(
    live: LiveLibrary,
    assistant: Assistant,
    folder: Path,  # noqa: F811
) -> None:
    good = assistant.catalog
    change(folder, "kind: fact", "kind: gossip")
    with capture_logs() as logs:
        assert not await live.reload()
        assert not await live.reload()
    (told,) = logs
    assert told["event"] == "library.not_taken"
    assert told["problems"][0].startswith("pets.yaml:20: error: snippets.1.kind: ")
    assert assistant.catalog is good
    assert live.state.version == good.version
    assert live.ready()


async def test_a_mended_file_clears_the_problem_without_calling_anybody(
    live: LiveLibrary,
    folder: Path,  # noqa: F811
) -> None:
    called = []

    async def note(old: Catalog, new: Catalog) -> None:
        called.append(new.version)

    live.listeners.append(note)
    change(folder, "kind: fact", "kind: gossip")
    await live.reload()
    change(folder, "kind: gossip", "kind: fact")
    assert not await live.reload()
    assert live.state.problems == ()
    assert called == []


@pytest.mark.parametrize("error", [ContentError([Finding("a.yaml", 0, "Odd.", "")]), KeyError(5)])
async def test_whatever_goes_wrong_the_last_good_one_stays(
    assistant: Assistant, now: datetime, error: Exception
) -> None:
    def load() -> Catalog:
        raise error

    live = LiveLibrary(assistant, load, lambda: now)
    good = assistant.catalog
    assert not await live.reload()
    assert len(live.state.problems) == 1
    assert assistant.catalog is good


async def test_listeners_fail_on_their_own(
    live: LiveLibrary,
    assistant: Assistant,
    folder: Path,  # noqa: F811
) -> None:
    seen = []

    async def breaks(old: Catalog, new: Catalog) -> None:
        raise RuntimeError("no")

    async def works(old: Catalog, new: Catalog) -> None:
        seen.append((old.version, new.version, assistant.catalog is new))

    live.listeners += [breaks, works]
    before = assistant.catalog.version
    change(folder, "heard at night", "loud at night")
    assert await live.reload()
    assert seen == [(before, assistant.catalog.version, True)]


async def test_answers_go_on_while_files_are_read(
    assistant: Assistant, now: datetime, catalog: Catalog
) -> None:
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()

    def load() -> Catalog:
        """Ends only once a question was answered meanwhile."""
        asyncio.run_coroutine_threadsafe(answered.wait(), loop).result(WAIT_S)
        return catalog

    loading = asyncio.create_task(LiveLibrary(assistant, load, lambda: now).reload())
    assert (await assistant.answer(incoming("pets"), now)).answer.brief == "pets"
    answered.set()
    assert await loading
    assert assistant.catalog is catalog


async def test_a_conversation_survives_what_it_was_about(
    live: LiveLibrary,
    assistant: Assistant,
    folder: Path,  # noqa: F811
    now: datetime,
) -> None:
    """Snippets, then the whole brief vanish: what was answered is recalled without them."""
    asked = ("dogs-bark", "pets", "do cats spend most of the day asleep", "compare cats and dogs")
    replies = [await assistant.answer(incoming(q, "t"), now) for q in asked]
    text = (folder / "pets.yaml").read_text()
    (folder / "pets.yaml").write_text(text.partition("  - id: dogs-bark")[0])
    await live.reload()
    gone = await assistant.recall(replies[0].id, now)
    assert gone is not None
    assert gone.answer.snippets == ()
    (folder / "beasts.yaml").write_text(
        text.replace("slug: pets", "slug: beasts").replace("id: cats-sleep", "id: cats-nap")
    )
    (folder / "pets.yaml").unlink()
    assert await live.reload()
    for reply in replies:
        assert await assistant.recall(reply.id, now) is not None
        assert await assistant.explain(reply.id, now) is not None
        assert await assistant.rate(reply.id, user="u1", helpful=True, now=now)
    for follow_up in ("and at night?", "more", "why", "what about them?"):
        await assistant.answer(incoming(follow_up, "t"), now)


async def test_a_library_that_changes_between_deciding_and_composing(
    catalog: Catalog,
    folder: Path,  # noqa: F811
    now: datetime,
) -> None:
    """What was decided on is gone a moment later: an answer without it, and no error."""
    other = load_catalog(folder, CONFIG)

    class Swapping(MemoryStore):
        async def save_plan(
            self, answer_id: str, plan: Plan, *, thread: str | None, now: datetime
        ) -> None:
            answering.catalog = other

    for question in ("china vs us", "reactions", "china-vs-us", "list", "asdf"):
        answering = Assistant(catalog, Swapping(), lambda: "a1")
        reply = await answering.answer(incoming(question), now)
        assert reply.answer.snippets == ()
        assert reply.answer.library == other.version


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize("status", list(Status))
def test_a_plan_of_ids_that_nobody_has_any_longer(
    catalog: Catalog, status: Status, intent: Intent
) -> None:
    gone = ("gone-1", "gone-2")
    for actors in ((), gone, ("china", "gone-1")):
        plan = Plan(
            status, intent, "gone", gone, actors, gone, 1, gone, gone, (), False, gone, 50.0
        )
        assert compose(plan, catalog, TODAY).snippets == ()
