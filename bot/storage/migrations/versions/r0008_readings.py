"""What a reader chose, by a hash of what it was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "readings",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ids", sa.JSON, nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drop the table and what is in it."""
    op.drop_table("readings")
