"""An empty PostgreSQL database for each test."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.storage.database import build_engine


@pytest.fixture
async def empty_postgres(postgres_url: str) -> str:
    engine = build_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return postgres_url
