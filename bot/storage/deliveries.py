"""`schedule_ports.DeliveryLog` on SQLite and PostgreSQL; each method is one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.schedules.corrections import as_subscription
from bot.schedules.schedule import ASKED_FOR, OPEN, State
from bot.schedules.schedule_ports import LEASE_S
from bot.schedules.subscription import Standing
from bot.storage.corrections import load_corrections
from bot.storage.results import keep_result
from bot.storage.tables import (
    corrections,
    deliveries,
    executors,
    libraries,
    subscription_changes,
    subscriptions,
)
from bot.storage.together import Together
from bot.storage.values import dump_delivery, load_delivery, load_subscription

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.schedules.schedule import Delivery, Planned
    from bot.schedules.schedule_ports import Result
    from bot.schedules.subscription import Subscription

HELD_S = 600.0
"""A delivery in the works for so long was dropped, even where its executor lives."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Makes a delivery `stranded`, so that whatever process delivers takes it up."""
_OPEN = [state.value for state in OPEN]


class SqlDeliveries:
    """Implements `schedule_ports.DeliveryLog`."""

    def __init__(self, engine: AsyncEngine, lease_s: float = LEASE_S) -> None:
        self._engine = engine
        self._lease = timedelta(seconds=lease_s)
        self._together = Together(engine)
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def due(self, now: datetime, limit: int) -> Sequence[Subscription]:
        """See `schedule_ports.DeliveryLog`."""
        query = (
            select(subscriptions)
            .where(subscriptions.c.next_at <= now, _active())
            .order_by(subscriptions.c.next_at)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return [load_subscription(r) for r in (await connection.execute(query)).mappings()]

    async def next_due(self) -> datetime | None:
        """See `schedule_ports.DeliveryLog`."""
        query = select(func.min(subscriptions.c.next_at)).where(_active())
        async with self._engine.connect() as connection:
            found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def record(self, given: Sequence[Delivery], now: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        if not given:
            return
        async with self._engine.begin() as connection:
            await connection.execute(
                self._record(), [dump_delivery(delivery, now) for delivery in given]
            )

    def _record(self) -> Any:
        return self._insert(deliveries).on_conflict_do_nothing(index_elements=["key"])

    async def advance(self, planned: Sequence[tuple[Subscription, Planned]]) -> None:
        """See `schedule_ports.DeliveryLog`."""
        if not planned:
            return
        move = (
            update(subscriptions)
            .where(
                subscriptions.c.id == bindparam("of"),
                subscriptions.c.next_at == bindparam("was"),
            )
            .values(next_at=bindparam("then"))
        )
        moves = [
            {"of": subscription.id, "was": subscription.next_at, "then": plan.next_at}
            for subscription, plan in planned
        ]
        async with self._engine.begin() as connection:
            await connection.execute(move, moves)

    async def load(self, keys: Sequence[str]) -> Sequence[tuple[Delivery, Subscription]]:
        """See `schedule_ports.DeliveryLog`."""
        query = (
            select(deliveries)
            .where(deliveries.c.key.in_(keys), deliveries.c.state.in_(_OPEN))
            .order_by(deliveries.c.due_at, deliveries.c.key)
        )
        async with self._engine.connect() as connection:
            found = [load_delivery(r) for r in (await connection.execute(query)).mappings()]
            ids = {d.subscription for d in found}
            of = select(subscriptions).where(subscriptions.c.id.in_(ids))
            owners = {
                row["id"]: load_subscription(row)
                for row in (await connection.execute(of)).mappings()
            }
            alone = [d.key for d in found if d.subscription == d.key]
            corrected = await load_corrections(connection, alone)
        pairs = [(d, owners[d.subscription]) for d in found if d.subscription in owners]
        for delivery in found:
            if delivery.key in corrected:
                target, what = corrected[delivery.key]
                owner = as_subscription(delivery.key, target, delivery.due_at)
                pairs.append((replace(delivery, corrections=what), owner))
        return pairs

    async def claim(
        self, key: str, executor: str, now: datetime, library: str | None = None
    ) -> Delivery | None:
        """See `schedule_ports.DeliveryLog`."""
        living = select(executors.c.executor).where(executors.c.beat_at > now - self._lease)
        table = deliveries.c
        dropped = and_(
            table.state == State.SENDING.value,
            or_(
                table.executor.not_in(living),
                table.updated_at < now - timedelta(seconds=HELD_S),
            ),
        )
        begun = table.state == State.SENDING.value
        claim = (
            update(deliveries)
            .where(
                table.key == key,
                or_(table.state.in_([State.DUE.value, State.RETRY.value]), dropped),
            )
            .values(
                state=State.SENDING.value,
                executor=executor,
                attempts=table.attempts + 1,
                uncertain=case((begun, true()), else_=table.uncertain),
                library=case(
                    (or_(begun, table.uncertain), func.coalesce(table.library, library)),
                    else_=library,
                ),
                updated_at=now,
            )
            .returning(*deliveries.c)
        )

        async def run(connection: AsyncConnection) -> Delivery | None:
            row = (await connection.execute(claim)).mappings().one_or_none()
            return load_delivery(row) if row is not None else None

        return await self._together.run(run)

    async def settle(
        self, delivery: Delivery, executor: str, now: datetime, result: Result | None = None
    ) -> None:
        """See `schedule_ports.DeliveryLog`."""
        outcome = (
            update(deliveries)
            .where(
                deliveries.c.key == delivery.key,
                deliveries.c.executor == executor,
                deliveries.c.state == State.SENDING.value,
            )
            .values(
                state=delivery.state.value,
                reason=delivery.reason,
                parts_sent=delivery.parts_sent,
                uncertain=delivery.uncertain,
                library=delivery.library,
                ref=delivery.ref,
                updated_at=now,
            )
        )

        async def run(connection: AsyncConnection) -> None:
            await connection.execute(outcome)
            if result is not None:
                await keep_result(connection, self._insert, result, now)

        await self._together.run(run)

    async def pause(
        self, subscription: str, reason: str, now: datetime, notice: Delivery | None
    ) -> bool:
        """See `schedule_ports.DeliveryLog`."""
        pausing = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription, _active())
            .values(standing=Standing.PAUSED.value, paused_for=reason, next_at=None)
            .returning(subscriptions.c.id)
        )
        async with self._engine.begin() as connection:
            if (await connection.execute(pausing)).scalar_one_or_none() is None:
                return False
            await connection.execute(
                subscription_changes.insert().values(
                    subscription=subscription, at=now, who="aibrief", what="paused", detail=reason
                )
            )
            if notice is not None:
                await connection.execute(self._record(), dump_delivery(notice, now))
        return True

    async def deliveries(
        self, states: Sequence[State], limit: int, subscription: str | None = None
    ) -> Sequence[Delivery]:
        """See `schedule_ports.DeliveryLog`."""
        query = select(deliveries).order_by(deliveries.c.due_at.desc()).limit(limit)
        if states:
            query = query.where(deliveries.c.state.in_([state.value for state in states]))
        if subscription is not None:
            query = query.where(deliveries.c.subscription == subscription)
        async with self._engine.connect() as connection:
            return [load_delivery(r) for r in (await connection.execute(query)).mappings()]

    async def reopen(self, keys: Sequence[str], now: datetime) -> Sequence[str]:
        """See `schedule_ports.DeliveryLog`."""
        again = (
            update(deliveries)
            .where(
                deliveries.c.key.in_(keys),
                deliveries.c.state.in_([State.FAILED, State.LATE, State.MISSED]),
                _wanted(),
            )
            .values(state=State.RETRY.value, due_at=now, reason=ASKED_FOR, updated_at=_LONG_AGO)
            .returning(deliveries.c.key)
        )
        async with self._engine.begin() as connection:
            return list((await connection.execute(again)).scalars())

    async def stranded(self, before: datetime, limit: int) -> Sequence[str]:
        """See `schedule_ports.DeliveryLog`."""
        query = (
            select(deliveries.c.key)
            .where(
                deliveries.c.state.in_(_OPEN),
                deliveries.c.updated_at < before,
                _wanted(),
            )
            .order_by(deliveries.c.due_at)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def prune(self, before: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        old = (deliveries.c.updated_at < before, deliveries.c.state.not_in(_OPEN))
        needed = select(subscriptions.c.last_library).where(
            subscriptions.c.last_library.is_not(None)
        )
        async with self._engine.begin() as connection:
            await connection.execute(delete(deliveries).where(*old))
            await connection.execute(
                delete(libraries).where(
                    libraries.c.kept_at < before, libraries.c.version.not_in(needed)
                )
            )

    async def digests(self, library: str) -> Mapping[str, str] | None:
        """See `schedule_ports.DeliveryLog`."""
        query = select(libraries.c.digests).where(libraries.c.version == library)
        async with self._engine.connect() as connection:
            found: Mapping[str, str] | None = (
                await connection.execute(query)
            ).scalar_one_or_none()
        return found

    async def keep_library(self, library: str, digests: Mapping[str, str], now: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        keep = (
            self._insert(libraries)
            .values(version=library, digests=dict(digests), kept_at=now)
            .on_conflict_do_nothing(index_elements=["version"])
        )
        async with self._engine.begin() as connection:
            await connection.execute(keep)


def _wanted() -> ColumnElement[bool]:
    """Its subscription was not removed, or it corrects what was sent."""
    return or_(
        exists().where(subscriptions.c.id == deliveries.c.subscription),
        exists().where(corrections.c.delivery == deliveries.c.key),
    )


def _active() -> ColumnElement[bool]:
    return subscriptions.c.standing == Standing.ACTIVE.value
