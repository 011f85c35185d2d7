"""Statements that take many rows at once, written once and prepared by the driver: the writing side of the store.

SQLite gets ``executemany``, which runs one prepared statement row by row inside the process. PostgreSQL gets arrays,
one for each column: one message and one plan for the whole batch (14 µs of both sides' time for a report of a batch of
64, where a message for each row takes three times that).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, Protocol

from attrs import define, field, frozen
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from logcenter_collector.store.spelling import POSTGRESQL, SQLITE, Spelling

Row = tuple[Any, ...]

_ROWS_AT_ONCE: Final = 64
"""Of rows that are looked at one after the other and may be large."""

_ARRAY_TYPES: Final = ((Boolean, "boolean"), (LargeBinary, "bytea"), (BigInteger, "bigint"), (Integer, "bigint"))


class Cursor(Protocol):
    """What this module uses of a DB-API cursor."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement wrote."""
        ...

    def execute(self, statement: str, parameters: Any = ..., /) -> Any:  # noqa: ANN401 - each driver has its own types
        """Run a statement."""
        ...

    def executemany(self, statement: str, parameters: Any, /) -> Any:  # noqa: ANN401 - see above
        """Run a statement for each row."""
        ...

    def fetchmany(self, size: int, /) -> Sequence[Any]:
        """Return the next rows that were read."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that were read."""
        ...


@frozen
class Write:
    """A statement that writes rows of ``columns``."""

    sqlite: str
    postgresql: str


@frozen
class Lookup:
    """A statement that reads the rows of many keys."""

    sqlite: str
    postgresql: str


def insert_into(table: Table, *columns: str, on_conflict: str = "") -> Write:
    """Return the statement that inserts rows; ``on_conflict`` is what both databases understand."""
    names = ", ".join(columns)
    conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    return Write(
        f"INSERT INTO {table.name} ({names}) VALUES ({_marks(columns)}){conflict}",
        f"INSERT INTO {table.name} ({names}) SELECT * FROM {_unnest(table, columns)}{conflict}",
    )


def update_of(table: Table, *columns: str, keys: Sequence[str] = ("id",)) -> Write:
    """Return the statement that sets columns; a row holds their values, then the keys."""
    sets = ", ".join(f"{name} = ?" for name in columns)
    new = ", ".join(f"{name} = new.{name}" for name in columns)
    names = (*columns, *keys)
    return Write(
        f"UPDATE {table.name} SET {sets} WHERE {_all_equal(keys)}",
        f"UPDATE {table.name} SET {new} FROM {_unnest(table, names)} AS new ({', '.join(names)}) "
        f"WHERE {' AND '.join(f'{table.name}.{key} = new.{key}' for key in keys)}",
    )


def delete_from(table: Table, *keys: str, unless: str = "") -> Write:
    """Return the statement that deletes rows by their keys, ``unless`` a condition on the table holds."""
    but = f" AND NOT {unless}" if unless else ""
    return Write(
        f"DELETE FROM {table.name} WHERE {_all_equal(keys)}{but}",
        f"DELETE FROM {table.name} USING {_unnest(table, keys)} AS gone ({', '.join(keys)}) "
        f"WHERE {' AND '.join(f'{table.name}.{key} = gone.{key}' for key in keys)}{but}",
    )


def look_up(  # noqa: PLR0913 - the parts of a SELECT
    table: Table, columns: Sequence[str], keys: Sequence[str], *, join: str = "", order_by: str = "", locks: str = ""
) -> Lookup:
    """Return the statement that reads columns by keys of ``table``, with the keys before them.

    ``locks`` names the table whose rows a PostgreSQL transaction locks, in the order of ``order_by``; on SQLite the
    transaction has the whole database.
    """
    full = [f"{table.name}.{key}" for key in keys]
    wanted = ", ".join((*full, *columns))
    order = f" ORDER BY {order_by}" if order_by else ""
    lock = f" FOR UPDATE OF {locks}" if locks else ""
    matches = " AND ".join(f"{name} = wanted.{key}" for name, key in zip(full, keys, strict=True))
    return Lookup(
        f"SELECT {wanted} FROM {table.name}{join} WHERE {' AND '.join(f'{name} = ?' for name in full)}{order}",
        f"SELECT {wanted} FROM {_unnest(table, keys)} AS wanted ({', '.join(keys)}) "
        f"JOIN {table.name} ON {matches}{join}{order}{lock}",
    )


def look_up_among(
    table: Table, columns: Sequence[str], key: str, *, where: str = "", is_sorted: bool = False
) -> Lookup:
    """Return the statement that reads columns by many numbers of one key, with the key before them.

    In any order, or in that of the key.
    """
    order = f" ORDER BY {key}" if is_sorted else ""
    only = f"{where} AND " if where else ""
    wanted = f"SELECT {', '.join((key, *columns))} FROM {table.name} WHERE {only}"
    ends = (spelling.one_of_numbers.format(key) + order for spelling in (SQLITE, POSTGRESQL))
    return Lookup(*(wanted + end for end in ends))


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" for _ in names)


def _all_equal(names: Sequence[str]) -> str:
    return " AND ".join(f"{name} = ?" for name in names)


def _unnest(table: Table, names: Sequence[str]) -> str:
    """Return the rows of one array parameter for each column; ``%b`` sends them in binary."""
    return f"unnest({', '.join(f'%b::{_array_type(table.c[name].type)}[]' for name in names)})"


def _array_type(of: TypeEngine[Any]) -> str:
    kind = getattr(of, "impl_instance", of)
    return next((name for cls, name in _ARRAY_TYPES if isinstance(kind, cls)), "text")


class LostRaceError(Exception):
    """Another collector began the same issue, or an event id is known already: run it again, carefully."""


@define
class Bulk:
    """The statements of one transaction.

    PostgreSQL gets them in a pipeline: what only writes is not waited for, so a batch waits three times and not twelve.
    """

    _new_cursor: Callable[[], Cursor]
    is_postgresql: bool = field(kw_only=True)
    _expected: list[tuple[Cursor, int]] = field(factory=list, init=False)
    cursor: Cursor = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Open a cursor."""
        self.cursor = self._new_cursor()

    def write(self, statement: Write, rows: Sequence[Row]) -> None:
        """Write rows."""
        if not rows:
            return
        if self.is_postgresql:
            self.cursor.execute(statement.postgresql, [list(column) for column in zip(*rows, strict=True)])
        else:
            self.cursor.executemany(statement.sqlite, rows)

    def write_all(self, statement: Write, rows: Sequence[Row]) -> None:
        """Write rows none of which may be there already; ``check`` finds out."""
        if rows:
            self.write(statement, rows)
            self._expected.append((self.cursor, len(rows)))
            self.cursor = self._new_cursor()

    def check(self) -> None:
        """Find out whether everything was written; a pipeline must have been synchronised. Raises LostRaceError."""
        if any(cursor.rowcount != count for cursor, count in self._expected):
            raise LostRaceError

    def read(self, statement: Lookup, keys: Sequence[Row]) -> list[Row]:
        """Return the rows of each key."""
        if not keys:
            return []
        if self.is_postgresql:
            self.cursor.execute(statement.postgresql, [list(column) for column in zip(*keys, strict=True)])
            return list(self.cursor.fetchall())
        found: list[Row] = []
        for key in keys:
            self.cursor.execute(statement.sqlite, key)
            found += self.cursor.fetchall()
        return found

    @property
    def spelling(self) -> Spelling:
        """How the database spells a statement for ``select``."""
        return POSTGRESQL if self.is_postgresql else SQLITE

    def select(self, statement: str, parameters: Row = ()) -> list[Row]:
        """Return the rows of a statement in the spelling of the database."""
        self.cursor.execute(statement, parameters)
        return list(self.cursor.fetchall())

    def read_among(self, statement: Lookup, numbers: Collection[int]) -> list[Row]:
        """Return the rows of each number."""
        return list(self.each_among(statement, numbers))

    def each_among(self, statement: Lookup, numbers: Collection[int]) -> Iterator[Row]:
        """Yield the rows of each number, to be looked at before the next statement."""
        if numbers:
            spelled = statement.postgresql if self.is_postgresql else statement.sqlite
            self.cursor.execute(spelled, (self.spelling.many(numbers),))
            while part := self.cursor.fetchmany(_ROWS_AT_ONCE):
                yield from part

    def take_ids(self, count: int) -> Sequence[int]:
        """Return ids for new issues; an id that is not used is never given again by PostgreSQL."""
        if self.is_postgresql:
            self.cursor.execute("SELECT nextval('issues_id_seq') FROM generate_series(1, %b)", [count])
            return [row[0] for row in self.cursor.fetchall()]
        self.cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'issues'")
        [*row] = self.cursor.fetchall()
        last = row[0][0] if row else 0
        return range(last + 1, last + 1 + count)
