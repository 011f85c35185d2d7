"""Find issues by what reports bring: fingerprints and event ids."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table, select, tuple_

from logcenter_collector.domain.issue import Build, BuildKind, IssueState
from logcenter_collector.store import rows, tables
from logcenter_collector.store.dialects import PARAMETERS

Item = TypeVar("Item")
Key = tuple[str, str]


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in parts of at most ``size``."""
    return (items[start : start + size] for start in range(0, len(items), size))


def locate_issues(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """Return the issue of each known (project, fingerprint)."""
    return _locate(connection, tables.fingerprints, "fingerprint", keys)


def locate_events(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """Return the issue of each known (project, event id)."""
    return _locate(connection, tables.event_ids, "event_id", keys)


def _locate(connection: Connection, table: Table, name: str, keys: Collection[Key]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    key = (table.c.project_id, table.c[name])
    for part in chunks(sorted(set(keys)), PARAMETERS // 2):
        for project_id, value, issue_id in connection.execute(
            select(*key, table.c.issue_id).where(tuple_(*key).in_(part))
        ):
            found[project_id, value] = issue_id
    return found


def load_states(connection: Connection, issue_ids: Collection[int]) -> dict[int, IssueState]:
    """Return the state of each issue."""
    table = tables.issues
    states: dict[int, IssueState] = {}
    for part in chunks(sorted(issue_ids), PARAMETERS):
        builds = _builds(connection, part, before_fix=True)
        for row in connection.execute(select(table).where(table.c.id.in_(part))).mappings():
            states[row["id"]] = rows.to_state(row, builds[row["id"]])
    return states


def load_builds(connection: Connection, issue_id: int) -> frozenset[Build]:
    """Return the builds that an issue was seen with."""
    return frozenset(_builds(connection, [issue_id], before_fix=False)[issue_id])


def _builds(connection: Connection, issue_ids: Sequence[int], *, before_fix: bool) -> defaultdict[int, list[Build]]:
    table = tables.seen_with
    statement = select(table.c.issue_id, table.c.kind, table.c.value).where(
        table.c.issue_id.in_(issue_ids), table.c.kind.in_(BuildKind)
    )
    if before_fix:
        statement = statement.where(table.c.before_fix)
    found: defaultdict[int, list[Build]] = defaultdict(list)
    for issue_id, kind, value in connection.execute(statement):
        found[issue_id].append(Build(BuildKind(kind), value))
    return found
