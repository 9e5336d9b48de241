"""A fresh PostgreSQL database for each test, on one server."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import create_engine, text

from bot.storage.database import parse_database_url

_numbers = itertools.count()


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> str:
    name = f"fresh{next(_numbers)}"
    server = parse_database_url(postgres_url)
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
