"""Databases that misbehave: a proxy before PostgreSQL, and somebody who holds a lock."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg

from bot.storage.database import parse_database_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Proxy:
    """Passes connections on to a server, refuses them, or cuts those that are open."""

    def __init__(self, url: str) -> None:
        self._server = parse_database_url(url)
        self._refusing = False
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Proxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        query = {k: v for k, v in self._server.query.items() if k != "host"}
        near = self._server.set(drivername="postgresql", host="127.0.0.1", port=port, query=query)
        self.url = near.render_as_string(hide_password=False)
        try:
            yield self
        finally:
            self.cut()
            server.close()

    def refuse(self, refusing: bool) -> None:
        """Whether it refuses; what is open is cut too."""
        self._refusing = refusing
        if refusing:
            self.cut()

    def cut(self) -> None:
        """Abort every open connection."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        there = await self._connect()
        mine = {writer, there[1]}
        self._open |= mine
        try:
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
        finally:
            self._open -= mine
            for each in mine:
                each.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = self._server.query.get("host")
        port = self._server.port or 5432
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._server.host, port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextmanager
def locked_file(url: str) -> Iterator[None]:
    """Another process writes to the SQLite file all the time."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def frozen_peer(url: str) -> Iterator[None]:
    """A session without any timeout holds rows of every table that deliveries need."""
    server = parse_database_url(url).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False)) as connection:
        for statement in (
            "SELECT key FROM deliveries ORDER BY key LIMIT 3 FOR UPDATE",
            "SELECT id FROM subscriptions ORDER BY id LIMIT 3 FOR UPDATE",
            "SELECT scope FROM rate_slots FOR UPDATE",
            "SELECT executor FROM executors WHERE executor LIKE 'frozen%' FOR UPDATE",
        ):
            _rows(connection, statement)
        yield
        connection.rollback()


def _rows(connection: Any, statement: str) -> None:
    connection.execute(statement).fetchall()
