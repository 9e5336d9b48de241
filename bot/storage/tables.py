"""The tables of the store, as they are after the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
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
