"""`schedule_ports.SubscriptionStore`, and subscriptions <-> rows of the database."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Text, and_, cast, delete, select, update

from bot.schedules.schedule_ports import Unreadable
from bot.schedules.schedule_values import dump_content, dump_trigger, parse_content, parse_trigger
from bot.schedules.subscription import (
    KEEP_LEFT,
    LEFT,
    Change,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
    fingerprint,
)
from bot.storage.tables import deliveries, subscription_changes, subscriptions
from bot.storage.transactions import SqlRows, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Executable, Insert, RowMapping
    from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)

_PLACE = ("platform", "workspace", "channel", "role", "publish")
_AS_THEY_ARE = (
    "id",
    "owner",
    "created_at",
    "paused_for",
    "next_at",
    "last_brief",
    "last_library",
    "language",
    "left_at",
)


def dump_subscription(subscription: Subscription) -> dict[str, Any]:
    """The columns of `tables.subscriptions`."""
    return {
        **{name: getattr(subscription.target, name) for name in _PLACE},
        **{name: getattr(subscription, name) for name in _AS_THEY_ARE},
        "content": dump_content(subscription.content),
        "rhythm": dump_trigger(subscription.trigger),
        "standing": subscription.standing.value,
    }


def load_subscription(row: RowMapping) -> Subscription:
    """A row of `tables.subscriptions`; raises anything where it cannot be read."""
    trigger = parse_trigger(row["rhythm"])
    ZoneInfo(trigger.zone)  # fails here, and not after a post
    return Subscription(
        target=Target(**{name: row[name] for name in _PLACE}),
        content=parse_content(row["content"]),
        trigger=trigger,
        standing=SubscriptionStatus(row["standing"]),
        **{name: row[name] for name in _AS_THEY_ARE},
    )


def read_subscription(row: RowMapping) -> Subscription | Unreadable:
    """The same; what cannot be read stops nobody else."""
    try:
        return load_subscription(row)
    except Exception as error:  # noqa: BLE001 - whatever stands in the row
        return unreadable(row, error)


def unreadable(row: RowMapping, error: Exception) -> Unreadable:
    """What is known of a subscription that cannot be read."""
    return Unreadable(
        id=row["id"],
        target=Target(row["platform"], row["workspace"], row["channel"]),
        owner=row["owner"],
        next_at=row["next_at"],
        why=f"the stored schedule cannot be read: {type(error).__name__}: {error}"[:180],
    )


class SqlSubscriptions(SqlRows):
    """Implements `schedule_ports.SubscriptionStore`."""

    async def add(self, subscription: Subscription, change: Change) -> bool:
        row = dump_subscription(subscription) | {"fingerprint": fingerprint(subscription)}
        adding = (
            self._insert(subscriptions)
            .values(**row)
            .on_conflict_do_nothing(index_elements=["fingerprint"])
            .returning(subscriptions.c.id)
        )
        return await self._change_one(adding, change)

    async def put(self, subscription: Subscription, change: Change) -> None:
        async with self._engine.begin() as connection:
            row = dump_subscription(subscription) | {
                "fingerprint": await _own_fingerprint(connection, subscription)
            }
            await connection.execute(upsert(self._insert, subscriptions), row)
            await connection.execute(log_change(change))

    async def remove(self, subscription: str, change: Change) -> bool:
        removing = delete(subscriptions).where(subscriptions.c.id == subscription)
        missing = (
            update(deliveries)
            .where(deliveries.c.subscription == subscription, deliveries.c.not_before.is_not(None))
            .values(
                state=State.MISSED.value,
                reason="removed",
                updated_at=change.at,
                not_before=None,
                executor=None,
            )
        )
        return await self._change_one(removing.returning(subscriptions.c.id), change, missing)

    async def _change_one(self, statement: Executable, change: Change, *also: Executable) -> bool:
        """Whether it has changed one; only then `also` follow, and the change is written down."""
        async with self._engine.begin() as connection:
            done = (await connection.execute(statement)).first() is not None
            for each in (*also, log_change(change)) if done else ():
                await connection.execute(each)
        return done

    async def leave(self, platform: str, workspace: str, now: datetime) -> int:
        there = and_(_in_workspace(platform, workspace), subscriptions.c.left_at.is_(None))
        pausing = (
            update(subscriptions)
            .where(there, subscriptions.c.standing == SubscriptionStatus.ACTIVE.value)
            .values(standing=SubscriptionStatus.PAUSED.value, paused_for=LEFT, next_at=None)
        )
        async with self._engine.begin() as connection:
            await connection.execute(pausing)
            left = update(subscriptions).where(there).values(left_at=now)
            return (await connection.execute(left)).rowcount

    async def come_back(self, platform: str, workspace: str) -> None:
        there = _in_workspace(platform, workspace)
        await self._write(update(subscriptions).where(there).values(left_at=None))

    async def prune(self, *, now: datetime) -> None:
        """Delete what was left behind longer than `KEEP_LEFT` ago, with its history."""
        await self._delete(subscriptions.c.left_at < now - KEEP_LEFT)

    async def forget_workspace(self, platform: str, workspace: str) -> int:
        """Delete the schedules of a workspace and their history at once; how many they were."""
        return await self._delete(_in_workspace(platform, workspace))

    async def _delete(self, where: ColumnElement[bool]) -> int:
        async with self._engine.begin() as connection:
            gone = delete(subscriptions).where(where).returning(subscriptions.c.id)
            found = list(await connection.scalars(gone))
            for table in (deliveries, subscription_changes):
                await connection.execute(delete(table).where(table.c.subscription.in_(found)))
        return len(found)

    async def find(self, subscription: str) -> Subscription | None:
        return next(iter(await self._select(subscriptions.c.id == subscription)), None)

    async def of_channel(self, target: Target) -> Sequence[Subscription]:
        there = _in_workspace(target.platform, target.workspace)
        return await self._select(there, subscriptions.c.channel == target.channel)

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        return await self._select(_in_workspace(platform, workspace))

    async def asking_for(self, ask: str, limit: int) -> Sequence[Subscription]:
        content = cast(subscriptions.c.content, Text)
        found = await self._select(content.contains(f'"{ask}"', autoescape=True), limit=limit)
        return [each for each in found if ask in each.content.asks]

    async def all_subscriptions(self) -> Sequence[Subscription]:
        return await self._select()

    async def unreadable(self) -> Sequence[Unreadable]:
        read = map(read_subscription, await self._rows(select(subscriptions)))
        return [each for each in read if isinstance(each, Unreadable)]

    async def history(
        self, subscription: str | None, limit: int | None = None
    ) -> Sequence[Change]:
        columns = subscription_changes.c
        query = (
            select(*(columns[field.name] for field in fields(Change)))
            .order_by(columns.number.desc())
            .limit(limit)
        )
        if subscription is not None:
            query = query.where(columns.subscription == subscription)
        return [Change(**row) for row in await self._rows(query)]

    async def _select(
        self, *where: ColumnElement[bool], limit: int | None = None
    ) -> list[Subscription]:
        """Those that can be read; the log tells of the others."""
        query = (
            select(subscriptions)
            .where(*where)
            .order_by(subscriptions.c.created_at, subscriptions.c.id)
            .limit(limit)
        )
        found = []
        for row in await self._rows(query):
            match read_subscription(row):
                case Subscription() as subscription:
                    found.append(subscription)
                case Unreadable(id=name, why=why):
                    log.error("schedule.unreadable", schedule=name, why=why)
        return found


def log_change(change: Change) -> Insert:
    """Write a line of a subscription's history down."""
    return subscription_changes.insert().values(**asdict(change))


def _in_workspace(platform: str, workspace: str) -> ColumnElement[bool]:
    columns = subscriptions.c
    return and_(columns.platform == platform, columns.workspace == workspace)


async def _own_fingerprint(connection: AsyncConnection, subscription: Subscription) -> str | None:
    """None where another schedule has it already: those from before it was looked for may."""
    mark = fingerprint(subscription)
    other = select(subscriptions.c.id).where(
        subscriptions.c.fingerprint == mark, subscriptions.c.id != subscription.id
    )
    return None if (await connection.execute(other)).first() else mark
