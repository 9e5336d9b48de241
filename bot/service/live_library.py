"""The library of a running bot: taken up anew when its files change; what is new is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import structlog

from bot.answering.changes import known_statements, news_plan, since_day, unread_briefs
from bot.errors import AibriefError, ContentError, Finding
from bot.library.loader import SHARED_FILES

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.service.ports import StatementLog

log = structlog.get_logger(__name__)


Listener: TypeAlias = "Callable[[Catalog, Catalog], Awaitable[None]]"
"""Called with the catalog before and the one after a change."""
Changes: TypeAlias = Callable[[], AsyncIterator[None]]
"""Something that yields whenever files may have changed, once for many at a time."""


class HasCatalog(Protocol):
    """Whoever answers from the catalog, that is the assistant."""

    catalog: Catalog


@dataclass(frozen=True, slots=True)
class LibraryState:
    """Which library is in use since when, and what is wrong with files that it is without."""

    version: str
    loaded_at: datetime
    problems: tuple[Finding, ...] = ()
    """Empty where all of the files is in use."""

    @property
    def places(self) -> tuple[str, ...]:
        """`pets.yaml:12` for each problem: enough to find it, and fit for everybody's eyes."""
        return tuple(f"{p.file}:{p.line}" if p.line else p.file for p in self.problems)


class LiveLibrary:
    """A `ports.Component` that keeps `holder.catalog` like the files.

    A file that breaks while it is in use changes nothing but `state.problems`; one that was never
    good, such as a brief that is not finished, keeps nobody from changes of the others.
    """

    name = "library"

    def __init__(
        self,
        holder: HasCatalog,
        load: Callable[[], Catalog],
        clock: Callable[[], datetime],
        changes: Changes | None = None,
    ) -> None:
        """Watch a library that is loaded already.

        Args:
            holder: Its `catalog` is replaced, between two messages.
            load: Reads the files; runs in a thread.
            clock: The time now.
            changes: What to wait for; None where files are never looked at again.
        """
        self._holder = holder
        self._load = load
        self._clock = clock
        self._changes = changes
        self.state = LibraryState(holder.catalog.version, clock(), holder.catalog.skipped)
        if self.state.problems:
            _log_skipped(holder.catalog)
        self.listeners: list[Listener] = []
        """Called one after another after each change of the content; each fails on its own."""

    async def run(self) -> None:
        """Take up changes until cancelled."""
        if self._changes is None:
            await asyncio.Event().wait()
            return
        async for _ in self._changes():
            await self.reload()

    def ready(self) -> bool:
        """Always: there is a good library from the first moment on."""
        return True

    async def drain(self) -> None:
        """Nothing to finish."""

    async def reload(self) -> bool:
        """Read the files now; whether the library in use has changed."""
        try:
            catalog = await asyncio.to_thread(self._load)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the files, answers go on
            self._keep(_problems(error))
            return False
        old = self._holder.catalog
        if _lost(old, catalog):
            self._keep(catalog.skipped)
            return False
        if catalog.version == old.version and self.state.problems == catalog.skipped:
            return False
        self._holder.catalog = catalog
        self.state = LibraryState(catalog.version, self._clock(), catalog.skipped)
        library = catalog.library
        log.info(
            "library.loaded",
            version=catalog.version,
            briefs=len(library.briefs),
            snippets=len(library.snippets),
        )
        if catalog.skipped:
            _log_skipped(catalog)
        if catalog.version == old.version:
            return False
        for listener in tuple(self.listeners):
            await _call(listener, old, catalog)
        return True

    def _keep(self, problems: tuple[Finding, ...]) -> None:
        """Note what is wrong, and log it once."""
        if problems == self.state.problems:
            return
        self.state = LibraryState(self.state.version, self.state.loaded_at, problems)
        log.error(
            "library.not_taken",
            problems=[str(p) for p in problems[:10]],
            count=len(problems),
            in_use=self.state.version,
            fix="correct the files; until then the bot answers from the last good library",
        )


def _lost(old: Catalog, new: Catalog) -> frozenset[str]:
    """The files that are in use and that the new library is without."""
    in_use = {f"{slug}.yaml" for slug in old.library.briefs} | SHARED_FILES
    broken = {problem.file for problem in new.skipped}
    return frozenset(broken & in_use - {problem.file for problem in old.skipped})


def _log_skipped(catalog: Catalog) -> None:
    problems = catalog.skipped
    log.error(
        "library.skipped",
        problems=[str(p) for p in problems[:10]],
        count=len(problems),
        in_use=catalog.version,
        fix="correct the files; until then the bot answers without them",
    )


async def _call(listener: Listener, old: Catalog, new: Catalog) -> None:
    try:
        # A listener that takes longer is cut short: long work belongs into a queue of its own.
        async with asyncio.timeout(60.0):
            await listener(old, new)
    except Exception as error:  # noqa: BLE001 - the others are still to be told
        log.warning("library.listener_failed", listener=repr(listener), error=repr(error))


def _problems(error: Exception) -> tuple[Finding, ...]:
    if isinstance(error, ContentError):
        return error.findings
    told = str(error) if isinstance(error, AibriefError) else repr(error)
    return (Finding("the library", 0, told, "See: aibrief check"),)


class News:
    """A `ports.Component` that writes down what there is, at its start and after each change."""

    name = "news"

    def __init__(
        self,
        statements: StatementLog,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
    ) -> None:
        self._statements = statements
        self._catalog = catalog
        self._clock = clock
        self._changed = asyncio.Event()

    async def library_changed(self, before: Catalog, after: Catalog) -> None:
        """Write down, soon, what there is now."""
        del before, after
        self._changed.set()

    async def run(self) -> None:
        """Write down whatever library is in use, until cancelled."""
        while True:
            self._changed.clear()
            await self.record()
            await self._changed.wait()

    async def record(self) -> None:
        """Write down what there is now."""
        catalog = self._catalog()
        known = known_statements(catalog)
        await self._statements.record(known, unread_briefs(catalog), self._clock())

    async def tell(self, plan: Plan, catalog: Catalog, now: datetime) -> Plan:
        """The plan of "what is new" with what is; as it was where nothing is known."""
        today = now.date()
        try:
            snapshot = await self._statements.snapshot(since_day(today), now)
        except Exception as error:  # noqa: BLE001 - an answer must not fail with its database
            log.warning("news.not_told", error=repr(error))
            return plan
        return news_plan(plan, snapshot, catalog, today) if snapshot else plan

    def ready(self) -> bool:
        """Always: nobody waits for it."""
        return True

    async def drain(self) -> None:
        """Nothing to finish."""
