"""`schedule_ports.DeliveryLog` on SQLite and PostgreSQL: the queue is the table.

Each method is one transaction. What is to be worked on is taken with `FOR UPDATE SKIP LOCKED` on
PostgreSQL; SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.schedules.schedule_ports import PlannedDue
from bot.schedules.subscription import ASKED_FOR, OPEN, State, SubscriptionStatus
from bot.storage.correction_rows import keep_result
from bot.storage.tables import (
    deliveries,
    libraries,
    subscription_changes,
    subscriptions,
)
from bot.storage.taking import (
    ADVANCE,
    free_keys,
    goes_to,
    is_active,
    is_wanted,
    mended,
    plan_each,
    with_subscriptions,
)
from bot.storage.transactions import Transactions
from bot.storage.values import (
    dump_delivery,
    load_delivery,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.schedules.schedule_ports import Claim, DestinationFilter, Result, Unreadable
    from bot.schedules.subscription import Delivery, Planned, Subscription

T = TypeVar("T")
_OPEN = [state.value for state in OPEN]
_TO_REOPEN = [State.FAILED.value, State.LATE.value, State.MISSED.value, State.UNCERTAIN.value]


class SqlDeliveries:
    """Implements `schedule_ports.DeliveryLog`."""

    def __init__(self, engine: AsyncEngine, transactions: Transactions | None = None) -> None:
        self._transactions = transactions or Transactions(engine)
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def plan_due(
        self, now: datetime, limit: int, plan: Callable[[Subscription], Planned]
    ) -> PlannedDue:
        """See `schedule_ports.DeliveryLog`."""
        query = (
            select(subscriptions)
            .where(subscriptions.c.next_at <= now, is_active())
            .order_by(subscriptions.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )

        async def work(connection: AsyncConnection) -> PlannedDue:
            rows = (await connection.execute(query)).mappings().all()
            planned, unreadable = plan_each(rows, plan)
            given = [dump_delivery(d, now) for _, one in planned for d in one.deliveries]
            if given:
                await connection.execute(self._record(), given)
            if planned:
                await connection.execute(
                    ADVANCE,
                    [
                        {"of": subscription.id, "was": subscription.next_at, "then": one.next_at}
                        for subscription, one in planned
                    ],
                )
            return PlannedDue(len(rows), tuple(unreadable))

        return await self._transactions.run(work)

    async def next_due(self) -> datetime | None:
        """See `schedule_ports.DeliveryLog`."""
        return await self._one(select(func.min(subscriptions.c.next_at)).where(is_active()))

    async def next_open(self) -> datetime | None:
        """See `schedule_ports.DeliveryLog`."""
        return await self._one(
            select(func.min(deliveries.c.not_before)).where(
                deliveries.c.not_before.is_not(None), deliveries.c.executor.is_(None)
            )
        )

    async def oldest_due(self, now: datetime) -> datetime | None:
        """See `schedule_ports.DeliveryLog`."""
        return await self._one(
            select(func.min(deliveries.c.due_at)).where(
                deliveries.c.not_before <= now, deliveries.c.due_at <= now
            )
        )

    async def record(self, given: Sequence[Delivery], now: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        if given:
            rows = [dump_delivery(delivery, now) for delivery in given]
            await self._write((self._record(), rows))

    def _record(self) -> Any:
        return self._insert(deliveries).on_conflict_do_nothing(index_elements=["key"])

    async def take(
        self, executor: str, now: datetime, limit: int, quota: Callable[[str], int]
    ) -> Sequence[tuple[Delivery, Subscription | Unreadable | None]]:
        """See `schedule_ports.DeliveryLog`; PostgreSQL's `SKIP LOCKED` lets many take at once."""
        table = deliveries.c

        async def work(
            connection: AsyncConnection,
        ) -> Sequence[tuple[Delivery, Subscription | Unreadable | None]]:
            keys = await free_keys(connection, now, limit, quota)
            if not keys:
                return ()
            taking = (
                update(deliveries)
                .where(table.key.in_(keys), table.executor.is_(None))
                .values(executor=executor)
                .returning(*table)
            )
            found = [load_delivery(r) for r in (await connection.execute(taking)).mappings()]
            return await with_subscriptions(connection, found)

        return await self._transactions.run(work)

    async def put_off(self, keys: Mapping[str, datetime], executor: str) -> None:
        """See `schedule_ports.DeliveryLog`."""
        table = deliveries.c
        back = (
            update(deliveries)
            .where(
                table.key == bindparam("of"),
                table.executor == executor,
                table.state != State.SENDING.value,
            )
            .values(executor=None, not_before=bindparam("then"))
        )
        rows = [{"of": key, "then": at} for key, at in keys.items()]

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(back, rows)

        if rows:
            await self._transactions.run_together(work)

    async def claim(self, key: str, claim: Claim) -> Delivery | None:
        """See `schedule_ports.DeliveryLog`."""
        table = deliveries.c

        def kept(column: ColumnElement[Any], fresh: Any) -> ColumnElement[Any]:
            new = literal(fresh, column.type)
            return case((table.uncertain, func.coalesce(column, new)), else_=new)

        claiming = (
            update(deliveries)
            # One that it has claimed already is one whose reply from the database was lost.
            .where(table.key == key, table.executor == claim.executor)
            .values(
                state=State.SENDING.value,
                attempts=table.attempts + 1,
                library=kept(table.library, claim.library),
                tried_at=kept(table.tried_at, claim.since),
                tried_until=claim.until,
                updated_at=claim.now,
            )
            .returning(*table)
        )

        async def work(connection: AsyncConnection) -> Delivery | None:
            row = (await connection.execute(claiming)).mappings().one_or_none()
            return load_delivery(row) if row is not None else None

        return await self._transactions.run_together(work)

    async def settle(
        self,
        delivery: Delivery,
        executor: str,
        now: datetime,
        result: Result | None = None,
        again_at: datetime | None = None,
    ) -> bool:
        """See `schedule_ports.DeliveryLog`."""
        values: dict[str, Any] = {
            "state": delivery.state.value,
            "reason": delivery.reason,
            "attempts": delivery.attempts,
            "parts_sent": delivery.parts_sent,
            "uncertain": delivery.uncertain,
            "tried_until": delivery.tried_until,
            "library": delivery.library,
            "ref": delivery.ref,
            "updated_at": now,
        }
        if delivery.state is not State.SENDING:
            values |= {"executor": None, "not_before": again_at}
        outcome = (
            update(deliveries)
            .where(deliveries.c.key == delivery.key, deliveries.c.executor == executor)
            .values(**values)
        )

        async def work(connection: AsyncConnection) -> bool:
            held = (await connection.execute(outcome)).rowcount == 1
            if result is not None:
                await keep_result(connection, self._insert, result, now)
            return held

        return await self._transactions.run_together(work)

    async def take_over(
        self, executor: str, now: datetime, look_at: datetime, but: frozenset[str] = frozenset()
    ) -> int:
        """See `schedule_ports.DeliveryLog`."""
        mine = and_(deliveries.c.executor == executor, deliveries.c.key.not_in(but))
        begun = deliveries.c.state == State.SENDING.value
        uncertain = (
            update(deliveries)
            .where(mine, begun)
            .values(
                state=State.RETRY.value,
                uncertain=true(),
                executor=None,
                not_before=look_at,
                reason="its process died",
                updated_at=now,
            )
        )
        waiting = update(deliveries).where(mine, ~begun).values(executor=None)

        async def work(connection: AsyncConnection) -> int:
            count = (await connection.execute(uncertain)).rowcount
            return count + (await connection.execute(waiting)).rowcount

        return await self._transactions.run(work)

    async def holders(self) -> frozenset[str]:
        """See `schedule_ports.DeliveryLog`."""
        query = select(deliveries.c.executor).where(deliveries.c.executor.is_not(None)).distinct()

        async def work(connection: AsyncConnection) -> frozenset[str]:
            return frozenset((await connection.execute(query)).scalars())

        return await self._transactions.run(work)

    async def mend_times(self, now: datetime, latest: datetime) -> None:
        """See `schedule_ports.DeliveryLog`; a release before 0007 wrote no times at all."""
        await self._write(*((mending, None) for mending in mended(now, latest)))

    async def pause(
        self, subscription: str, reason: str, now: datetime, notice: Delivery | None
    ) -> bool:
        """See `schedule_ports.DeliveryLog`."""
        pausing = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription, is_active())
            .values(standing=SubscriptionStatus.PAUSED.value, paused_for=reason, next_at=None)
            .returning(subscriptions.c.id)
        )

        async def work(connection: AsyncConnection) -> bool:
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

        return await self._transactions.run(work)

    async def deliveries(
        self,
        states: Sequence[State],
        limit: int,
        subscription: str | None = None,
        *,
        since: datetime | None = None,
        place: DestinationFilter | None = None,
    ) -> Sequence[Delivery]:
        """See `schedule_ports.DeliveryLog`."""
        query = select(deliveries).order_by(deliveries.c.due_at.desc()).limit(limit)
        if states:
            query = query.where(deliveries.c.state.in_([state.value for state in states]))
        if subscription is not None:
            query = query.where(deliveries.c.subscription == subscription)
        if since is not None:
            query = query.where(deliveries.c.due_at >= since)
        if place is not None:
            query = query.where(goes_to(place))

        async def work(connection: AsyncConnection) -> Sequence[Delivery]:
            return [load_delivery(r) for r in (await connection.execute(query)).mappings()]

        return await self._transactions.run(work)

    async def reopen(self, keys: Sequence[str], now: datetime) -> Sequence[str]:
        """See `schedule_ports.DeliveryLog`."""
        again = (
            update(deliveries)
            .where(
                deliveries.c.key.in_(keys),
                deliveries.c.state.in_(_TO_REOPEN),
                deliveries.c.executor.is_(None),
                is_wanted(),
            )
            .values(
                state=State.RETRY.value,
                due_at=now,
                reason=ASKED_FOR,
                updated_at=now,
                not_before=now,
            )
            .returning(deliveries.c.key)
        )

        async def work(connection: AsyncConnection) -> Sequence[str]:
            return list((await connection.execute(again)).scalars())

        return await self._transactions.run(work)

    async def prune(self, before: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        old = delete(deliveries).where(
            deliveries.c.updated_at < before,
            deliveries.c.state.not_in(_OPEN),
            deliveries.c.not_before.is_(None),
        )
        needed = select(subscriptions.c.last_library).where(
            subscriptions.c.last_library.is_not(None)
        )
        unneeded = delete(libraries).where(
            libraries.c.kept_at < before, libraries.c.version.not_in(needed)
        )
        await self._write((old, None), (unneeded, None))

    async def digests(self, library: str) -> Mapping[str, str] | None:
        """See `schedule_ports.DeliveryLog`."""
        return await self._one(select(libraries.c.digests).where(libraries.c.version == library))

    async def keep_library(self, library: str, digests: Mapping[str, str], now: datetime) -> None:
        """See `schedule_ports.DeliveryLog`."""
        keep = (
            self._insert(libraries)
            .values(version=library, digests=dict(digests), kept_at=now)
            .on_conflict_do_nothing(index_elements=["version"])
        )
        await self._write((keep, None))

    async def _one(self, query: Select[tuple[T]]) -> T | None:
        async def work(connection: AsyncConnection) -> T | None:
            found: T | None = await connection.scalar(query)
            return found

        return await self._transactions.run(work)

    async def _write(self, *statements: tuple[Any, Any]) -> None:
        async def work(connection: AsyncConnection) -> None:
            for statement, rows in statements:
                await connection.execute(statement, rows)

        await self._transactions.run(work)
