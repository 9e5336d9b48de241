"""When a schedule runs as a recurrence of RFC 5545, and what else is known of it.

Down again what cron cannot say (every other Monday, a count, an end) is paused: it must not run
at other times than it was made for.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from bot.schedules.recurrence import (
    Recurrence,
    cron_of,
    cron_recurrence,
    dump_recurrence,
    parse_recurrence,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_rows = sa.table(
    "subscriptions",
    sa.column("id", sa.String),
    sa.column("rhythm", sa.JSON),
    sa.column("created_at", sa.BigInteger),
    sa.column("standing", sa.String),
    sa.column("paused_for", sa.String),
    sa.column("next_at", sa.BigInteger),
)
_NEVER = "0 0 1 1 *"
_LOST = "rhythm"


def upgrade() -> None:
    """Add the columns and write each rhythm anew."""
    op.add_column("subscriptions", sa.Column("role", sa.String(64)))
    op.add_column(
        "subscriptions",
        sa.Column("publish", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "subscriptions",
        sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    )
    op.add_column("subscriptions", sa.Column("left_at", sa.BigInteger))
    op.add_column("subscriptions", sa.Column("fingerprint", sa.String(64)))
    op.create_index("ix_subscriptions_left_at", "subscriptions", ["left_at"])
    op.create_index("ix_subscriptions_fingerprint", "subscriptions", ["fingerprint"], unique=True)
    for row in op.get_bind().execute(sa.select(_rows)).mappings().all():
        _put(row["id"], _upgraded(_read(row["rhythm"]), row["created_at"]))


def downgrade() -> None:
    """Write each rhythm as cron, pause what has none, and drop the columns."""
    for row in op.get_bind().execute(sa.select(_rows)).mappings().all():
        rhythm = _downgraded(_read(row["rhythm"]))
        lost: dict[str, Any] = {}
        if rhythm["cron"] == _NEVER:
            lost = {"standing": "paused", "paused_for": _LOST, "next_at": None}
        _put(row["id"], {"rhythm": rhythm, **lost})
    op.drop_index("ix_subscriptions_fingerprint", "subscriptions")
    op.drop_index("ix_subscriptions_left_at", "subscriptions")
    for name in ("fingerprint", "left_at", "language", "publish", "role"):
        op.drop_column("subscriptions", name)


def _read(rhythm: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rhythm) if isinstance(rhythm, str) else rhythm
    return found


def _put(name: str, values: dict[str, Any]) -> None:
    op.get_bind().execute(sa.update(_rows).where(_rows.c.id == name).values(**values))


def _upgraded(rhythm: dict[str, Any], created_at: int) -> dict[str, Any]:
    """With the recurrence; what was there stays beside it.

    So an instance of the version before goes on during a deploy, and the way back is exact until
    somebody edits it.
    """
    made = _EPOCH + timedelta(microseconds=created_at)
    local = made.astimezone(ZoneInfo(rhythm["zone"])).replace(tzinfo=None)
    skips = tuple(datetime.fromisoformat(day).date() for day in rhythm.get("skip_dates") or ())
    start = local.replace(second=0, microsecond=0)
    lost: dict[str, Any] = {}
    try:
        found = cron_recurrence(rhythm["cron"], start, skips)
    except ValueError:  # days that no rule has
        found = Recurrence(start, dates=(start,), skips=skips)
        lost = {"standing": "paused", "paused_for": _LOST, "next_at": None}
    return {"rhythm": {**rhythm, "recurrence": dump_recurrence(found)}, **lost}


def _downgraded(rhythm: dict[str, Any]) -> dict[str, Any]:
    found = parse_recurrence(rhythm["recurrence"])
    cron = rhythm.get("cron") or (None if found.dates else cron_of(found.rules)) or _NEVER
    rest = {name: value for name, value in rhythm.items() if name != "recurrence"}
    return {**rest, "cron": cron, "skip_dates": [day.isoformat() for day in found.skips]}
