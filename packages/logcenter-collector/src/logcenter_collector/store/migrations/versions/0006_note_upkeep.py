"""Note what upkeep came to, and how large the database is on each day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("leases", sa.Column("ran_at", sa.BigInteger(), nullable=True))
    op.add_column("leases", sa.Column("did", sa.Text(), nullable=True))
    op.add_column("leases", sa.Column("did_at", sa.BigInteger(), nullable=True))
    op.add_column("leases", sa.Column("error", sa.Text(), nullable=True))
    op.create_table(
        "daily_sizes",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_sizes")),
        sqlite_with_rowid=False,
    )
