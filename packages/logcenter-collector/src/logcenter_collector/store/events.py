"""Event ids: which reports were counted already. The one thing that the two databases keep in different ways."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from logcenter_collector.store import statements
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.event_index import EventIndex
from logcenter_sdk.contract.limits import EVENT_ID_SECONDS, EVENT_IDS

LIFE: Final = EVENT_ID_SECONDS * 1_000_000
"""Microseconds after it was last seen until an id is forgotten."""

Event = tuple[bytes, int, int]
"""Key, issue and when it was last seen, in microseconds."""


class Events(Protocol):
    """How event ids are kept."""

    def known(self, bulk: Bulk, seen_at: Mapping[bytes, int], *, careful: bool) -> dict[bytes, int]:
        """Return the issues of the keys that are known; without ``careful`` it may leave that to ``add``."""
        ...

    def add(self, bulk: Bulk, new: Sequence[Event], again: Sequence[Event]) -> None:
        """Remember new keys, and that known ones were seen again."""
        ...

    def committed(self) -> None:
        """Take note that the transaction of the last ``add`` is committed."""
        ...


class KeyedEvents:
    """In a table with a unique key, for several collectors on one PostgreSQL.

    Ids are new as a rule, so they are looked up only when inserting them has shown that one is not.
    """

    def known(self, bulk: Bulk, seen_at: Mapping[bytes, int], *, careful: bool) -> dict[bytes, int]:
        """Return the issues of the keys that are known."""
        if not careful:
            return {}
        found = bulk.read(statements.KNOWN_EVENT, [(key,) for key in sorted(seen_at)])
        return {key: issue_id for key, issue_id, before in found if before > seen_at[key] - LIFE}

    def add(self, bulk: Bulk, new: Sequence[Event], again: Sequence[Event]) -> None:
        """Remember new keys, and that known ones were seen again."""
        bulk.write_all(statements.ADD_OR_RENEW_EVENTS, sorted(new))
        bulk.write(statements.SEE_EVENTS_AGAIN, sorted((seen_at, key) for key, _, seen_at in again))

    def committed(self) -> None:
        """Nothing is remembered outside the database."""


class LoggedEvents:
    """In a log with an index in memory, for SQLite: the batch's ids are one page to write and not one each.

    Another process may write the same file: what it added is read before each batch, which has the database to itself.
    """

    def __init__(self) -> None:
        self._index = EventIndex(EVENT_IDS)
        self._read_to = 0
        self._added: list[tuple[bytes, int]] = []

    def known(self, bulk: Bulk, seen_at: Mapping[bytes, int], *, careful: bool) -> dict[bytes, int]:  # noqa: ARG002
        """Return the issues of the keys that are known."""
        self._read_on(bulk)
        found: dict[bytes, int] = {}
        for key in filter(self._index.may_hold, seen_at):
            now = seen_at[key]
            for position in self._index.positions(key):
                at_position = bulk.read(statements.LOGGED_EVENT, [(position,)])
                if at_position and at_position[0][1] == key:
                    if at_position[0][3] > now - LIFE:
                        found[key] = at_position[0][2]
                    break
        return found

    def _read_on(self, bulk: Bulk) -> None:
        """Index what was logged since the last batch: by another process, or all of it after the start."""
        while True:
            bulk.cursor.execute(statements.LOG_AFTER, (self._read_to, _PART))
            part = [(key, position) for position, key in bulk.cursor.fetchall()]
            self._index.add(part)
            if part:
                self._read_to = part[-1][1]
            if len(part) < _PART:
                return

    def add(self, bulk: Bulk, new: Sequence[Event], again: Sequence[Event]) -> None:
        """Remember new keys, and that known ones were seen again."""
        entries = [*new, *again]
        first = self._read_to + 1
        bulk.write(statements.LOG_EVENTS, [(first + place, *entry) for place, entry in enumerate(entries)])
        self._added = [(key, first + place) for place, (key, _, _) in enumerate(entries)]

    def committed(self) -> None:
        """Index what was added."""
        self._index.add(self._added)
        self._read_to += len(self._added)
        self._added = []


_PART: Final = 10_000
