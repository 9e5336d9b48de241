"""Subscriptions and deliveries <-> rows; readable by older and newer versions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bot.core.schedule import Delivery, State
from bot.core.subscription import CatchUp, Content, Kind, Rhythm, Standing, Subscription, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import RowMapping


def dump_content(content: Content) -> dict[str, Any]:
    """Content as JSON types."""
    return {
        "kind": content.kind.value,
        "asks": list(content.asks),
        "say_nothing_new": content.say_nothing_new,
    }


def parse_content(data: Mapping[str, Any]) -> Content:
    """JSON types -> content; raises ValueError, KeyError or TypeError where they are wrong."""
    return Content(
        Kind(data["kind"]), tuple(data.get("asks", ())), bool(data.get("say_nothing_new", False))
    )


def dump_rhythm(rhythm: Rhythm) -> dict[str, Any]:
    """A rhythm as JSON types."""
    return {
        "cron": rhythm.cron,
        "zone": rhythm.zone,
        "skip_dates": [day.isoformat() for day in rhythm.skip_dates],
        "catch_up": rhythm.catch_up.value,
        "grace_s": rhythm.grace_s,
        "jitter_s": rhythm.jitter_s,
    }


def parse_rhythm(data: Mapping[str, Any]) -> Rhythm:
    """JSON types -> a rhythm; raises ValueError, KeyError or TypeError where they are wrong."""
    return Rhythm(
        cron=str(data["cron"]),
        zone=str(data["zone"]),
        skip_dates=tuple(date.fromisoformat(str(day)) for day in data.get("skip_dates", ())),
        catch_up=CatchUp(data.get("catch_up", CatchUp.MERGE)),
        grace_s=int(data.get("grace_s", 7200)),
        jitter_s=int(data.get("jitter_s", 0)),
    )


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
    }


def load_subscription(row: RowMapping) -> Subscription:
    """A row of `tables.subscriptions`."""
    return Subscription(
        id=row["id"],
        target=Target(row["platform"], row["workspace"], row["channel"]),
        content=parse_content(row["content"]),
        rhythm=parse_rhythm(row["rhythm"]),
        owner=row["owner"],
        created_at=row["created_at"],
        standing=Standing(row["standing"]),
        paused_for=row["paused_for"],
        next_at=row["next_at"],
        last_brief=row["last_brief"],
        last_library=row["last_library"],
    )


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
