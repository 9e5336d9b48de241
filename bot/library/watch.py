"""Waits for changes in folders; the only file that knows watchfiles."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeAlias

import structlog
import watchfiles

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
    from pathlib import Path

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
