"""A database that is gone, locked or slow for a while costs seconds, and never the work."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError
from structlog.testing import capture_logs

from bot.storage.database import build_engine, upgrade
from bot.storage.delivery_queue import SqlSharing
from bot.storage.transactions import Outages, Transactions, is_passing
from tests.faults.databases import Proxy

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection


async def one(connection: AsyncConnection) -> int:
    found: int = (await connection.execute(text("SELECT 1"))).scalar_one()
    return found


async def test_a_server_that_is_away_is_waited_for(postgres_url: str) -> None:
    proxy, outages = Proxy(postgres_url), Outages()
    async with proxy.listening():
        engine = build_engine(proxy.url)
        patient = Transactions(engine, outages, patient=True)
        assert await patient.run(one) == 1
        proxy.refuse(True)
        with capture_logs() as lines:
            works = [asyncio.create_task(patient.run(one)) for _ in range(5)]
            works += [asyncio.create_task(patient.run_together(one)) for _ in range(5)]
            await asyncio.sleep(1.0)
            with pytest.raises(OperationalError):
                await Transactions(engine).run(one)
            assert not any(work.done() for work in works)
            proxy.refuse(False)
            begun = time.monotonic()
            assert await asyncio.gather(*works) == [1] * 10
            assert time.monotonic() - begun < 5
        assert [line["event"] for line in lines] == ["database.away", "database.back"]
        away = outages.within(timedelta(minutes=1))
        assert timedelta(seconds=0.9) < away < timedelta(seconds=8)
        assert outages.within(timedelta()) == timedelta()
        await engine.dispose()


async def test_what_will_not_pass_is_told_at_once(postgres_url: str) -> None:
    engine = build_engine(postgres_url)
    transactions = Transactions(engine, patient=True)

    async def wrong(connection: AsyncConnection) -> None:
        await connection.execute(text("SELECT no_such_column"))

    for run in (transactions.run, transactions.run_together):
        with pytest.raises(ProgrammingError):
            await asyncio.wait_for(run(wrong), 5)
    await engine.dispose()


async def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "locked.sqlite"
    engine = build_engine(f"sqlite:///{file}")
    await upgrade(engine)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sharing = SqlSharing(engine, Transactions(engine, patient=True))
    now = asyncio.get_running_loop().time
    beating = asyncio.create_task(sharing.leave("nobody"))
    await asyncio.sleep(7.0)  # longer than SQLite waits by itself
    assert not beating.done()
    other.execute("ROLLBACK")
    begun = now()
    await beating
    assert now() - begun < 4
    other.close()
    await engine.dispose()


async def test_postgres_ends_what_hangs(postgres_url: str) -> None:
    engine = build_engine(postgres_url)
    async with engine.connect() as connection:
        found = {
            name: (await connection.execute(text(f"SHOW {name}"))).scalar_one()
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "tcp_user_timeout",
            )
        }
    await engine.dispose()
    assert found.pop("tcp_user_timeout") is not None
    assert found == {
        "statement_timeout": "8s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "5s",
    }


async def test_a_row_that_a_frozen_peer_holds_keeps_nobody_else(postgres_url: str) -> None:
    engine, peer = build_engine(postgres_url), build_engine(postgres_url)
    await upgrade(engine)
    transactions = Transactions(engine, patient=True)
    sharing = SqlSharing(engine, transactions)
    for name in ("held", "free"):
        await sharing.leave(name)

    def touch(name: str) -> Coroutine[None, None, None]:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                text("UPDATE named_values SET value = 'x' WHERE name = :name"), {"name": name}
            )

        return transactions.run_together(work)

    async with engine.begin() as connection:
        for name in ("held", "free"):
            await connection.execute(
                text("INSERT INTO named_values VALUES (:name, '') ON CONFLICT (name) DO NOTHING"),
                {"name": name},
            )
    frozen = await peer.connect()
    await frozen.execute(text("SELECT * FROM named_values WHERE name = 'held' FOR UPDATE"))
    begun = time.monotonic()
    waits = asyncio.create_task(touch("held"))
    await asyncio.gather(*(touch("free") for _ in range(20)))
    assert time.monotonic() - begun < 5
    assert not waits.done()
    # The server ends the transaction in which nothing happens, and its locks with it.
    await asyncio.wait_for(waits, 12)
    with pytest.raises(InternalError) as ended:
        await frozen.execute(text("SELECT 1"))
    assert is_passing(ended.value)
    await frozen.invalidate()
    await frozen.close()
    await engine.dispose()
    await peer.dispose()
