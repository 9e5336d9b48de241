"""What is remembered of a post: its plan and thread, what channel and schedule were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from bot.storage.corrections import keep_told
from bot.storage.plans import dump_plan
from bot.storage.tables import plans, subscriptions, threads

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.schedules.schedule_ports import Result


async def keep_result(
    connection: AsyncConnection, insert: Any, result: Result, now: datetime
) -> None:
    """Write it down, as part of a transaction; `insert` is the one of the database in use."""
    if told := result.told:
        await connection.execute(
            update(subscriptions)
            .where(subscriptions.c.id == told.id)
            .values(last_brief=told.last_brief, last_library=told.last_library)
        )
    if result.answer_id is None or result.plan is None:
        return
    plan = {"plan": dump_plan(result.plan), "saved_at": now}
    await _put(connection, insert(plans), {"answer_id": result.answer_id}, plan)
    answer = {"answer_id": result.answer_id, "answered_at": now}
    await _put(connection, insert(threads), {"thread": result.thread}, answer)
    await keep_told(connection, insert, result, now)


async def _put(
    connection: AsyncConnection, insert: Any, key: dict[str, Any], row: dict[str, Any]
) -> None:
    put = insert.values(**key, **row)
    await connection.execute(put.on_conflict_do_update(index_elements=list(key), set_=row))
