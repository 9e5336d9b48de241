"""Changes of real files are seen, whatever way they are written."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest
import watchfiles

from bot.library.watch import FolderWatch, read_signature

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Next = Callable[[], Awaitable[None]]
WAIT_S = 20.0
"""How long a busy machine may take; a change is seen within a tenth of a second or so."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "briefs"
    folder.mkdir()
    (folder / "a.yaml").write_text("a: 1\n")
    return folder


@asynccontextmanager
async def watching(watch: FolderWatch) -> AsyncIterator[Next]:
    """Gives what waits for the next change."""
    async with aclosing(watch.changes()) as changes:  # type: ignore[type-var]

        async def following() -> None:
            async with asyncio.timeout(WAIT_S):
                await anext(changes)

        yield following


def replaced(folder: Path) -> None:
    temporary = folder / ".a.yaml.swp"
    temporary.write_text("a: 22\n")
    temporary.rename(folder / "a.yaml")


def swapped(folder: Path) -> None:
    other = folder.with_name("other")
    other.mkdir()
    (other / "a.yaml").write_text("a: 333\n")
    folder.rename(folder.with_name("old"))
    other.rename(folder)


@pytest.mark.parametrize("poll", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.yaml").write_text("a: 22\n"),
        lambda folder: (folder / "b.yaml").write_text("b: 1\n"),
        lambda folder: (folder / "a.yaml").unlink(),
        lambda folder: (folder / "dictionary.txt").write_text("word\n"),
        replaced,
        swapped,
        shutil.rmtree,
    ],
)
async def test_a_change_is_seen(
    place: Path, change: Callable[[Path], object], *, poll: bool
) -> None:
    watch = FolderWatch([place], look_again_ms=50, poll=poll)
    async with watching(watch) as following:
        change(place)
        await following()


async def test_a_change_before_the_watch_begins_is_seen(place: Path) -> None:
    watch = FolderWatch([place])
    (place / "a.yaml").write_text("a: 22\n")
    async with watching(watch) as following:
        await following()


async def test_a_folder_that_was_removed_and_made_again_is_watched_again(place: Path) -> None:
    async with watching(FolderWatch([place], look_again_ms=50)) as following:
        shutil.rmtree(place)
        await following()
        place.mkdir()  # noqa: ASYNC240
        (place / "a.yaml").write_text("a: 1\n")
        await following()
        (place / "b.yaml").write_text("b: 1\n")
        await following()


async def test_a_link_to_another_folder_is_followed(tmp_path: Path, place: Path) -> None:
    """So deployments switch releases, and Kubernetes its mounted files."""
    link, other = tmp_path / "current", tmp_path / "other"
    link.symlink_to(place)
    shutil.copytree(place, other)
    async with watching(FolderWatch([link], look_again_ms=50)) as following:
        (tmp_path / "new").symlink_to(other)
        (tmp_path / "new").rename(link)
        await following()


async def test_what_the_loader_does_not_read_is_no_change(place: Path) -> None:
    watch = FolderWatch([place], look_again_ms=20)
    async with watching(watch) as following:
        waiting = asyncio.ensure_future(following())
        (place / ".a.yaml.swp").write_text("x")
        (place / "a.yaml~").write_text("x")
        (place / ".#a.yaml").symlink_to("nobody@nowhere.1")
        (place / "4913").write_text("")
        await asyncio.sleep(0.3)
        assert not waiting.done()
        (place / "a.yaml").write_text("a: 22\n")
        await waiting


async def test_many_files_at_once_are_few_changes(place: Path) -> None:
    seen = 0
    async with aclosing(FolderWatch([place]).changes()) as changes:  # type: ignore[type-var]
        for number in range(100):
            (place / f"{number}.yaml").write_text("x: 1\n")
        async for _ in changes:
            seen += 1
            if len(read_signature([place])) == 101:
                break
    assert seen <= 5


async def test_without_events_the_folders_are_looked_at(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*args: object, **kwargs: object) -> NoReturn:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(watchfiles.main, "RustNotify", none_left)
    async with watching(FolderWatch([place], look_again_ms=20)) as following:
        (place / "a.yaml").write_text("a: 22\n")
        await following()
        (place / "b.yaml").write_text("b: 1\n")
        await following()
