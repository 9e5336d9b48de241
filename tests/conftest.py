"""Fixtures that every test may use: the shipped library, loaded once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot import bootstrap

if TYPE_CHECKING:
    from bot.core.catalog import Catalog
    from bot.core.model import Library


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return bootstrap.load_catalog(bootstrap.BRIEFS, bootstrap.CONFIG)


@pytest.fixture(scope="session")
def library(catalog: Catalog) -> Library:
    return catalog.library


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
