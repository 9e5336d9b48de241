"""What channels were told in briefings, and what is corrected there."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "told_texts",
        *_key(),
        sa.Column("told_on", sa.String(10), nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_index("ix_told_texts_snippet", "told_texts", ["snippet"])
    op.create_table(
        "corrections",
        *_key(),
        sa.Column("delivery", sa.String(64), nullable=False, index=True),
        sa.Column("told_on", sa.String(10), nullable=False),
        sa.Column("planned_at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drop the tables and what is in them."""
    op.drop_table("corrections")
    op.drop_table("told_texts")


def _key() -> list[sa.Column[str]]:
    """A text of a snippet in a channel."""
    sizes = {"platform": 16, "workspace": 64, "channel": 64, "snippet": 80, "digest": 16}
    return [sa.Column(name, sa.String(size), primary_key=True) for name, size in sizes.items()]
