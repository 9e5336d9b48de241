"""`schedule_ports.DeliveryLog` on SQLite and PostgreSQL: the queue is the table.

Each method is one transaction. What is to be worked on is taken with `FOR UPDATE SKIP LOCKED` on
PostgreSQL; SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from bot.schedules.schedule_ports import PlannedDue
from bot.schedules.subscription import ASKED_FOR, Change, State, SubscriptionStatus
from bot.storage.delivery_queue import (
    ADVANCE,
    OPEN_STATES,
    dump_delivery,
    free_keys,
    load_delivery,
    mended,
    plan_each,
    with_subscriptions,
)
from bot.storage.statement_rows import keep_told
from bot.storage.store import dump_plan
from bot.storage.subscription_rows import log_change
from bot.storage.tables import corrections, deliveries, libraries, plans, subscriptions, threads
from bot.storage.transactions import SqlRows, upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.schedules.schedule_ports import Claim, DestinationFilter, Result, Unreadable
    from bot.schedules.subscription import Delivery, Planned, Subscription

_TO_REOPEN = [State.FAILED.value, State.LATE.value, State.MISSED.value, State.UNCERTAIN.value]
_SETTLED = ("reason", "attempts", "parts_sent", "uncertain", "tried_until", "library", "ref")
_IS_ACTIVE = subscriptions.c.standing == SubscriptionStatus.ACTIVE.value


class SqlDeliveries(SqlRows):
    """Implements `schedule_ports.DeliveryLog`."""

    async def plan_due(
        self, now: datetime, limit: int, plan: Callable[[Subscription], Planned]
    ) -> PlannedDue:
        query = (
            select(subscriptions)
            .where(subscriptions.c.next_at <= now, _IS_ACTIVE)
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
                steps = [{"of": s.id, "was": s.next_at, "then": one.next_at} for s, one in planned]
                await connection.execute(ADVANCE, steps)
            return PlannedDue(len(rows), tuple(unreadable))

        return await self._transactions.run(work)

    async def next_due(self) -> datetime | None:
        return await self._earliest(subscriptions.c.next_at, _IS_ACTIVE)

    async def next_open(self) -> datetime | None:
        begins = deliveries.c.not_before
        return await self._earliest(begins, begins.is_not(None), deliveries.c.executor.is_(None))

    async def oldest_due(self, now: datetime) -> datetime | None:
        due = deliveries.c.due_at
        return await self._earliest(due, deliveries.c.not_before <= now, due <= now)

    async def _earliest(self, column: Column[Any], *where: ColumnElement[bool]) -> datetime | None:
        return await self._first(select(func.min(column)).where(*where))

    async def record(self, given: Sequence[Delivery], now: datetime) -> None:
        if given:
            await self._write(self._record(), rows=[dump_delivery(d, now) for d in given])

    def _record(self) -> Any:
        return self._insert(deliveries).on_conflict_do_nothing(index_elements=["key"])

    async def take(
        self, executor: str, now: datetime, limit: int, quota: Callable[[str], int]
    ) -> Sequence[tuple[Delivery, Subscription | Unreadable | None]]:
        """PostgreSQL's `SKIP LOCKED` lets many take at once."""
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
        values = {name: getattr(delivery, name) for name in _SETTLED}
        values |= {"state": delivery.state.value, "updated_at": now}
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
                await self._keep(connection, result, now)
            return held

        return await self._transactions.run_together(work)

    async def _keep(self, connection: AsyncConnection, result: Result, now: datetime) -> None:
        """Write down what came of a post beside its state."""
        if told := result.told:
            await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == told.id)
                .values(last_brief=told.last_brief, last_library=told.last_library)
            )
        if result.answer_id is None or result.plan is None:
            return
        plan = {"answer_id": result.answer_id, "plan": dump_plan(result.plan), "saved_at": now}
        latest = {"thread": result.thread, "answer_id": result.answer_id, "answered_at": now}
        await connection.execute(upsert(self._insert, plans), plan)
        await connection.execute(upsert(self._insert, threads), latest)
        await keep_told(connection, self._insert, result, now)

    async def take_over(
        self, executor: str, now: datetime, look_at: datetime, but: frozenset[str] = frozenset()
    ) -> int:
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
        return await self._write(uncertain, waiting)

    async def holders(self) -> frozenset[str]:
        holder = deliveries.c.executor
        rows = await self._rows(select(holder).where(holder.is_not(None)).distinct())
        return frozenset(row["executor"] for row in rows)

    async def mend_times(self, now: datetime, latest: datetime) -> None:
        """A release before 0007 wrote no times at all."""
        await self._write(*mended(now, latest))

    async def pause(
        self, subscription: str, reason: str, now: datetime, notice: Delivery | None
    ) -> bool:
        pausing = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription, _IS_ACTIVE)
            .values(standing=SubscriptionStatus.PAUSED.value, paused_for=reason, next_at=None)
            .returning(subscriptions.c.id)
        )
        change = Change(subscription, now, "aibrief", "paused", reason)

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(pausing)).scalar_one_or_none() is None:
                return False
            await connection.execute(log_change(change))
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
        query = select(deliveries).order_by(deliveries.c.due_at.desc()).limit(limit)
        if states:
            query = query.where(deliveries.c.state.in_([state.value for state in states]))
        if subscription is not None:
            query = query.where(deliveries.c.subscription == subscription)
        if since is not None:
            query = query.where(deliveries.c.due_at >= since)
        if place is not None:
            given = {name: at for name, at in asdict(place).items() if at is not None}
            there = (subscriptions.c[name] == at for name, at in given.items())
            query = query.where(_of_subscription(*there))
        return [load_delivery(row) for row in await self._rows(query)]

    async def reopen(self, keys: Sequence[str], now: datetime) -> Sequence[str]:
        again = (
            update(deliveries)
            .where(
                deliveries.c.key.in_(keys),
                deliveries.c.state.in_(_TO_REOPEN),
                deliveries.c.executor.is_(None),
                # Its subscription was not removed, or it corrects what was sent.
                or_(
                    _of_subscription(), exists().where(corrections.c.delivery == deliveries.c.key)
                ),
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
        return [row["key"] for row in await self._rows(again)]

    async def prune(self, before: datetime) -> None:
        old = delete(deliveries).where(
            deliveries.c.updated_at < before,
            deliveries.c.state.not_in(OPEN_STATES),
            deliveries.c.not_before.is_(None),
        )
        needed = select(subscriptions.c.last_library).where(
            subscriptions.c.last_library.is_not(None)
        )
        unneeded = delete(libraries).where(
            libraries.c.kept_at < before, libraries.c.version.not_in(needed)
        )
        await self._write(old, unneeded)

    async def digests(self, library: str) -> Mapping[str, str] | None:
        query = select(libraries.c.digests).where(libraries.c.version == library)
        return await self._first(query)

    async def keep_library(self, library: str, digests: Mapping[str, str], now: datetime) -> None:
        row = {"version": library, "digests": dict(digests), "kept_at": now}
        keep = self._insert(libraries).on_conflict_do_nothing(index_elements=["version"])
        await self._write(keep, rows=[row])


def _of_subscription(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a delivery's subscription is there, and is such a one."""
    return exists().where(subscriptions.c.id == deliveries.c.subscription, *where)
