"""The three stores on an empty database each."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.storage.database import build_engine, upgrade
from bot.storage.store import SqlStore
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.service.ports import Store


@asynccontextmanager
async def open_engine(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine on an empty database."""
    if kind == "postgres":
        url: str = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{request.getfixturevalue('tmp_path')}/store.sqlite"
    engine = build_engine(url)
    if kind == "postgres":
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
    yield engine
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    async with open_engine(request.param, request) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    async with open_engine(request.param, request) as opened:
        await upgrade(opened)
        yield SqlStore(opened)
