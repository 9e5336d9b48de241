"""Subscriptions, their history, deliveries, and what replicas share to deliver them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_subscriptions()
    _create_deliveries()
    op.create_table(
        "libraries",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("digests", sa.JSON, nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "executors",
        sa.Column("executor", sa.String(64), primary_key=True),
        sa.Column("beat_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "rate_slots",
        sa.Column("scope", sa.String(200), primary_key=True),
        sa.Column("next_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables and what is in them."""
    for name in (
        "rate_slots",
        "executors",
        "libraries",
        "deliveries",
        "subscription_changes",
        "subscriptions",
    ):
        op.drop_table(name)


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("rhythm", sa.JSON, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("paused_for", sa.String(200)),
        sa.Column("next_at", sa.BigInteger, index=True),
        sa.Column("last_brief", sa.String(200)),
        sa.Column("last_library", sa.String(64)),
        sa.Index("ix_subscriptions_place", "platform", "workspace", "channel"),
    )
    op.create_table(
        "subscription_changes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("subscription", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("subscription", sa.String(64), nullable=False, index=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("notice", sa.String(32)),
        sa.Column("reason", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("parts_sent", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("library", sa.String(64)),
        sa.Column("ref", sa.String(200)),
        sa.Column("executor", sa.String(64)),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Index("ix_deliveries_state", "state", "updated_at"),
    )
