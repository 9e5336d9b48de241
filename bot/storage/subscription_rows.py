"""`schedule_ports.SubscriptionStore` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.schedules.schedule_ports import Unreadable
from bot.schedules.subscription import (
    KEEP_LEFT,
    LEFT,
    Change,
    State,
    SubscriptionStatus,
    fingerprint,
)
from bot.storage.tables import deliveries, subscription_changes, subscriptions
from bot.storage.values import dump_subscription, read_subscription, readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.schedules.subscription import Subscription, Target


class SqlSubscriptions:
    """Implements `schedule_ports.SubscriptionStore`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._insert: Any = (
            postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        )

    async def add(self, subscription: Subscription, change: Change) -> bool:
        """See `schedule_ports.SubscriptionStore`."""
        row = dump_subscription(subscription) | {"fingerprint": fingerprint(subscription)}
        insert = (
            self._insert(subscriptions)
            .values(**row)
            .on_conflict_do_nothing(index_elements=["fingerprint"])
            .returning(subscriptions.c.id)
        )
        async with self._engine.begin() as connection:
            made = (await connection.execute(insert)).scalar_one_or_none() is not None
            if made:
                await connection.execute(subscription_changes.insert().values(**asdict(change)))
        return made

    async def put(self, subscription: Subscription, change: Change) -> None:
        """See `schedule_ports.SubscriptionStore`."""
        async with self._engine.begin() as connection:
            row = dump_subscription(subscription) | {
                "fingerprint": await _own_fingerprint(connection, subscription)
            }
            insert = self._insert(subscriptions).values(**row)
            rest = {name: insert.excluded[name] for name in row if name != "id"}
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["id"], set_=rest)
            )
            await connection.execute(subscription_changes.insert().values(**asdict(change)))

    async def remove(self, subscription: str, change: Change) -> bool:
        """See `schedule_ports.SubscriptionStore`."""
        gone = delete(subscriptions).where(subscriptions.c.id == subscription)
        async with self._engine.begin() as connection:
            found = await connection.execute(gone.returning(subscriptions.c.id))
            if found.first() is None:
                return False
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.subscription == subscription,
                    deliveries.c.not_before.is_not(None),
                )
                .values(
                    state=State.MISSED.value,
                    reason="removed",
                    updated_at=change.at,
                    not_before=None,
                    executor=None,
                )
            )
            await connection.execute(subscription_changes.insert().values(**asdict(change)))
        return True

    async def leave(self, platform: str, workspace: str, now: datetime) -> int:
        """See `schedule_ports.SubscriptionStore`."""
        there = and_(
            subscriptions.c.platform == platform,
            subscriptions.c.workspace == workspace,
            subscriptions.c.left_at.is_(None),
        )
        running = and_(there, subscriptions.c.standing == SubscriptionStatus.ACTIVE.value)
        async with self._engine.begin() as connection:
            ids = (await connection.execute(select(subscriptions.c.id).where(there))).scalars()
            found = list(ids)
            await connection.execute(
                update(subscriptions)
                .where(running)
                .values(standing=SubscriptionStatus.PAUSED.value, paused_for=LEFT, next_at=None)
            )
            await connection.execute(
                update(subscriptions).where(subscriptions.c.id.in_(found)).values(left_at=now)
            )
        return len(found)

    async def come_back(self, platform: str, workspace: str) -> None:
        """See `schedule_ports.SubscriptionStore`."""
        there = (subscriptions.c.platform == platform, subscriptions.c.workspace == workspace)
        async with self._engine.begin() as connection:
            await connection.execute(update(subscriptions).where(*there).values(left_at=None))

    async def prune(self, *, now: datetime) -> None:
        """Delete what was left behind longer than `KEEP_LEFT` ago, with its history."""
        await self._delete(subscriptions.c.left_at < now - KEEP_LEFT)

    async def forget_workspace(self, platform: str, workspace: str) -> int:
        """Delete the schedules of a workspace and their history at once; how many they were."""
        return await self._delete(
            and_(subscriptions.c.platform == platform, subscriptions.c.workspace == workspace)
        )

    async def _delete(self, where: ColumnElement[bool]) -> int:
        async with self._engine.begin() as connection:
            ids = (await connection.execute(select(subscriptions.c.id).where(where))).scalars()
            found = list(ids)
            for table, column in (
                (deliveries, deliveries.c.subscription),
                (subscription_changes, subscription_changes.c.subscription),
                (subscriptions, subscriptions.c.id),
            ):
                await connection.execute(delete(table).where(column.in_(found)))
        return len(found)

    async def find(self, subscription: str) -> Subscription | None:
        """See `schedule_ports.SubscriptionStore`."""
        found = await self._select(subscriptions.c.id == subscription)
        return found[0] if found else None

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        """See `schedule_ports.SubscriptionStore`."""
        return await self._select(
            subscriptions.c.platform == target.platform,
            subscriptions.c.workspace == target.workspace,
            subscriptions.c.channel == target.channel,
        )

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """See `schedule_ports.SubscriptionStore`."""
        return await self._select(
            subscriptions.c.platform == platform, subscriptions.c.workspace == workspace
        )

    async def asking_for(self, ask: str, limit: int) -> Sequence[Subscription]:
        """See `schedule_ports.SubscriptionStore`."""
        content = cast(subscriptions.c.content, Text)
        found = await self._select(content.contains(f'"{ask}"', autoescape=True), limit=limit)
        return [each for each in found if ask in each.content.asks]

    async def all_subscriptions(self) -> Sequence[Subscription]:
        """See `schedule_ports.SubscriptionStore`."""
        return await self._select()

    async def unreadable(self) -> Sequence[Unreadable]:
        """See `schedule_ports.SubscriptionStore`."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(subscriptions))).mappings().all()
        return [each for each in map(read_subscription, rows) if isinstance(each, Unreadable)]

    async def history(
        self, subscription: str | None, limit: int | None = None
    ) -> Sequence[Change]:
        """See `schedule_ports.SubscriptionStore`."""
        table = subscription_changes
        query = (
            select(table.c.subscription, table.c.at, table.c.who, table.c.what, table.c.detail)
            .order_by(table.c.number.desc())
            .limit(limit)
        )
        if subscription is not None:
            query = query.where(table.c.subscription == subscription)
        async with self._engine.connect() as connection:
            return [Change(*row) for row in await connection.execute(query)]

    async def _select(
        self, *where: ColumnElement[bool], limit: int | None = None
    ) -> list[Subscription]:
        query = (
            select(subscriptions)
            .where(*where)
            .order_by(subscriptions.c.created_at, subscriptions.c.id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return readable((await connection.execute(query)).mappings())


async def _own_fingerprint(connection: AsyncConnection, subscription: Subscription) -> str | None:
    """None where another schedule has it already: those from before it was looked for may."""
    mark = fingerprint(subscription)
    other = select(subscriptions.c.id).where(
        subscriptions.c.fingerprint == mark, subscriptions.c.id != subscription.id
    )
    return None if (await connection.execute(other)).first() else mark
