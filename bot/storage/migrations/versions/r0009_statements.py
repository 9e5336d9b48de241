"""Which statements the library has had, from when until when."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "statements",
        sa.Column("snippet", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(16), primary_key=True),
        sa.Column("since", sa.BigInteger, primary_key=True),
        sa.Column("until", sa.BigInteger, index=True),
        sa.Column("brief", sa.String(80), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the table and what is in it."""
    op.drop_table("statements")
