"""The library of a running bot is taken up anew when its files change.

The only file that knows watchfiles.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import structlog
import watchfiles

from bot.errors import AibriefError, ContentError, Finding
from bot.library.loader import SHARED_FILES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from bot.answering.catalog import Catalog

log = structlog.get_logger(__name__)

QUIET_MS, MOST_MS = 200, 2_000
"""Changes are taken together until none comes for the first, at the longest for the second."""
LOOK_AGAIN_MS = 5_000
"""How often the folders are looked at even where the file system reports nothing: some network
and container file systems never do, and a folder that was replaced is no longer watched."""

Signature: TypeAlias = frozenset[tuple[str, int, int, int]]
"""Each file's path, time of change in ns, size and inode."""


def read_signature(folders: Iterable[Path]) -> Signature:
    """What tells one state of the folders from another, without reading a file."""
    found = set()
    for folder in folders:
        for file in _files(folder):
            try:
                state = file.stat()
            except OSError:  # it went away, or it is a dangling link such as editors make
                continue
            found.add((str(file), state.st_mtime_ns, state.st_size, state.st_ino))
    return frozenset(found)


def _files(folder: Path) -> list[Path]:
    """The files that the loader reads; none where the folder is gone."""
    try:
        inside = list(folder.iterdir())
    except OSError:
        return []
    return [f for f in inside if f.suffix in {".yaml", ".txt"} and not f.name.startswith(".")]


class FolderWatch:
    """Tells of changes since it was made, so make it before the files are read."""

    def __init__(
        self, folders: Sequence[Path], *, look_again_ms: int = LOOK_AGAIN_MS, poll: bool = False
    ) -> None:
        """Watch folders, which need not exist at all times.

        Args:
            folders: Their files, without those of folders inside.
            look_again_ms: How long at most a change goes unseen that nothing reported.
            poll: Never ask the file system to report.
        """
        self._folders = tuple(folders)
        self._look_again_ms = look_again_ms
        self._poll = poll
        self._known = read_signature(folders)

    async def changes(self) -> AsyncIterator[None]:
        """Yield whenever the files have changed, until cancelled."""
        while True:
            identities = _identities(self._folders)
            async with aclosing(self._wakes()) as wakes:
                async for _ in wakes:
                    found = read_signature(self._folders)
                    if found != self._known:
                        self._known = found
                        yield
                    if _identities(self._folders) != identities:
                        break  # what is watched is not what has this name now

    async def _wakes(self) -> AsyncGenerator[None, None]:
        """Wake at once, at each report of the file system and every `look_again_ms` besides."""
        yield
        if not self._poll and all(folder.is_dir() for folder in self._folders):
            try:
                async with aclosing(self._reports()) as reports:
                    async for _ in reports:
                        yield
            except (OSError, RuntimeError) as error:  # no inotify, or none left
                self._poll = True
                log.warning(
                    "library.no_file_events", why=str(error), looks_every_ms=self._look_again_ms
                )
        while True:
            await asyncio.sleep(self._look_again_ms / 1000)
            yield

    def _reports(self) -> AsyncGenerator[set[watchfiles.main.FileChange], None]:
        return watchfiles.awatch(
            *self._folders,
            watch_filter=None,
            debounce=MOST_MS,
            step=QUIET_MS,
            rust_timeout=self._look_again_ms,
            yield_on_timeout=True,
            recursive=False,
        )


def _identities(folders: Iterable[Path]) -> list[tuple[int, int] | None]:
    """Which folder stands behind each name now."""
    return [_identity(folder) for folder in folders]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


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
