"""What a backup holds, and what is left out: leases, who is signed in, and what is made again from the rest."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Boolean, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from logcenter_collector.store import tables
from logcenter_collector.store.schema import metadata

_LEFT_OUT: Final = frozenset(
    {"leases", "sessions", "sign_in_links", "event_ids", "event_log", "search_queue", "search_blocks", "rising"}
    # How large this database was says nothing of another.
    | {"daily_sizes"}
    # An old backup must not tell anybody of what was long ago.
    | {"alarm_outbox", "alarm_counts"}
)
_KINDS: Final = ((Boolean, "bool"), (LargeBinary, "bytes"), (Integer, "int"))


@frozen
class Part:
    """A table of a backup."""

    name: str
    columns: Mapping[str, str]
    """The kind of value of each."""
    source: str
    """The table that it is read from."""
    order: str = ""

    @property
    def select(self) -> str:
        """The statement that reads it."""
        return f"SELECT {quoted(self.columns)} FROM {self.source}{self.order}"


def quoted(columns: Mapping[str, str]) -> str:
    """Return the names of columns for a statement."""
    return ", ".join(f'"{name}"' for name in columns)


def parts(*, is_postgresql: bool) -> list[Part]:
    """Return everything that a backup holds."""
    kept = [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT]
    plain = [Part(f"{table.name}", _columns_of(table), table.name) for table in kept]
    # Event ids are kept in another way by each database; in a backup they stand in the order in which they were seen.
    source, order = (EVENTS, "seen_at") if is_postgresql else ("event_log", "id")
    return [*plain, Part(EVENTS, EVENT_COLUMNS, source, f" ORDER BY {order}")]


def _columns_of(table: Table) -> dict[str, str]:
    # SQLAlchemy's names are of a class of their own, which JSON does not take.
    return {f"{column.name}": _kind_of(column.type) for column in table.columns}


def _kind_of(of: TypeEngine[Any]) -> str:
    kind = getattr(of, "impl_instance", of)
    return next((name for cls, name in _KINDS if isinstance(kind, cls)), "text")


EVENTS: Final = "event_ids"
EVENT_COLUMNS: Final = _columns_of(tables.event_ids)
NUMBERED: Final = (
    *("issues", "history", "accounts", "tokens", "ingest_keys", "audit"),
    *("alarm_channels", "alarm_rules", "alarm_deliveries"),
    *("comments", "saved_views"),
)
"""The tables whose rows the database numbers itself."""
