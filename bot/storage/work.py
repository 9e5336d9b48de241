"""`schedule_ports.WorkQueue` by DBOS Transact; the only file that knows it.

DBOS is loaded when the queue starts. It keeps its tables in the schema `dbos` of a PostgreSQL
database, and in a file of its own beside a SQLite database. Only its public interface is used.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StorageError
from bot.storage.database import turn_on_wal
from bot.storage.url import parse_database_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from sqlalchemy import URL, Engine

    Handle = Callable[[Sequence[str], int], Awaitable[None]]

T = TypeVar("T")
PROTOCOL = "deliveries-1"
"""DBOS's application version: it names how work is handled, not the release, so that every
release takes up what another has left."""
QUEUE, WORKFLOW = "deliveries", "deliver"
POLLING_S = 1.0
BATCHES = 4
"""So many batches are handled by one process at once."""
SQLITE_WAITS_S = 30


class DbosQueue:
    """Implements `schedule_ports.WorkQueue`; one at a time in a process."""

    def __init__(self, url: str, *, version: str = PROTOCOL, polling_s: float = POLLING_S) -> None:
        self._url = parse_database_url(url)
        self._version = version
        self._polling_s = polling_s
        self._engine: Engine | None = None
        self._executor = ""
        # DBOS's own coroutines make its thread pool the default of the loop that runs them, and
        # shut it down at the end; so its blocking calls are made, in threads of ours.
        self._threads: ThreadPoolExecutor | None = None

    async def start(self, handle: Handle, executor: str) -> None:
        """See `schedule_ports.WorkQueue`."""
        loop = asyncio.get_running_loop()

        async def deliver(keys: list[str], attempt: int) -> None:
            # DBOS runs workflows in a thread of its own; the clients live in our loop.
            call = asyncio.run_coroutine_threadsafe(_call(handle, keys, attempt), loop)
            await asyncio.wrap_future(call)

        self._executor = executor
        try:
            await self._in_thread(self._launch, deliver)
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(f"The engine of the deliveries cannot start: {error}") from error

    async def put(self, keys: Sequence[str], attempt: int = 0, delay_s: float = 0.0) -> None:
        """See `schedule_ports.WorkQueue`."""
        await self._in_thread(_put, keys, attempt, delay_s)

    async def take_over(self, living: frozenset[str]) -> int:
        """See `schedule_ports.WorkQueue`."""
        return await self._in_thread(self._take_over, living)

    async def tidy(self, before: datetime) -> None:
        """See `schedule_ports.WorkQueue`."""
        await self._in_thread(_tidy, before)

    async def stop(self) -> None:
        """See `schedule_ports.WorkQueue`."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            await self._in_thread(_shut_down, engine)
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    async def _in_thread(self, call: Callable[..., T], *args: Any) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(2, thread_name_prefix="deliveries")
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)

    def _take_over(self, living: frozenset[str]) -> int:
        """Resume what dead executors have begun.

        Work begun under another protocol cannot be resumed under this one, so it is put in anew
        as the next attempt and the old is cancelled.
        """
        from dbos import DBOS  # noqa: PLC0415 - only where scheduling runs

        begun = DBOS.list_workflows(status=["PENDING"], queue_name=[QUEUE], load_output=False)
        left = [w for w in begun if w.executor_id not in {*living, self._executor}]
        same = [w.workflow_id for w in left if w.app_version == self._version]
        if same:
            DBOS.resume_workflows(same, queue_name=QUEUE)
        for other in left:
            if other.app_version != self._version and other.input:
                keys, attempt = other.input["args"]
                _put(keys, attempt + 1)
                DBOS.cancel_workflow(other.workflow_id)
        return len(left)

    def _launch(self, deliver: Callable[..., Awaitable[None]]) -> None:
        from dbos import DBOS, DBOSConfig  # noqa: PLC0415 - only where scheduling runs

        _shut_down(self._engine)
        self._engine = _build_engine(self._url)
        config = DBOSConfig(
            name="aibrief",
            system_database_url=self._engine.url.render_as_string(hide_password=False),
            system_database_engine=self._engine,
            application_version=self._version,
            executor_id=self._executor,
            log_level="WARNING",
            use_listen_notify=False,
            notification_listener_polling_interval_sec=2.0,
            scheduler_polling_interval_sec=3600.0,
            max_executor_threads=8,
        )
        DBOS(config=config)
        _join_our_log()
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(deliver)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=BATCHES,
            polling_interval_sec=self._polling_s,
            on_conflict="always_update",
        )


def workflow_id(keys: Sequence[str], attempt: int) -> str:
    """The same for the same work, so that putting it in twice is putting it in once."""
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]
    return f"{digest}-{attempt}"


def _put(keys: Sequence[str], attempt: int, delay_s: float = 0.0) -> None:
    """No version is named: whichever is the latest that runs takes it up."""
    from dbos import DBOS  # noqa: PLC0415 - only where scheduling runs

    options: Any = {
        "queue_name": QUEUE,
        "workflow_name": WORKFLOW,
        "workflow_id": workflow_id(keys, attempt),
    }
    if delay_s > 0:
        options["delay_seconds"] = delay_s
    DBOS.enqueue_workflow_with_options(options, list(keys), attempt)


def _tidy(before: datetime) -> None:
    from dbos import DBOS  # noqa: PLC0415 - only where scheduling runs

    done = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before.isoformat(),
        queue_name=[QUEUE],
        limit=1000,
        load_input=False,
        load_output=False,
    )
    if done:
        DBOS.delete_workflows([w.workflow_id for w in done])


async def _call(handle: Handle, keys: Sequence[str], attempt: int) -> None:
    await handle(keys, attempt)


def _shut_down(engine: Engine | None) -> None:
    from dbos import DBOS  # noqa: PLC0415 - only where scheduling runs

    DBOS.destroy(destroy_registry=True)
    if engine is not None:
        engine.dispose()


def _join_our_log() -> None:
    """DBOS writes to a handler of its own; its lines belong among ours."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True


def _build_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_size=3, max_overflow=5, pool_pre_ping=True)
    file = url.set(drivername="sqlite", database=f"{url.database}-work")
    engine = create_engine(file, pool_size=4, max_overflow=4)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    """What DBOS sets on SQLite engines of its own, and a log that readers do not wait for."""
    del record
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAITS_S * 1000}")
    turn_on_wal(cursor)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
