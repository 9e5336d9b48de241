"""Statements over time: which the library has had, which channels were told, what is corrected.

`ports.StatementLog` and `schedule_ports.CorrectionLog`; no word of a text is in it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)

from bot.answering.changes import Known, Snapshot, is_another, known_differences
from bot.schedules.subscription import Delivery, Target, short_key
from bot.storage.delivery_queue import dump_delivery
from bot.storage.tables import corrections, deliveries, statements, told_texts
from bot.storage.transactions import SqlRows, upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Delete
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.schedules.schedule_ports import Result

KEEP = timedelta(days=400)
"""What was withdrawn or replaced longer ago is forgotten."""
_THERE = statements.c.until.is_(None)
AT_ONCE = 500
"""Ids in one statement; SQLite takes at most 32,766 values."""


class SqlStatements(SqlRows):
    """Implements `ports.StatementLog`."""

    async def record(
        self, after: Mapping[str, Known], unread: frozenset[str], now: datetime
    ) -> None:
        """One process after another, whoever comes first."""
        async with self._engine.begin() as connection:
            if self._on_postgres:
                await connection.execute(text("LOCK TABLE statements IN SHARE ROW EXCLUSIVE MODE"))
            # First of all a change: with it SQLite lets no other process write.
            await connection.execute(_outdated(now))
            before = await _known(connection, _THERE)
            readable = {name: k for name, k in before.items() if k.brief not in unread}
            if is_another(readable, after):
                await connection.execute(delete(statements))
                before = {}
            found = known_differences(before, after, unread)
            gone = (*found.changed, *found.withdrawn)
            for at in range(0, len(gone), AT_ONCE):
                ended = statements.c.snippet.in_(gone[at : at + AT_ONCE])
                await connection.execute(update(statements).where(_THERE, ended).values(until=now))
            await _move(connection, before, after)
            rows = [
                {"snippet": name, "since": now, "until": None, **after[name]._asdict()}
                for name in found.new
            ]
            if rows:
                # A statement that comes back in the moment in which it went was never away.
                await connection.execute(
                    self._insert(statements).on_conflict_do_update(
                        index_elements=list(statements.primary_key), set_={"until": None}
                    ),
                    rows,
                )

    async def snapshot(self, day: date, now: datetime) -> Snapshot | None:
        at = max(datetime.combine(day, time(), UTC), now - KEEP)
        async with self._engine.connect() as connection:
            first = (await connection.execute(select(func.min(statements.c.since)))).scalar_one()
            if first is None:
                return None
            at = max(at, first)
            then = and_(statements.c.since <= at, or_(_THERE, statements.c.until > at))
            return Snapshot(at.date(), await _known(connection, then))

    async def prune(self, *, now: datetime) -> None:
        await self._write(_outdated(now))


async def _move(
    connection: AsyncConnection, before: Mapping[str, Known], after: Mapping[str, Known]
) -> None:
    """What stands in another brief now, or in one with another title, is known there."""
    moved = [
        {"id": name, "slug": known.brief, "named": known.title}
        for name, known in after.items()
        if name in before and before[name] != known
    ]
    if moved:
        there = update(statements).where(_THERE, statements.c.snippet == bindparam("id"))
        put = there.values(brief=bindparam("slug"), title=bindparam("named"))
        await connection.execute(put, moved)


def _outdated(now: datetime) -> Delete:
    return delete(statements).where(statements.c.until < now - KEEP)


async def _known(connection: AsyncConnection, where: ColumnElement[bool]) -> Mapping[str, Known]:
    columns = [statements.c[name] for name in ("snippet", *Known._fields)]
    rows = await connection.execute(select(*columns).where(where).order_by(statements.c.since))
    return {name: Known(*rest) for name, *rest in rows}


KEEP_TOLD = timedelta(days=180)
"""What a channel was told longer ago is not corrected any more."""
CHANNELS_AT_ONCE = 200
UNKNOWN = ""
"""The digest of a text that may have been sent and that nobody knows any more."""


class _Place(NamedTuple):
    platform: str
    workspace: str
    channel: str


_PLACE = tuple(told_texts.c[name] for name in _Place._fields)


class SqlCorrections(SqlRows):
    """Implements `schedule_ports.CorrectionLog`."""

    async def plan_corrections(
        self, texts: Mapping[str, str], now: datetime, scope_of: Callable[[Target], str]
    ) -> Sequence[str]:
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
        delivery = dump_delivery(Delivery(key, key, now, scope=scope), now)
        await connection.execute(self._insert(deliveries).on_conflict_do_nothing(), delivery)
        return [key]


def _wrong(texts: Mapping[str, str]) -> ColumnElement[bool]:
    """Rows of what was told that one of these texts corrects and that are not claimed yet."""
    told, done = told_texts.c, corrections.c

    def one(snippet: str, digest: str) -> ColumnElement[bool]:
        claimed = exists().where(
            *(done[name] == told[name] for name in _Place._fields),
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


async def keep_told(
    connection: AsyncConnection, insert: Any, result: Result, now: datetime
) -> None:
    """Remember the texts of a post; what a correction replaces is forgotten."""
    if result.place is None or not result.texts:
        return
    place = {name: getattr(result.place, name) for name in _Place._fields}
    if result.corrects:
        same = [told_texts.c[name] == value for name, value in place.items()]
        await connection.execute(
            delete(told_texts).where(*same, told_texts.c.snippet.in_(list(result.texts)))
        )
    day = (result.told_on or now.date()).isoformat()
    told = [*result.texts.items(), *((name, UNKNOWN) for name in result.texts if result.unsure)]
    rows = [
        {**place, "snippet": name, "digest": digest, "told_on": day, "told_at": now}
        for name, digest in sorted(told)
    ]
    await connection.execute(upsert(insert, told_texts), rows)


def forget_told(prefix: str) -> Iterator[Delete]:
    """Forget what the channels of a workspace were told and what was to be corrected there."""
    told, corrected = (
        (t.c.platform + ":" + t.c.workspace + ":").startswith(prefix, autoescape=True)
        for t in (told_texts, corrections)
    )
    mine = select(corrections.c.delivery).where(corrected)
    yield delete(told_texts).where(told)
    yield delete(deliveries).where(deliveries.c.key.in_(mine))
    yield delete(corrections).where(corrected)


def prune_told(now: datetime) -> tuple[Delete, Delete]:
    """Forget what is too long ago."""
    before = now - KEEP_TOLD
    return (
        delete(told_texts).where(told_texts.c.told_at < before),
        delete(corrections).where(corrections.c.planned_at < before),
    )
