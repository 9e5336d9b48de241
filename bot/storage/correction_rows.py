"""`schedule_ports.CorrectionLog`: what channels were told, and what is corrected."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.schedules.corrections import Correction
from bot.schedules.subscription import State, Target, short_key
from bot.storage.tables import corrections, deliveries, plans, subscriptions, threads, told_texts
from bot.storage.transactions import Transactions
from bot.storage.values import dump_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.schedules.schedule_ports import Result


KEEP_TOLD = timedelta(days=180)
"""What a channel was told longer ago is not corrected any more."""
CHANNELS_AT_ONCE = 200
UNKNOWN = ""
"""The digest of a text that may have been sent and that nobody knows any more."""
_PLACE = (told_texts.c.platform, told_texts.c.workspace, told_texts.c.channel)


class _Place(NamedTuple):
    platform: str
    workspace: str
    channel: str


class SqlCorrections:
    """Implements `schedule_ports.CorrectionLog` on SQLite and PostgreSQL."""

    def __init__(self, engine: AsyncEngine, transactions: Transactions | None = None) -> None:
        self._transactions = transactions or Transactions(engine)
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def plan_corrections(
        self, texts: Mapping[str, str], now: datetime, scope_of: Callable[[Target], str]
    ) -> Sequence[str]:
        """See `schedule_ports.CorrectionLog`."""
        keys: list[str] = []
        wrong = _wrong(texts)

        async def some(connection: AsyncConnection) -> list[str] | None:
            found = await _told_wrong(connection, wrong)
            claimed = []
            for place, told in found.items():
                scope = scope_of(Target(*place))
                claimed += await self._claim(connection, place, scope, told, texts, now)
            return claimed if found else None

        while (claimed := await self._transactions.run(some)) is not None:
            keys += claimed
        return keys

    async def _claim(
        self,
        connection: AsyncConnection,
        place: _Place,
        scope: str,
        told: Mapping[str, str],
        texts: Mapping[str, str],
        now: datetime,
    ) -> list[str]:
        """Write a channel's corrections down, those that nobody else has claimed meanwhile.

        Another process may know of more of them: what it claimed belongs to its own delivery.
        """
        digests = ",".join(f"{name}={texts[name]}" for name in sorted(told))
        key = f"correction-{short_key(':'.join((*place, digests)))}"
        rows = [
            {
                **place._asdict(),
                "snippet": name,
                "digest": texts[name],
                "delivery": key,
                "told_on": told[name],
                "planned_at": now,
            }
            for name in sorted(told)
        ]
        claim = self._insert(corrections).values(rows).on_conflict_do_nothing()
        claimed = await connection.execute(claim.returning(corrections.c.snippet))
        if not claimed.all():
            return []
        delivery = {
            "key": key,
            "subscription": key,
            "due_at": now,
            "state": State.DUE.value,
            "attempts": 0,
            "parts_sent": 0,
            "uncertain": False,
            "updated_at": now,
            "not_before": now,
            "scope": scope,
        }
        await connection.execute(
            self._insert(deliveries).values(**delivery).on_conflict_do_nothing()
        )
        return [key]


def _wrong(texts: Mapping[str, str]) -> ColumnElement[bool]:
    """Rows of what was told that one of these texts corrects and that are not claimed yet."""
    told, done = told_texts.c, corrections.c

    def one(snippet: str, digest: str) -> ColumnElement[bool]:
        claimed = exists().where(
            done.platform == told.platform,
            done.workspace == told.workspace,
            done.channel == told.channel,
            done.snippet == snippet,
            done.digest == digest,
        )
        return and_(told.snippet == snippet, told.digest != digest, ~claimed)

    return or_(*(one(snippet, digest) for snippet, digest in texts.items()))


async def _told_wrong(
    connection: AsyncConnection, wrong: ColumnElement[bool]
) -> Mapping[_Place, Mapping[str, str]]:
    """For some channels the snippets to correct, each with the day it was told last."""
    places = select(*_PLACE).where(wrong).distinct().order_by(*_PLACE).limit(CHANNELS_AT_ONCE)
    there = [tuple(row) for row in await connection.execute(places)]
    if not there:
        return {}
    rows = await connection.execute(
        select(*_PLACE, told_texts.c.snippet, func.max(told_texts.c.told_on))
        .where(wrong, tuple_(*_PLACE).in_(there))
        .group_by(*_PLACE, told_texts.c.snippet)
        .order_by(*_PLACE, told_texts.c.snippet)
    )
    return {
        _Place(*place): {row[3]: row[4] for row in group}
        for place, group in groupby(rows, key=lambda row: tuple(row[:3]))
    }


async def load_corrections(
    connection: AsyncConnection, keys: Sequence[str]
) -> Mapping[str, tuple[Target, tuple[Correction, ...]]]:
    """For each of these deliveries that corrects something the channel and the corrections."""
    if not keys:
        return {}
    query = (
        select(corrections)
        .where(corrections.c.delivery.in_(keys))
        .order_by(corrections.c.delivery, corrections.c.snippet)
    )
    found: dict[str, tuple[Target, tuple[Correction, ...]]] = {}
    for row in (await connection.execute(query)).mappings():
        target = Target(row["platform"], row["workspace"], row["channel"])
        one = Correction(row["snippet"], row["digest"], date.fromisoformat(row["told_on"]))
        _, before = found.get(row["delivery"], (target, ()))
        found[row["delivery"]] = (target, (*before, one))
    return found


async def keep_told(
    connection: AsyncConnection, insert: Any, result: Result, now: datetime
) -> None:
    """Remember the texts of a post; what a correction replaces is forgotten."""
    if result.place is None or not result.texts:
        return
    place = {
        "platform": result.place.platform,
        "workspace": result.place.workspace,
        "channel": result.place.channel,
    }
    if result.corrects:
        same = [told_texts.c[name] == value for name, value in place.items()]
        await connection.execute(
            delete(told_texts).where(*same, told_texts.c.snippet.in_(list(result.texts)))
        )
    day = result.told_on.isoformat() if result.told_on else now.date().isoformat()
    told = [*result.texts.items(), *((name, UNKNOWN) for name in result.texts if result.unsure)]
    rows = [
        {**place, "snippet": name, "digest": digest, "told_on": day, "told_at": now}
        for name, digest in sorted(told)
    ]
    put = insert(told_texts)
    fresh = {name: put.excluded[name] for name in ("told_on", "told_at")}
    keys = [column.name for column in told_texts.primary_key]
    await connection.execute(put.on_conflict_do_update(index_elements=keys, set_=fresh), rows)


async def forget_told(connection: AsyncConnection, prefix: str) -> None:
    """Forget what the channels of a workspace were told and what was to be corrected there."""
    for table in (told_texts, corrections):
        place = table.c.platform + ":" + table.c.workspace + ":"
        there = place.startswith(prefix, autoescape=True)
        if table is corrections:
            mine = select(corrections.c.delivery).where(there)
            await connection.execute(delete(deliveries).where(deliveries.c.key.in_(mine)))
        await connection.execute(delete(table).where(there))


async def prune_told(connection: AsyncConnection, now: datetime) -> None:
    """Forget what is too long ago."""
    before = now - KEEP_TOLD
    await connection.execute(delete(told_texts).where(told_texts.c.told_at < before))
    await connection.execute(delete(corrections).where(corrections.c.planned_at < before))


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
