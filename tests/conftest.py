"""The shipped library, loaded once for all tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.content.loader import LoadedLibrary, load_library, load_vocabulary
from bot.core.catalog import Catalog

if TYPE_CHECKING:
    from bot.core.model import Library
    from bot.core.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def loaded() -> LoadedLibrary:
    return load_library(ROOT / "briefs")


@pytest.fixture(scope="session")
def library(loaded: LoadedLibrary) -> Library:
    return loaded.library


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT / "config")


@pytest.fixture(scope="session")
def catalog(library: Library, vocabulary: Vocabulary) -> Catalog:
    return Catalog(library, vocabulary)
