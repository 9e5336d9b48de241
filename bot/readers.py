"""Wiring of the reader; nothing of it is loaded where READER_URL is not set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from bot.errors import AibriefError, ReaderError, SettingsError, StorageError
from bot.parts import clock, load_catalog, open_database
from bot.platforms.base import Check
from bot.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.reader.chat import ChatServer
    from bot.service.ports import DecisionStore, Metrics
    from bot.service.reading import ReaderDesk
    from bot.settings import Settings


FIXES = {
    "timeout": "Raise READER_TIMEOUT, lower READER_STATEMENTS, or take a faster model.",
    "unreachable": "Check READER_URL, and that its server runs.",
    "busy": "Its server asks to wait: look at its limits.",
    "not-a-reply": "Take a model that follows instructions better: docs/reader.md.",
    "too-long": "Take a model that follows instructions better: docs/reader.md.",
}
REFUSALS = {
    401: "Check READER_KEY.",
    403: "Check READER_KEY, and what it may do.",
    404: "Check READER_URL (it ends with v1 for most servers) and READER_MODEL.",
}
OTHERWISE = (
    "Look at its server's log. Where it cannot read so much at once, lower READER_STATEMENTS."
)


def chat_server(settings: Settings) -> ChatServer | None:
    """Where the reader is; None where none is set up.

    Raises:
        SettingsError: A setting is missing.
    """
    if settings.reader_url is None:
        if settings.reader_model or settings.reader_key:
            raise SettingsError("Reader: set READER_URL too; without it no model is asked.")
        return None
    if settings.reader_model is None:
        raise SettingsError(
            "Reader: set READER_MODEL too, the model's name as its server knows it."
        )
    from bot.reader.chat import ChatServer  # noqa: PLC0415 - only where it is set up

    key = settings.reader_key.reveal() if settings.reader_key else None
    return ChatServer(settings.reader_url, settings.reader_model, key, settings.reader_timeout)


def build_decisions(settings: Settings, engine: AsyncEngine) -> DecisionStore | None:
    """Where choices are kept; None where no reader is set up."""
    if settings.reader_url is None:
        return None
    from bot.storage.store import SqlReadings  # noqa: PLC0415 - only where it is set up

    return SqlReadings(engine)


@asynccontextmanager
async def open_reader(
    settings: Settings, store: DecisionStore | None, metrics: Metrics | None = None
) -> AsyncIterator[ReaderDesk | None]:
    """The reader of the settings, None where none is set up; it is closed at the end.

    Raises:
        SettingsError: A setting is missing.
    """
    server = chat_server(settings)
    if server is None:
        yield None
        return
    from bot.answering.reader_request import When  # noqa: PLC0415 - only where it is set up
    from bot.reader.chat import ChatReader  # noqa: PLC0415
    from bot.service.reading import Limits, Manner, ReaderDesk, RequestLimiter  # noqa: PLC0415

    manner = Manner(
        When(settings.reader_when), settings.reader_statements, settings.reader_timeout
    )
    limits = Limits(per_minute=settings.reader_per_minute, per_day=settings.reader_per_day)
    chat = ChatReader(server)
    desk = ReaderDesk(chat, manner, store, guard=RequestLimiter(limits), metrics=metrics)
    try:
        yield desk
        await desk.finish()
    finally:
        await chat.close()


@contextmanager
def reading_at_the_command_line(
    warn: Callable[[str], None],
) -> Iterator[Callable[[Catalog, Sequence[str]], Plan]]:
    """What decides on the last turn of a conversation, with the reader of the settings.

    Choices are shared with the running bot where DATABASE_URL is set; `warn` is told where that
    database cannot be used.

    Raises:
        SettingsError: A setting is wrong or missing.
    """
    settings = load_settings()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            desk = runner.run(_enter(stack, settings, warn))

            def decide(catalog: Catalog, turns: Sequence[str]) -> Plan:
                return runner.run(_decide(desk, catalog, turns))

            yield decide
        finally:
            runner.run(stack.aclose())


async def _enter(
    stack: AsyncExitStack, settings: Settings, warn: Callable[[str], None]
) -> ReaderDesk | None:
    store = None
    if settings.database_url is not None:
        try:
            engine = await stack.enter_async_context(open_database(settings))
            store = build_decisions(settings, engine)
        except StorageError as error:
            warn(f"{error} Choices of the reader are not kept.")
    return await stack.enter_async_context(open_reader(settings, store))


async def _decide(desk: ReaderDesk | None, catalog: Catalog, turns: Sequence[str]) -> Plan:
    from bot.answering.decide import answer_plan  # noqa: PLC0415 - as the others here

    plan: Plan | None = None
    before: Plan | None = None
    for turn in turns:
        plan = answer_plan(turn, catalog, before)
        if desk is not None:
            plan = await desk.read(turn, plan, before, catalog, clock())
        before = before if before and plan.is_aside else plan
    assert plan is not None  # noqa: S101 - there is at least one turn
    return plan


def complete(request: str) -> str:
    """What the reader's model says to a text, for drafts that a person reads and corrects.

    Raises:
        SettingsError: No reader is set up, or a setting is wrong.
        AibriefError: It said nothing; the text says what to do.
    """
    server = chat_server(load_settings())
    if server is None:
        raise SettingsError("Set READER_URL and READER_MODEL first: docs/reader.md.")
    try:
        return asyncio.run(_complete(server, request))
    except ReaderError as error:
        raise AibriefError(f"{server.model} gave no reply: {error}. {_fix(error)}") from None


async def _complete(server: ChatServer, request: str) -> str:
    from bot.reader.chat import DRAFT_TIMEOUT_S, ChatReader  # noqa: PLC0415 - only here

    chat = ChatReader(replace(server, timeout_s=DRAFT_TIMEOUT_S))
    try:
        return await chat.complete(request)
    finally:
        await chat.close()


def _fix(error: ReaderError) -> str:
    return REFUSALS.get(error.status or 0) or FIXES.get(error.kind, OTHERWISE)


async def check_reader(settings: Settings) -> AsyncIterator[Check]:
    """Ask one question of the library and tell what came back; nothing where none is set up."""
    try:
        server = chat_server(settings)
    except SettingsError as error:
        yield Check("reader", ok=False, message=str(error), fix="See docs/reader.md.")
        return
    if server is None:
        return
    try:
        catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    except AibriefError:
        yield Check("reader", ok=False, message="Not asked: there is no library.")
        return
    yield await _ask_one(server, catalog, settings)


async def _ask_one(server: ChatServer, catalog: Catalog, settings: Settings) -> Check:
    from bot.answering.decide import answer_plan  # noqa: PLC0415 - only where it is set up
    from bot.answering.reader_request import build_reading, write_request  # noqa: PLC0415
    from bot.reader.chat import ChatReader  # noqa: PLC0415
    from bot.service.reading import choice_in  # noqa: PLC0415

    brief = next(iter(catalog.library.briefs.values()))
    plan = answer_plan(brief.title, catalog)
    reading = build_reading(brief.title, plan, None, catalog, settings.reader_statements)
    chat = ChatReader(server)
    began_s = perf_counter()
    try:
        completion = await chat.read(write_request(reading))
        choice = choice_in(completion, reading)
    except ReaderError as error:
        told = f"{server.model} gave no choice: {error}, after {perf_counter() - began_s:.1f} s."
        return Check("reader", ok=False, message=told, fix=_fix(error))
    finally:
        await chat.close()
    took_s = perf_counter() - began_s
    own = sum(name in brief.snippets for name in choice.ids)
    told = (
        f'{server.model}, asked about "{brief.title}": {choice.kind.value}, {len(choice.ids)} of '
        f"{len(reading.options)} statements, {own} of them of that brief; {took_s:.1f} s, "
        f"{completion.prompt_tokens} + {completion.completion_tokens} tokens. "
        f"READER_WHEN={settings.reader_when}."
    )
    return Check("reader", ok=True, message=told)
