"""DATABASE_URL as people and platforms write it -> the URL of an async driver."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import StorageError

DEFAULT_URL = "sqlite:///aibrief.sqlite"
"""A file in the working directory; it does not survive where the disk is wiped."""

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def parse_database_url(text: str) -> URL:
    """`postgres://...`, `postgresql://...` or `sqlite:///file` -> a URL for the engine.

    Raises:
        StorageError: It is no URL, or of a database that is not supported. The text of the
            URL is not repeated, since it holds a password.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise StorageError(
            "DATABASE_URL is not a database URL. Write it like "
            "postgresql://user:password@host/name or sqlite:///aibrief.sqlite."
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise StorageError(
            f"DATABASE_URL: {url.drivername} is not supported; use postgresql:// or sqlite:///."
        )
    return url.set(drivername=driver)
