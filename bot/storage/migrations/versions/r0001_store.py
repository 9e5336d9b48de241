"""Plans, threads, seen keys, ratings and named values."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the store."""
    op.create_table(
        "plans",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "threads",
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("answer_id", sa.String(64), nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "seen",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "ratings",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("rater", sa.String(64), primary_key=True),
        sa.Column("brief", sa.String(64)),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("rated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "named_values",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("named_values", "ratings", "seen", "threads", "plans"):
        op.drop_table(name)
