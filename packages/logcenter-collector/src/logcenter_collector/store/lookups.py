"""Read the state of one issue, for a move."""

from sqlalchemy import Connection, select

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store import rows, tables


def load_state(connection: Connection, issue_id: int) -> IssueState | None:
    """Return the state of an issue, whose row nobody else may change until the transaction ends; None if unknown."""
    table = tables.issues
    found = connection.execute(select(table).where(table.c.id == issue_id).with_for_update()).mappings().first()
    return None if found is None else rows.to_state(found, _builds(connection, issue_id, before_fix=True))


def load_builds(connection: Connection, issue_id: int) -> frozenset[Build]:
    """Return the builds that an issue was seen with."""
    return _builds(connection, issue_id, before_fix=False)


def _builds(connection: Connection, issue_id: int, *, before_fix: bool) -> frozenset[Build]:
    table = tables.seen_with
    statement = select(table.c.kind, table.c.value).where(table.c.issue_id == issue_id, table.c.kind.in_(BuildKind))
    if before_fix:
        statement = statement.where(table.c.before_fix)
    return frozenset(Build(BuildKind(kind), value) for kind, value in connection.execute(statement))
