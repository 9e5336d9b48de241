"""What processes that deliver share: which deliveries may be taken, who lives, budgets."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, exists, literal, or_, select, text, update

from bot.errors import StorageError
from bot.schedules.subscription import OPEN, Correction, Delivery, State, Target, as_subscription
from bot.storage.subscription_rows import load_subscription, read_subscription, unreadable
from bot.storage.tables import (
    Instant,
    corrections,
    deliveries,
    executors,
    rate_slots,
    subscriptions,
)
from bot.storage.transactions import SqlRows, is_passing, upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.schedules.schedule_ports import Rate, Unreadable
    from bot.schedules.subscription import Planned, Subscription

TIMELESS = timedelta(minutes=20)
"""What a release before revision 0007 has left untouched for so long is taken up."""
OPEN_STATES = [state.value for state in OPEN]
_STORED = [field.name for field in fields(Delivery) if field.name in deliveries.c]
ADVANCE = (
    update(subscriptions)
    .where(subscriptions.c.id == bindparam("of"), subscriptions.c.next_at == bindparam("was"))
    .values(next_at=bindparam("then"))
)


def dump_delivery(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """The columns of `tables.deliveries` for one that is new; what is open may begin at once."""
    return {name: getattr(delivery, name) for name in _STORED} | {
        "state": delivery.state.value,
        "updated_at": now,
        "not_before": now if delivery.state in OPEN else None,
    }


def load_delivery(row: RowMapping) -> Delivery:
    """A row of `tables.deliveries`."""
    return Delivery(**{name: row[name] for name in _STORED} | {"state": State(row["state"])})


def plan_each(
    rows: Sequence[RowMapping], plan: Callable[[Subscription], Planned]
) -> tuple[list[tuple[Subscription, Planned]], list[Unreadable]]:
    """What becomes of each; one whose runs cannot be worked out stops no other."""
    planned: list[tuple[Subscription, Planned]] = []
    bad: list[Unreadable] = []
    for row in rows:
        try:
            subscription = load_subscription(row)
            planned.append((subscription, plan(subscription)))
        except Exception as error:  # noqa: BLE001 - whatever stands in the row
            bad.append(unreadable(row, error))
    return planned, bad


async def free_keys(
    connection: AsyncConnection, now: datetime, limit: int, quota: Callable[[str], int]
) -> list[str]:
    """What may be taken, within the quota of each budget; those that are full are passed over."""
    table = deliveries.c
    room: dict[str, int] = {}
    chosen: list[str] = []
    # So many budgets that are full are passed over in one look.
    for _ in range(20):
        full = [scope for scope, left in room.items() if left <= 0]
        free = (
            select(table.key, table.scope)
            .where(
                table.not_before <= now,
                table.executor.is_(None),
                table.state.in_([State.DUE.value, State.RETRY.value, State.UNCERTAIN.value]),
                table.scope.not_in(full),
                table.key.not_in(chosen),
                ~_earlier_run(now),
            )
            .order_by(table.not_before, table.key)
            .limit(limit - len(chosen))
            .with_for_update(skip_locked=True)
        )
        for key, scope in (await connection.execute(free)).all():
            left = room[scope] if scope in room else quota(scope)
            if left > 0:
                chosen.append(key)
            room[scope] = left - 1
        if len(chosen) >= limit or all(left >= 0 for left in room.values()):
            break
    return chosen


def _earlier_run(now: datetime) -> ColumnElement[bool]:
    """An earlier run of the same schedule is being sent, or is to be sent first."""
    earlier = deliveries.alias("earlier")
    return exists().where(
        deliveries.c.notice.is_(None),
        earlier.c.subscription == deliveries.c.subscription,
        earlier.c.due_at < deliveries.c.due_at,
        earlier.c.notice.is_(None),
        earlier.c.not_before.is_not(None),
        earlier.c.state.in_(OPEN_STATES),
        or_(
            earlier.c.state != State.RETRY.value,
            earlier.c.executor.is_not(None),
            earlier.c.not_before <= now,
        ),
    )


async def with_subscriptions(
    connection: AsyncConnection, found: Sequence[Delivery]
) -> list[tuple[Delivery, Subscription | Unreadable | None]]:
    """Each with its subscription, None where that was removed; in order of time."""
    if not found:
        return []
    of = select(subscriptions).where(subscriptions.c.id.in_({d.subscription for d in found}))
    owners: dict[str, Subscription | Unreadable] = {
        row["id"]: read_subscription(row) for row in (await connection.execute(of)).mappings()
    }
    corrected = await _corrected(connection, [d.key for d in found if d.subscription == d.key])
    pairs: list[tuple[Delivery, Subscription | Unreadable | None]] = []
    for delivery in found:
        if delivery.key in corrected:
            target, what = corrected[delivery.key]
            owner = as_subscription(delivery.key, target, delivery.due_at)
            pairs.append((replace(delivery, corrections=what), owner))
        else:
            pairs.append((delivery, owners.get(delivery.subscription)))
    return sorted(pairs, key=lambda pair: (pair[0].due_at, pair[0].key))


async def _corrected(
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


def mended(now: datetime, latest: datetime) -> tuple[Update, Update]:
    """Times that are too far ahead, and none at all, made into now."""
    table = deliveries.c
    ahead = (
        update(deliveries)
        .where(table.not_before > latest, table.executor.is_(None))
        .values(not_before=now)
    )
    timeless = (
        update(deliveries)
        .where(
            table.state.in_(OPEN_STATES),
            table.not_before.is_(None),
            table.updated_at < now - TIMELESS,
        )
        .values(
            state=State.RETRY.value,
            uncertain=or_(table.uncertain, table.state == State.SENDING.value),
            tried_at=table.updated_at,
            tried_until=table.updated_at,
            executor=None,
            not_before=now,
        )
    )
    return ahead, timeless


MOST_AHEAD = timedelta(minutes=15)
"""A slot farther ahead comes from a clock that was wrong, not from a platform's Retry-After."""
LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '1s'")
"""Whoever paces posts does without the others sooner than it waits for one that is frozen."""


class SqlSharing(SqlRows):
    """Implements `schedule_ports.Executors` and `schedule_ports.Rates`."""

    async def beat(self, executor: str, now: datetime) -> None:
        row = {"executor": executor, "beat_at": now}
        await self._write(upsert(self._insert, executors), rows=[row])

    async def leave(self, executor: str) -> None:
        await self._write(delete(executors).where(executors.c.executor == executor))

    async def beats(self) -> Mapping[str, datetime]:
        return {row["executor"]: row["beat_at"] for row in await self._rows(select(executors))}

    async def reserve(
        self, rate: Rate, count: int, now: datetime, patience_s: float
    ) -> tuple[datetime, bool]:
        """One statement, so that no slot is given out twice."""
        takes_us = round(count / rate.per_s * 1_000_000)
        takes = timedelta(microseconds=takes_us)
        insert = self._insert(rate_slots).values(scope=rate.scope, next_at=now + takes)
        free = rate_slots.c.next_at
        ahead = and_(free > literal(now, Instant), free <= literal(now + MOST_AHEAD, Instant))
        begin = case((ahead, free), else_=literal(now, Instant))
        take = insert.on_conflict_do_update(
            index_elements=["scope"],
            # Columns of `Instant` are microseconds, so a number can be added to them.
            set_={"next_at": begin.op("+")(literal(takes_us))},
            where=or_(~ahead, free <= now + timedelta(seconds=patience_s)),
        ).returning(rate_slots.c.next_at)
        try:
            async with self._engine.begin() as connection:
                if self._on_postgres:
                    await connection.execute(LOCK_TIMEOUT)
                end = (await connection.execute(take)).scalar_one_or_none()
                if end is not None:
                    return end - takes, True
                query = select(free).where(rate_slots.c.scope == rate.scope)
                return (await connection.execute(query)).scalar_one(), False
        except Exception as error:
            if is_passing(error):
                raise StorageError(f"No budget: {type(error).__name__}") from error
            raise

    async def hold(self, scope: str, until: datetime) -> None:
        insert = self._insert(rate_slots).values(scope=scope, next_at=until)
        next_at = rate_slots.c.next_at
        await self._write(
            insert.on_conflict_do_update(
                index_elements=["scope"],
                set_={"next_at": until},
                where=or_(next_at < until, next_at > until + MOST_AHEAD),
            )
        )
