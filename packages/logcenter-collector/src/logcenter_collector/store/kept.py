"""The kept occurrences of an issue one by one: what is said of each in a line, and one of them whole."""

from datetime import datetime

from sqlalchemy import Connection, Select, literal, select

from logcenter_collector.domain.sample import Role
from logcenter_collector.store import tables
from logcenter_collector.store.cursors import write_occurrence_cursor
from logcenter_collector.store.kept_line import KeptLine
from logcenter_collector.store.listing import list_occurrences
from logcenter_sdk.contract.issue import Occurrence
from logcenter_sdk.contract.report import Level


def list_kept(connection: Connection, issue_id: int) -> tuple[KeptLine, ...]:
    """Return what is kept of an issue, newest first, without reading a single body."""
    found = [*connection.execute(_latest(issue_id)), *connection.execute(_sample(issue_id))]
    return tuple(
        KeptLine(
            id=number,
            timestamp=timestamp,
            level=Level(level),
            environment=environment,
            version=version,
            commit_hash=commit_hash,
            occurrences=occurrences,
            regression=role == Role.REGRESSION,
        )
        for number, timestamp, level, environment, version, commit_hash, occurrences, role in found
    )


def _sample(issue_id: int) -> Select[tuple[int, datetime, str, str, str, str, int, int]]:
    table = tables.occurrences.c
    columns = (table.number, table.timestamp, table.level, table.environment, table.version, table.commit_hash)
    statement = select(*columns, table.occurrences, table.role).where(table.issue_id == issue_id)
    return statement.order_by(table.number.desc())


def _latest(issue_id: int) -> Select[tuple[int, datetime, str, str, str, str, int, int]]:
    """Select the latest occurrence, which stands in the issue's own row where it is not one of the sample."""
    issue = tables.issues.c
    columns = (issue.occurrence_count, issue.latest_timestamp, issue.level, issue.environment, issue.version)
    return select(*columns, issue.commit_hash, issue.latest_occurrences, literal(Role.SPREAD.value)).where(
        issue.id == issue_id, issue.latest_body.is_not(None)
    )


def load_occurrence(connection: Connection, issue_id: int, number: int) -> Occurrence | None:
    """Return one kept occurrence, or None."""
    found = list_occurrences(connection, issue_id, 1, write_occurrence_cursor(number + 1)).items
    return found[0] if found and found[0].id == number else None
