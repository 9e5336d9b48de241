"""The only wiring: settings -> a catalog, an assistant, the running components."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content.loader import load_library, load_vocabulary
from bot.core.catalog import Catalog
from bot.service.assistant import Assistant
from bot.service.memory import MemoryStore

if TYPE_CHECKING:
    from bot.content.loader import LoadedLibrary
    from bot.service.ports import Store


ROOT = Path(__file__).resolve().parent.parent
BRIEFS, CONFIG = ROOT / "briefs", ROOT / "config"
"""The shipped library and configuration: they stand beside `bot/`."""


def load_catalog(briefs: Path, config: Path) -> Catalog:
    """Read a library and its vocabulary.

    Raises:
        ContentError: A file is missing or wrong.
    """
    return Catalog(load_library(briefs).library, load_vocabulary(config))


def load_for_check(briefs: Path, config: Path) -> tuple[Catalog, LoadedLibrary]:
    """The same with the files it came from, so that findings can name lines.

    Raises:
        ContentError: A file is missing or wrong.
    """
    loaded = load_library(briefs)
    return Catalog(loaded.library, load_vocabulary(config)), loaded


def new_id() -> str:
    """A short random id for an answer; it fits every platform's button."""
    return secrets.token_urlsafe(9)


def build_assistant(catalog: Catalog, store: Store | None = None) -> Assistant:
    """An assistant; without a store it remembers until the process ends."""
    return Assistant(catalog, store or MemoryStore(), new_id)
