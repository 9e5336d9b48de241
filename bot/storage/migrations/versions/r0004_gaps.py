"""Questions that were not answered well, counts of answers, and who wants to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "gaps",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("why", sa.String(16), primary_key=True),
        sa.Column("question", sa.String(200), primary_key=True),
        sa.Column("brief", sa.String(64), primary_key=True),
        sa.Column("shown", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "answer_tallies",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("intent", sa.String(16), primary_key=True),
        sa.Column("brief", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "asked_questions",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("question", sa.String(200), nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("question", sa.String(200), nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables and what is in them."""
    for name in ("watches", "asked_questions", "answer_tallies", "gaps"):
        op.drop_table(name)
