"""Add counts by day for the overview, and count what is there already."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COUNTED = """
INSERT INTO daily_counts (day, project_id, source, shard, occurrences, new_issues, regressions, last_report)
SELECT day, project_id, source, 0, CAST(sum(occurrences) AS bigint), CAST(sum(new_issues) AS bigint),
       CAST(sum(regressions) AS bigint), max(at)
FROM (
    SELECT buckets.hour / 86400000000 AS day, issues.project_id AS project_id, issues.source AS source,
           sum(buckets.count) AS occurrences, 0 AS new_issues, 0 AS regressions, max(buckets.hour) AS at
    FROM buckets JOIN issues ON issues.id = buckets.issue_id WHERE NOT issues.registration
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT first_seen / 86400000000, project_id, source, 0, count(*), 0, max(first_seen)
    FROM issues WHERE NOT registration GROUP BY 1, 2, 3
    UNION ALL
    SELECT history.at / 86400000000, issues.project_id, issues.source, 0, 0, count(*), max(history.at)
    FROM history JOIN issues ON issues.id = history.issue_id WHERE history.regression GROUP BY 1, 2, 3
    UNION ALL
    SELECT latest_arrived_at / 86400000000, project_id, source, 0, 0, 0, max(latest_arrived_at)
    FROM issues WHERE NOT registration GROUP BY 1, 2, 3
) AS counted
GROUP BY day, project_id, source
"""


def upgrade() -> None:
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("shard", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occurrences", sa.BigInteger(), nullable=False),
        sa.Column("new_issues", sa.BigInteger(), nullable=False),
        sa.Column("regressions", sa.BigInteger(), nullable=False),
        sa.Column("last_report", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "project_id", "source", "shard", name=op.f("pk_daily_counts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_daily_counts_project_id_day"), "daily_counts", ["project_id", "day"], unique=False)
    op.create_index(op.f("ix_history_to_status_at"), "history", ["to_status", "at"], unique=False)
    op.create_index(
        op.f("ix_issues_registration"),
        "issues",
        ["registration"],
        unique=False,
        sqlite_where=sa.text("registration"),
        postgresql_where=sa.text("registration"),
    )
    op.execute(_COUNTED)
