"""Parts of transactions: what becomes of due subscriptions, and which deliveries may be taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, or_, select, update

from bot.schedules.corrections import as_subscription
from bot.schedules.subscription import OPEN, State, SubscriptionStatus
from bot.storage.correction_rows import load_corrections
from bot.storage.tables import corrections, deliveries, subscriptions
from bot.storage.values import load_subscription, read_subscription, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.schedules.schedule_ports import DestinationFilter, Unreadable
    from bot.schedules.subscription import Delivery, Planned, Subscription

TIMELESS = timedelta(minutes=20)
"""What a release before revision 0007 has left untouched for so long is taken up."""
_OPEN = [state.value for state in OPEN]
ADVANCE = (
    update(subscriptions)
    .where(subscriptions.c.id == bindparam("of"), subscriptions.c.next_at == bindparam("was"))
    .values(next_at=bindparam("then"))
)


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
        rows = (await connection.execute(free)).all()
        for key, scope in rows:
            left = room[scope] if scope in room else quota(scope)
            if left > 0:
                chosen.append(key)
            room[scope] = left - 1
        if len(chosen) >= limit or all(left >= 0 for left in room.values()):
            break
    return chosen


async def with_subscriptions(
    connection: AsyncConnection, found: Sequence[Delivery]
) -> list[tuple[Delivery, Subscription | Unreadable | None]]:
    """Each with its subscription, None where that was removed; in order of time."""
    of = select(subscriptions).where(subscriptions.c.id.in_({d.subscription for d in found}))
    owners = {
        row["id"]: read_subscription(row)
        for row in ((await connection.execute(of)).mappings() if found else ())
    }
    alone = [d.key for d in found if d.subscription == d.key]
    corrected = await load_corrections(connection, alone)
    pairs: list[tuple[Delivery, Subscription | Unreadable | None]] = []
    for delivery in found:
        if delivery.key in corrected:
            target, what = corrected[delivery.key]
            owner = as_subscription(delivery.key, target, delivery.due_at)
            pairs.append((replace(delivery, corrections=what), owner))
        else:
            pairs.append((delivery, owners.get(delivery.subscription)))
    return sorted(pairs, key=lambda pair: (pair[0].due_at, pair[0].key))


def _earlier_run(now: datetime) -> ColumnElement[bool]:
    """An earlier run of the same schedule is being sent, or is to be sent first."""
    earlier = deliveries.alias("earlier")
    return exists().where(
        deliveries.c.notice.is_(None),
        earlier.c.subscription == deliveries.c.subscription,
        earlier.c.due_at < deliveries.c.due_at,
        earlier.c.notice.is_(None),
        earlier.c.not_before.is_not(None),
        earlier.c.state.in_(_OPEN),
        or_(
            earlier.c.state != State.RETRY.value,
            earlier.c.executor.is_not(None),
            earlier.c.not_before <= now,
        ),
    )


def goes_to(place: DestinationFilter) -> ColumnElement[bool]:
    """Whether a delivery's subscription is one of that place."""
    wanted = {
        subscriptions.c.platform: place.platform,
        subscriptions.c.workspace: place.workspace,
        subscriptions.c.channel: place.channel,
    }
    return exists().where(
        subscriptions.c.id == deliveries.c.subscription,
        *(column == value for column, value in wanted.items() if value is not None),
    )


def is_wanted() -> ColumnElement[bool]:
    """Its subscription was not removed, or it corrects what was sent."""
    return or_(
        exists().where(subscriptions.c.id == deliveries.c.subscription),
        exists().where(corrections.c.delivery == deliveries.c.key),
    )


def is_active() -> ColumnElement[bool]:
    """Whether a subscription runs."""
    return subscriptions.c.standing == SubscriptionStatus.ACTIVE.value


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
            table.state.in_(_OPEN),
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
