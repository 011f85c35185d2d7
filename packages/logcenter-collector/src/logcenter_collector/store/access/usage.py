"""How many reports came on each day: what collectors have added up, and what they have together."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, delete, select

from logcenter_collector.domain.rates import DAY
from logcenter_collector.domain.usage import Amount, Slot
from logcenter_collector.store.access.tables import usage
from logcenter_collector.store.database import Database
from logcenter_collector.store.dialects import PARAMETERS, insert
from logcenter_collector.store.tables import to_instant


@frozen(kw_only=True)
class Used:
    """What came on one day."""

    accepted: int = 0
    refused: int = 0


def write_usage(
    database: Database, amounts: Mapping[Slot, Amount], projects: Iterable[str], day: int
) -> dict[str, int]:
    """Add amounts to what is stored, and return how many reports of these projects were accepted on a day in all."""
    if not amounts:
        with database.read() as connection:
            return _totals(connection, [*projects], day)
    with database.write() as connection:
        _add(connection, amounts)
        return _totals(connection, [*projects], day)


def read_usage(database: Database, day: int) -> dict[str, int]:
    """Return how many reports of each project were accepted on a day."""
    with database.read() as connection:
        chosen = select(usage.c.project_id, usage.c.reports).where(usage.c.day == _instant(day), usage.c.key_id == 0)
        return {row[0]: row[1] for row in connection.execute(chosen)}


def usage_of(database: Database, project_id: str, day: int) -> dict[int, Used]:
    """Return what came on a day by key; 0 is the whole project."""
    chosen = select(usage.c.key_id, usage.c.reports, usage.c.refused)
    with database.read() as connection:
        found = connection.execute(chosen.where(usage.c.project_id == project_id, usage.c.day == _instant(day)))
        return {row[0]: Used(accepted=row[1], refused=row[2]) for row in found}


def forget_usage(database: Database, before: int) -> None:
    """Forget the days before one."""
    with database.write() as connection:
        connection.execute(delete(usage).where(usage.c.day < _instant(before)))


def _add(connection: Connection, amounts: Mapping[Slot, Amount]) -> None:
    rows = [
        {
            "project_id": slot.project_id,
            "key_id": slot.key_id,
            "day": _instant(slot.day),
            "reports": amount.accepted,
            "refused": amount.refused,
        }
        for slot, amount in sorted(amounts.items())  # in one order, as other collectors do it too
    ]
    statement = insert(connection, usage)
    new = statement.excluded
    more = {"reports": usage.c.reports + new.reports, "refused": usage.c.refused + new.refused}
    keys = ["project_id", "key_id", "day"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def _totals(connection: Connection, projects: list[str], day: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    chosen = select(usage.c.project_id, usage.c.reports).where(usage.c.day == _instant(day), usage.c.key_id == 0)
    for begin in range(0, len(projects), PARAMETERS):
        some = chosen.where(usage.c.project_id.in_(projects[begin : begin + PARAMETERS]))
        totals.update((row[0], row[1]) for row in connection.execute(some))
    return totals


def _instant(day: int) -> datetime:
    return to_instant(day * DAY)
