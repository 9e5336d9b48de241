"""The tables of the store, as they are after the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.TypeDecorator[datetime]):
    """A timezone-aware datetime as microseconds since 1970, the same in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Aware datetime -> microseconds."""
        del dialect
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Microseconds -> datetime in UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = sa.MetaData()

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("answer_id", sa.String(64), primary_key=True),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("saved_at", Instant, nullable=False, index=True),
)
threads = sa.Table(
    "threads",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("answer_id", sa.String(64), nullable=False),
    sa.Column("answered_at", Instant, nullable=False, index=True),
)
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("until", Instant, nullable=False, index=True),
)
ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("answer_id", sa.String(64), primary_key=True),
    sa.Column("rater", sa.String(64), primary_key=True),
    sa.Column("brief", sa.String(64)),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("rated_at", Instant, nullable=False),
)
named_values = sa.Table(
    "named_values",
    metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("rhythm", sa.JSON, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("paused_for", sa.String(200)),
    sa.Column("next_at", Instant, index=True),
    sa.Column("last_brief", sa.String(200)),
    sa.Column("last_library", sa.String(64)),
    sa.Column("role", sa.String(64)),
    sa.Column("publish", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("left_at", Instant, index=True),
    sa.Column("fingerprint", sa.String(64)),
    sa.Index("ix_subscriptions_fingerprint", "fingerprint", unique=True),
    sa.Index("ix_subscriptions_place", "platform", "workspace", "channel"),
)
subscription_changes = sa.Table(
    "subscription_changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("subscription", sa.String(64), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("subscription", sa.String(64), nullable=False, index=True),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("notice", sa.String(32)),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("parts_sent", sa.Integer, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False),
    sa.Column("library", sa.String(64)),
    sa.Column("ref", sa.String(200)),
    sa.Column("executor", sa.String(64)),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("not_before", Instant),
    sa.Column("tried_at", Instant),
    sa.Column("tried_until", Instant),
    sa.Column("scope", sa.String(100), nullable=False, server_default=""),
    sa.Index("ix_deliveries_state", "state", "updated_at"),
)
_open, _held = deliveries.c.not_before.is_not(None), deliveries.c.executor.is_not(None)
sa.Index("ix_deliveries_open", deliveries.c.not_before, postgresql_where=_open, sqlite_where=_open)
sa.Index("ix_deliveries_held", deliveries.c.executor, postgresql_where=_held, sqlite_where=_held)
told_texts = sa.Table(
    "told_texts",
    metadata,
    sa.Column("platform", sa.String(16), primary_key=True),
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("snippet", sa.String(80), primary_key=True, index=True),
    sa.Column("digest", sa.String(16), primary_key=True),
    sa.Column("told_on", sa.String(10), nullable=False),
    sa.Column("told_at", Instant, nullable=False, index=True),
)
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("platform", sa.String(16), primary_key=True),
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("snippet", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(16), primary_key=True),
    sa.Column("delivery", sa.String(64), nullable=False, index=True),
    sa.Column("told_on", sa.String(10), nullable=False),
    sa.Column("planned_at", Instant, nullable=False, index=True),
)
libraries = sa.Table(
    "libraries",
    metadata,
    sa.Column("version", sa.String(64), primary_key=True),
    sa.Column("digests", sa.JSON, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
)
executors = sa.Table(
    "executors",
    metadata,
    sa.Column("executor", sa.String(64), primary_key=True),
    sa.Column("beat_at", Instant, nullable=False),
)
rate_slots = sa.Table(
    "rate_slots",
    metadata,
    sa.Column("scope", sa.String(200), primary_key=True),
    sa.Column("next_at", Instant, nullable=False),
)
gaps = sa.Table(
    "gaps",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("why", sa.String(16), primary_key=True),
    sa.Column("question", sa.String(200), primary_key=True),
    sa.Column("brief", sa.String(64), primary_key=True),
    sa.Column("shown", sa.String(16), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
)
answer_tallies = sa.Table(
    "answer_tallies",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("status", sa.String(16), primary_key=True),
    sa.Column("intent", sa.String(16), primary_key=True),
    sa.Column("brief", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
asked_questions = sa.Table(
    "asked_questions",
    metadata,
    sa.Column("answer_id", sa.String(64), primary_key=True),
    sa.Column("question", sa.String(200), nullable=False),
    sa.Column("asked_at", Instant, nullable=False, index=True),
)
watches = sa.Table(
    "watches",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("question", sa.String(200), nullable=False),
    sa.Column("asked_at", Instant, nullable=False, index=True),
    sa.Column("claimed_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
)
statements = sa.Table(
    "statements",
    metadata,
    sa.Column("snippet", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(16), primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("until", Instant, index=True),
    sa.Column("brief", sa.String(80), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
)
readings = sa.Table(
    "readings",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("ids", sa.JSON, nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("made_at", Instant, nullable=False, index=True),
)
