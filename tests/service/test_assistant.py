"""The use cases of a conversation, with the store that forgets at exit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Status
from bot.service.assistant import Assistant, Incoming
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def message(text: str, *, thread: str | None = "t1", user: str = "u1") -> Incoming:
    return Incoming("slack", "w1", "c1", user, text, thread)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def assistant(catalog: Catalog, store: MemoryStore) -> Assistant:
    numbers = count(1)
    return Assistant(catalog, store, lambda: f"a{next(numbers)}")


async def test_a_thread_keeps_its_topic(assistant: Assistant) -> None:
    await assistant.answer(message("what are the reactions?"), NOW)
    reply = await assistant.answer(message("and Europe?"), NOW + timedelta(minutes=5))
    assert "reaction-allies" in reply.answer.snippets


async def test_threads_do_not_mix(assistant: Assistant) -> None:
    await assistant.answer(message("what are the reactions?"), NOW)
    reply = await assistant.answer(message("what about them?", thread="t2"), NOW)
    assert reply.answer.status is Status.CLARIFY


async def test_after_a_day_a_thread_starts_anew(assistant: Assistant) -> None:
    await assistant.answer(message("what are the reactions?"), NOW)
    reply = await assistant.answer(message("what about them?"), NOW + timedelta(days=2))
    assert reply.answer.status is Status.CLARIFY


async def test_what_is_said_of_the_bot_leaves_the_conversation_where_it_was(
    assistant: Assistant,
) -> None:
    first = await assistant.answer(message("what comes next"), NOW)
    for aside in ("thanks", "who owns this?", "source?"):
        await assistant.answer(message(aside), NOW)
    again = await assistant.answer(message("repeat that"), NOW)
    assert again.answer.snippets == first.answer.snippets
    await assistant.answer(message("are you sure?"), NOW)
    more = await assistant.answer(message("more"), NOW)
    assert more.answer.brief == first.answer.brief
    assert more.answer.snippets
    assert set(more.answer.snippets).isdisjoint(first.answer.snippets)


async def test_a_command_that_says_nothing_by_itself_means_the_one_before(
    assistant: Assistant,
) -> None:
    def command(text: str, user: str = "u1") -> Incoming:
        return message(text, thread=None, user=user)

    first = await assistant.answer(command("who are the key players"), NOW)
    await assistant.answer(command("thanks"), NOW)
    again = await assistant.answer(command("repeat that"), NOW)
    assert again.answer.snippets == first.answer.snippets
    shorter = await assistant.answer(command("shorter"), NOW)
    assert shorter.answer.brief == first.answer.brief
    alone = await assistant.answer(command("who leads in open models?"), NOW)
    assert (
        alone.plan
        == (await assistant.answer(command("who leads in open models?", "u2"), NOW)).plan
    )
    other = await assistant.answer(command("more", "u3"), NOW)
    assert other.answer.status is Status.CLARIFY, "nobody goes on with what another was told"


async def test_a_reply_to_an_answer_goes_on_with_that_one(assistant: Assistant) -> None:
    first = await assistant.answer(message("what are the reactions?"), NOW)
    second = await assistant.answer(message("china vs us"), NOW)
    for after, brief in (("gone", second.answer.brief), (first.id, first.answer.brief)):
        reply = await assistant.answer(message("more"), NOW, after=after)
        assert reply.answer.brief == brief


@pytest.mark.parametrize("question", ["china vs us", "what comes next"])
async def test_an_answer_can_be_shown_again_and_explained(
    assistant: Assistant, question: str
) -> None:
    """With everything that it says, the sentence at its beginning too."""
    reply = await assistant.answer(message(question, thread=None), NOW)
    again = await assistant.recall(reply.id, NOW)
    assert again is not None
    assert again.answer == reply.answer
    why = await assistant.explain(reply.id, NOW)
    assert why is not None
    assert tuple(s.snippet for s in why.statements) == reply.answer.snippets
    assert why.sources == reply.answer.sources
    assert await assistant.recall("unknown", NOW) is None
    assert await assistant.explain("unknown", NOW) is None


@pytest.mark.parametrize(
    "question", ["how many users do they have", "what comes next", "who leads"]
)
async def test_the_sum_that_is_told_agrees_with_the_outcome(
    assistant: Assistant, question: str
) -> None:
    reply = await assistant.answer(message(question, thread=None), NOW)
    why = await assistant.explain(reply.id, NOW)
    assert why
    if why.judged:
        *parts, (_, needed) = why.judged
        enough = sum(value for _, value in parts) >= needed
        assert enough == (reply.answer.status is Status.ANSWERED)


async def test_a_person_has_one_vote_an_answer(assistant: Assistant, store: MemoryStore) -> None:
    reply = await assistant.answer(message("china vs us"), NOW)
    for user, helpful in (("u1", True), ("u2", True), ("u1", False)):
        assert await assistant.rate(reply.id, user=user, helpful=helpful, now=NOW)
    assert await store.rating_totals() == {"china-vs-us": (1, 1)}
    assert not await assistant.rate("unknown", user="u1", helpful=True, now=NOW)


async def test_the_briefs_on_a_message_of_somebody_else(assistant: Assistant) -> None:
    reply = await assistant.brief_on(message("Washington weighs more AI funding and talks"), NOW)
    assert "reaction-us" in reply.answer.snippets


async def test_a_new_catalog_is_used_at_once(assistant: Assistant, catalog: Catalog) -> None:
    assistant.catalog = catalog
    assert assistant.complete("react")[0].ask == "reactions"


async def test_something_is_seen_for_the_first_time_once(store: MemoryStore) -> None:
    keep = timedelta(hours=1)
    assert await store.first_time("k", now=NOW, keep=keep)
    assert not await store.first_time("k", now=NOW, keep=keep)
    assert await store.first_time("k", now=NOW + timedelta(hours=2), keep=keep)
