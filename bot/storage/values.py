"""Subscriptions and deliveries <-> rows of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.schedules.schedule import Delivery, State
from bot.schedules.schedule_values import dump_content, dump_rhythm, parse_content, parse_rhythm
from bot.schedules.subscription import Standing, Subscription, Target

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping


def dump_subscription(subscription: Subscription) -> dict[str, Any]:
    """The columns of `tables.subscriptions`."""
    return {
        "id": subscription.id,
        "platform": subscription.target.platform,
        "workspace": subscription.target.workspace,
        "channel": subscription.target.channel,
        "content": dump_content(subscription.content),
        "rhythm": dump_rhythm(subscription.rhythm),
        "owner": subscription.owner,
        "created_at": subscription.created_at,
        "standing": subscription.standing.value,
        "paused_for": subscription.paused_for,
        "next_at": subscription.next_at,
        "last_brief": subscription.last_brief,
        "last_library": subscription.last_library,
        "role": subscription.target.role,
        "publish": subscription.target.publish,
        "language": subscription.language,
        "left_at": subscription.left_at,
    }


def load_subscription(row: RowMapping) -> Subscription:
    """A row of `tables.subscriptions`."""
    return Subscription(
        id=row["id"],
        target=Target(
            row["platform"],
            row["workspace"],
            row["channel"],
            role=row["role"],
            publish=row["publish"],
        ),
        content=parse_content(row["content"]),
        rhythm=parse_rhythm(row["rhythm"]),
        owner=row["owner"],
        created_at=row["created_at"],
        standing=Standing(row["standing"]),
        paused_for=row["paused_for"],
        next_at=row["next_at"],
        last_brief=row["last_brief"],
        last_library=row["last_library"],
        language=row["language"],
        left_at=row["left_at"],
    )


def dump_delivery(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """The columns of `tables.deliveries` for one that is new."""
    return {
        "key": delivery.key,
        "subscription": delivery.subscription,
        "due_at": delivery.due_at,
        "state": delivery.state.value,
        "notice": delivery.notice,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "parts_sent": delivery.parts_sent,
        "uncertain": delivery.uncertain,
        "updated_at": now,
    }


def load_delivery(row: RowMapping) -> Delivery:
    """A row of `tables.deliveries`."""
    return Delivery(
        key=row["key"],
        subscription=row["subscription"],
        due_at=row["due_at"],
        state=State(row["state"]),
        notice=row["notice"],
        reason=row["reason"],
        attempts=row["attempts"],
        parts_sent=row["parts_sent"],
        uncertain=row["uncertain"],
        library=row["library"],
        ref=row["ref"],
        updated_at=row["updated_at"],
    )
