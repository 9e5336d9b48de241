"""Wiring of the library that is taken up anew when its files change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.bootstrap import clock, load_catalog
from bot.service.library import LiveLibrary

if TYPE_CHECKING:
    from bot.library.watch import FolderWatch
    from bot.service.assistant import Assistant
    from bot.settings import Settings


def watch_library(settings: Settings) -> FolderWatch | None:
    """What tells of changes from now on, so call it before the files are read."""
    if settings.reload == "off":
        return None
    from bot.library.watch import FolderWatch  # noqa: PLC0415 - watchfiles only where it is used

    folders = (settings.briefs_dir, settings.config_dir / "vocabulary")
    return FolderWatch(folders, poll=settings.reload == "poll")


def build_library(
    settings: Settings, assistant: Assistant, folders: FolderWatch | None
) -> LiveLibrary:
    """The component that keeps the assistant's catalog like the files."""
    load = partial(load_catalog, settings.briefs_dir, settings.config_dir)
    return LiveLibrary(assistant, load, clock, folders.changes if folders else None)
