"""Plans, subscriptions and deliveries <-> rows of the database."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from bot.answering.answer import Plan, ReaderNote, Status
from bot.library.vocabulary import Intent
from bot.schedules.schedule_ports import Unreadable
from bot.schedules.schedule_values import dump_content, dump_trigger, parse_content, parse_trigger
from bot.schedules.subscription import (
    OPEN,
    Delivery,
    State,
    Subscription,
    SubscriptionStatus,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

log = structlog.get_logger(__name__)


def dump_subscription(subscription: Subscription) -> dict[str, Any]:
    """The columns of `tables.subscriptions`."""
    return {
        "id": subscription.id,
        "platform": subscription.target.platform,
        "workspace": subscription.target.workspace,
        "channel": subscription.target.channel,
        "content": dump_content(subscription.content),
        "rhythm": dump_trigger(subscription.trigger),
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
    """A row of `tables.subscriptions`; raises anything where it cannot be read."""
    trigger = parse_trigger(row["rhythm"])
    ZoneInfo(trigger.zone)  # fails here, and not after a post
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
        trigger=trigger,
        owner=row["owner"],
        created_at=row["created_at"],
        standing=SubscriptionStatus(row["standing"]),
        paused_for=row["paused_for"],
        next_at=row["next_at"],
        last_brief=row["last_brief"],
        last_library=row["last_library"],
        language=row["language"],
        left_at=row["left_at"],
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


def readable(rows: Iterable[RowMapping]) -> list[Subscription]:
    """Those that can be read; the log tells of the others."""
    found = []
    for row in rows:
        match read_subscription(row):
            case Subscription() as subscription:
                found.append(subscription)
            case Unreadable(id=name, why=why):
                log.error("schedule.unreadable", schedule=name, why=why)
    return found


def dump_delivery(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """The columns of `tables.deliveries` for one that is new; what is open may begin at once."""
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
        "scope": delivery.scope,
        "not_before": now if delivery.state in OPEN else None,
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
        tried_at=row["tried_at"],
        tried_until=row["tried_until"],
        library=row["library"],
        ref=row["ref"],
        scope=row["scope"],
        updated_at=row["updated_at"],
    )


_NOT_STORED = frozenset({"missing"})


def dump_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON types, without the words of the question."""
    values = {f.name: getattr(plan, f.name) for f in fields(Plan) if f.name not in _NOT_STORED}
    note = values.pop("reader")
    stored = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
    return stored | ({"reader": asdict(note)} if note else {})


def parse_plan(data: Mapping[str, Any]) -> Plan | None:
    """The plan of a stored object; None where this version cannot understand it.

    Keys of another version are left out, so a rollback does not lose the rest.
    """
    known = {f.name for f in fields(Plan)} - _NOT_STORED
    given: dict[str, Any] = {name: _frozen(value) for name, value in data.items() if name in known}
    try:
        given["status"] = Status(given["status"])
        given["intent"] = Intent(given["intent"])
        if note := given.pop("reader", None):
            given["reader"] = ReaderNote(**{n: _frozen(v) for n, v in note.items()})
        return Plan(**given)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
