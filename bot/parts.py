"""Settings -> the single parts: a catalog, the database, the reader.

Commands take what they need; `bot.app` joins everything. What is large is imported only where it
is used, so that `aibrief ask` starts soon.
"""

from __future__ import annotations

import gc
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bot.answering.catalog import Catalog
from bot.errors import AibriefError, ReaderError, SettingsError, StorageError
from bot.library.loader import load_usable_library, load_usable_vocabulary
from bot.platforms.base import Check
from bot.settings import ROOT, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.answer import Plan
    from bot.reader import ChatServer
    from bot.service.ports import DecisionStore, Metrics
    from bot.service.reading import ReaderDesk
    from bot.settings import Settings

PAGES_FIX = "set PLAYGROUND_TOKEN; make one with: openssl rand -hex 24"
BRIEFS, CONFIG = ROOT / "briefs", ROOT / "config"
"""The shipped library and configuration: they stand beside `bot/`."""


def load_catalog(briefs: Path, config: Path) -> Catalog:
    """Read what can be used of a library and its vocabulary; `skipped` says what is wrong.

    Raises:
        ContentError: Nothing can be loaded.
    """
    with lasting():
        return Catalog(load_usable_library(briefs), load_usable_vocabulary(config))


@contextmanager
def lasting() -> Iterator[None]:
    """What is made within stays: looking for garbage among it would only take time.

    A catalog holds no reference cycle, so one that is replaced is freed all the same.
    """
    if gc.get_freeze_count():
        # A library is taken up anew: what else has become garbage since then must not stay.
        gc.unfreeze()
        gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()


def clock() -> datetime:
    """The time now; everything else takes it as an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the edge


def new_id() -> str:
    """A short random id for an answer; it fits every platform's button."""
    import secrets  # noqa: PLC0415 - a question at the command line has no id

    return secrets.token_urlsafe(9)


def build_engine(settings: Settings) -> AsyncEngine:
    """The database of the settings, a SQLite file where none is set.

    Raises:
        StorageError: DATABASE_URL is wrong.
    """
    from bot.storage import database  # noqa: PLC0415 - SQLAlchemy only where it is used

    given = settings.database_url
    return database.build_engine(given.reveal() if given else database.DEFAULT_URL)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database as it is, closed at the end."""
    engine = build_engine(settings)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database with its tables up to date, closed at the end.

    Raises:
        StorageError: It cannot be used.
    """
    await upgrade_database(settings)
    async with open_engine(settings) as engine:
        yield engine


async def upgrade_database(settings: Settings) -> str:
    """Bring the tables up to date and return their revision.

    Raises:
        StorageError: The database cannot be used.
    """
    from bot.storage.database import upgrade  # noqa: PLC0415 - Alembic only where it is used

    async with open_engine(settings) as engine:
        return await upgrade(engine)


def schedules_on(settings: Settings, host: str | None) -> bool:
    """Whether schedules run; in "auto" they do where the database survives."""
    lasts = settings.database_url is not None or not host
    return settings.schedules == "on" or (settings.schedules == "auto" and lasts)


def pages_on(settings: Settings) -> bool:
    """Whether the pages are served: on loopback, and beyond it behind a token only.

    Raises:
        SettingsError: They are to be served to everybody without a token.
    """
    alone = settings.port is None or settings.playground_token is not None
    if settings.playground == "on" and not alone:
        raise SettingsError(
            "PLAYGROUND is on and PORT is given, so everybody who reaches the port could use the "
            f"pages: {PAGES_FIX}. Or unset PORT, and they are served on loopback."
        )
    return alone and settings.playground != "off"


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
    from bot.reader import ChatServer  # noqa: PLC0415 - only where it is set up

    key = settings.reader_key.reveal() if settings.reader_key else None
    return ChatServer(settings.reader_url, settings.reader_model, key, settings.reader_timeout)


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
    from bot.reader import ChatReader  # noqa: PLC0415
    from bot.service.reading import Limits, Manner, ReaderDesk, RequestLimiter  # noqa: PLC0415

    manner = Manner(
        When(settings.reader_when), settings.reader_statements, settings.reader_timeout
    )
    limits = Limits(per_minute=settings.reader_per_minute, per_day=settings.reader_per_day)
    async with aclosing(ChatReader(server)) as chat:
        desk = ReaderDesk(chat, manner, store, guard=RequestLimiter(limits), metrics=metrics)
        yield desk
        await desk.finish()


@contextmanager
def reading_alone(
    warn: Callable[[str], None],
) -> Iterator[Callable[[str, Plan, Plan | None, Catalog], Plan]]:
    """What decides on a message by the reader of the settings: `ReaderDesk.read`, outside a loop.

    Choices are shared with the running bot where DATABASE_URL is set; `warn` is told where that
    database cannot be used.

    Raises:
        SettingsError: A setting is wrong or missing.
    """
    import asyncio  # noqa: PLC0415 - `aibrief ask` does without and starts sooner

    settings = load_settings()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        def read(text: str, plan: Plan, before: Plan | None, catalog: Catalog) -> Plan:
            return runner.run(desk.read(text, plan, before, catalog, clock())) if desk else plan

        try:
            desk = runner.run(_enter(stack, settings, warn))
            yield read
        finally:
            runner.run(stack.aclose())


async def _enter(
    stack: AsyncExitStack, settings: Settings, warn: Callable[[str], None]
) -> ReaderDesk | None:
    from bot.storage.store import SqlReadings  # noqa: PLC0415 - SQLAlchemy only where it is used

    store = None
    if settings.database_url is not None:
        try:
            store = SqlReadings(await stack.enter_async_context(open_database(settings)))
        except StorageError as error:
            warn(f"{error} Choices of the reader are not kept.")
    return await stack.enter_async_context(open_reader(settings, store))


def complete(request: str) -> str:
    """What the reader's model says to a text, for drafts that a person reads and corrects.

    Raises:
        SettingsError: No reader is set up, or a setting is wrong.
        AibriefError: It said nothing; the text says what to do.
    """
    import asyncio  # noqa: PLC0415 - see above

    server = chat_server(load_settings())
    if server is None:
        raise SettingsError("Set READER_URL and READER_MODEL first: docs/reader.md.")
    try:
        return asyncio.run(_complete(server, request))
    except ReaderError as error:
        raise AibriefError(f"{server.model} gave no reply: {error}. {_fix(error)}") from None


async def _complete(server: ChatServer, request: str) -> str:
    from bot.reader import DRAFT_TIMEOUT_S, ChatReader  # noqa: PLC0415 - only here

    async with aclosing(ChatReader(replace(server, timeout_s=DRAFT_TIMEOUT_S))) as chat:
        return await chat.complete(request)


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
    from bot.answering.message import answer_plan  # noqa: PLC0415 - only where it is set up
    from bot.answering.reader_request import build_reading, write_request  # noqa: PLC0415
    from bot.reader import ChatReader  # noqa: PLC0415
    from bot.service.reading import choice_in  # noqa: PLC0415

    brief = next(iter(catalog.library.briefs.values()))
    plan = answer_plan(brief.title, catalog)
    reading = build_reading(brief.title, plan, None, catalog, settings.reader_statements)
    began_s = perf_counter()
    async with aclosing(ChatReader(server)) as chat:
        try:
            completion = await chat.read(write_request(reading))
            choice = choice_in(completion, reading)
        except ReaderError as error:
            told = (
                f"{server.model} gave no choice: {error}, after {perf_counter() - began_s:.1f} s."
            )
            return Check("reader", ok=False, message=told, fix=_fix(error))
    took_s = perf_counter() - began_s
    own = sum(name in brief.snippets for name in choice.ids)
    told = (
        f'{server.model}, asked about "{brief.title}": {choice.kind.value}, {len(choice.ids)} of '
        f"{len(reading.options)} statements, {own} of them of that brief; {took_s:.1f} s, "
        f"{completion.prompt_tokens} + {completion.completion_tokens} tokens. "
        f"READER_WHEN={settings.reader_when}."
    )
    return Check("reader", ok=True, message=told)
