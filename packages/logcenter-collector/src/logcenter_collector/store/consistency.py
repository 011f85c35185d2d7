"""Whether what stands in different tables fits together: there are no foreign keys, see ``tables.py``. Only reads."""

from typing import Final

from sqlalchemy import Connection

_WRONG_COUNTS: Final = """
SELECT count(*) FROM issues
LEFT JOIN (SELECT issue_id, sum(count) AS total FROM buckets GROUP BY issue_id) hours ON hours.issue_id = issues.id
WHERE coalesce(hours.total, 0) <> issues.occurrence_count
"""
_CHILDREN: Final = (
    "fingerprints",
    "seen_with",
    "history",
    "buckets",
    "stack_traces",
    "occurrences",
    "assignments",
    "mutes",
    "comments",
)
_WITHOUT_FINGERPRINT: Final = """
SELECT count(*) FROM issues WHERE NOT EXISTS (SELECT 1 FROM fingerprints WHERE fingerprints.issue_id = issues.id)
"""
_WITHOUT_PROJECT: Final = """
SELECT count(*) FROM issues WHERE NOT EXISTS (SELECT 1 FROM projects WHERE projects.project_id = issues.project_id)
"""
_WITHOUT_TRACE: Final = """
SELECT count(*) FROM occurrences WHERE NOT EXISTS (SELECT 1 FROM stack_traces
WHERE stack_traces.issue_id = occurrences.issue_id AND stack_traces.hash = occurrences.stack_hash)
"""


def wrong_counts(connection: Connection) -> int:
    """Return how many issues count something else than their hours do."""
    return _count(connection, _WRONG_COUNTS)


def orphans(connection: Connection) -> dict[str, int]:
    """Return how many rows miss what they belong to, in words for each kind that there is."""
    found = {
        f"rows of {table} without their issue": _count(
            connection,
            f"SELECT count(*) FROM {table} WHERE NOT EXISTS (SELECT 1 FROM issues WHERE issues.id = {table}.issue_id)",
        )
        for table in _CHILDREN
    }
    found["issues without a fingerprint"] = _count(connection, _WITHOUT_FINGERPRINT)
    found["issues without their project"] = _count(connection, _WITHOUT_PROJECT)
    found["kept occurrences without their stack trace"] = _count(connection, _WITHOUT_TRACE)
    return {what: count for what, count in found.items() if count}


def _count(connection: Connection, statement: str) -> int:
    return int(connection.exec_driver_sql(statement).scalar_one())
