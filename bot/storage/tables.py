"""The tables of the store, as they are after the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A timezone-aware datetime as microseconds since 1970, the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware datetime -> microseconds."""
        del dialect
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Microseconds -> datetime in UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData()

plans = Table(
    "plans",
    metadata,
    Column("answer_id", String(64), primary_key=True),
    Column("plan", JSON, nullable=False),
    Column("saved_at", Instant, nullable=False, index=True),
)
threads = Table(
    "threads",
    metadata,
    Column("thread", Text, primary_key=True),
    Column("answer_id", String(64), nullable=False),
    Column("answered_at", Instant, nullable=False, index=True),
)
seen = Table(
    "seen",
    metadata,
    Column("key", Text, primary_key=True),
    Column("until", Instant, nullable=False, index=True),
)
ratings = Table(
    "ratings",
    metadata,
    Column("answer_id", String(64), primary_key=True),
    Column("rater", String(64), primary_key=True),
    Column("brief", String(64)),
    Column("helpful", Boolean, nullable=False),
    Column("rated_at", Instant, nullable=False),
)
named_values = Table(
    "named_values",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("workspace", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("content", JSON, nullable=False),
    Column("rhythm", JSON, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("standing", String(16), nullable=False),
    Column("paused_for", String(200)),
    Column("next_at", Instant, index=True),
    Column("last_brief", String(200)),
    Column("last_library", String(64)),
    Column("role", String(64)),
    Column("publish", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("left_at", Instant, index=True),
    Column("fingerprint", String(64)),
    Index("ix_subscriptions_fingerprint", "fingerprint", unique=True),
    Index("ix_subscriptions_place", "platform", "workspace", "channel"),
)
subscription_changes = Table(
    "subscription_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("subscription", String(64), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("detail", Text, nullable=False),
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("subscription", String(64), nullable=False, index=True),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("notice", String(32)),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("parts_sent", Integer, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("library", String(64)),
    Column("ref", String(200)),
    Column("executor", String(64)),
    Column("updated_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("tried_at", Instant),
    Column("tried_until", Instant),
    Column("scope", String(100), nullable=False, server_default=""),
    Index("ix_deliveries_state", "state", "updated_at"),
)
_open, _held = deliveries.c.not_before.is_not(None), deliveries.c.executor.is_not(None)
Index("ix_deliveries_open", deliveries.c.not_before, postgresql_where=_open, sqlite_where=_open)
Index("ix_deliveries_held", deliveries.c.executor, postgresql_where=_held, sqlite_where=_held)
told_texts = Table(
    "told_texts",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("workspace", String(64), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("snippet", String(80), primary_key=True, index=True),
    Column("digest", String(16), primary_key=True),
    Column("told_on", String(10), nullable=False),
    Column("told_at", Instant, nullable=False, index=True),
)
corrections = Table(
    "corrections",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("workspace", String(64), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("snippet", String(80), primary_key=True),
    Column("digest", String(16), primary_key=True),
    Column("delivery", String(64), nullable=False, index=True),
    Column("told_on", String(10), nullable=False),
    Column("planned_at", Instant, nullable=False, index=True),
)
libraries = Table(
    "libraries",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("digests", JSON, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
executors = Table(
    "executors",
    metadata,
    Column("executor", String(64), primary_key=True),
    Column("beat_at", Instant, nullable=False),
)
rate_slots = Table(
    "rate_slots",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("next_at", Instant, nullable=False),
)
gaps = Table(
    "gaps",
    metadata,
    Column("day", Date, primary_key=True),
    Column("why", String(16), primary_key=True),
    Column("question", String(200), primary_key=True),
    Column("brief", String(64), primary_key=True),
    Column("shown", String(16), nullable=False),
    Column("count", Integer, nullable=False),
)
answer_tallies = Table(
    "answer_tallies",
    metadata,
    Column("day", Date, primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("intent", String(16), primary_key=True),
    Column("brief", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)
asked_questions = Table(
    "asked_questions",
    metadata,
    Column("answer_id", String(64), primary_key=True),
    Column("question", String(200), nullable=False),
    Column("asked_at", Instant, nullable=False, index=True),
)
watches = Table(
    "watches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("workspace", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("question", String(200), nullable=False),
    Column("asked_at", Instant, nullable=False, index=True),
    Column("claimed_at", Instant),
    Column("attempts", Integer, nullable=False),
)
statements = Table(
    "statements",
    metadata,
    Column("snippet", String(80), primary_key=True),
    Column("digest", String(16), primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant, index=True),
    Column("brief", String(80), nullable=False),
    Column("title", Text, nullable=False),
)
readings = Table(
    "readings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ids", JSON, nullable=False),
    Column("ms", Integer, nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
)
