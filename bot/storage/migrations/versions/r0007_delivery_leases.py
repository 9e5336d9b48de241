"""Deliveries are taken from their table: when they are next, and when they were tried."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = "('due', 'sending', 'retry')"


def upgrade() -> None:
    """Add the columns, and have what is open worked on at once.

    What was being sent is uncertain: nobody knows whether its process still sends it.
    """
    for name in ("not_before", "tried_at", "tried_until"):
        op.add_column("deliveries", sa.Column(name, sa.BigInteger))
    op.add_column(
        "deliveries", sa.Column("scope", sa.String(100), nullable=False, server_default="")
    )
    op.execute(
        f"UPDATE deliveries SET not_before = updated_at WHERE state IN {OPEN}"  # noqa: S608
    )
    op.execute(
        "UPDATE deliveries SET state = 'retry', uncertain = TRUE, tried_at = updated_at, "
        "tried_until = updated_at, not_before = updated_at + 75000000 WHERE state = 'sending'"
    )
    op.execute("UPDATE deliveries SET executor = NULL WHERE executor IS NOT NULL")
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["not_before"],
        postgresql_where=sa.text("not_before IS NOT NULL"),
        sqlite_where=sa.text("not_before IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["executor"],
        postgresql_where=sa.text("executor IS NOT NULL"),
        sqlite_where=sa.text("executor IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("ix_deliveries_open", "ix_deliveries_held"):
        op.drop_index(name, "deliveries")
    for name in ("not_before", "tried_at", "tried_until", "scope"):
        op.drop_column("deliveries", name)
