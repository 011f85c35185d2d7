"""Forget event ids: of SQLite's log from its beginning, of PostgreSQL's table by ranges of keys."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, and_, delete, func, literal_column, select, type_coerce

from logcenter_collector.domain.forgetting import EVENT_ID_LIFE, forget_before
from logcenter_collector.domain.pace import Pace
from logcenter_collector.store.database import Database
from logcenter_collector.store.tables import event_ids, event_log, to_instant
from logcenter_collector.store.upkeep.slices import Progress, timed
from logcenter_sdk.contract.limits import EVENT_IDS

SAMPLED: Final = 64
"""One in so many event ids is looked at, which is off by one in a hundred for a million."""
_MARGIN: Final = 0.96
"""So that the sample does not err on the wrong side: at most the limit is remembered."""
_KEYS: Final = 2**32
"""The key range as slices see it: the first four bytes. Keys are hashes, so any part of it is a fair sample."""


def forget_events(database: Database, now: datetime, *, most: int = EVENT_IDS) -> Iterator[Progress]:
    """Forget the event ids that were last seen a day ago, and the earliest until at most ``most`` are left."""
    return forget_keyed(database, now, most=most) if database.is_postgresql else forget_logged(database, now, most=most)


def forget_logged(database: Database, now: datetime, *, most: int = EVENT_IDS) -> Iterator[Progress]:
    """Shorten the log. Its last entry always stays: it says where the log goes on."""
    with database.read() as connection:
        first, last = connection.execute(select(func.min(event_log.c.id), func.max(event_log.c.id))).one()
        stays = and_(event_log.c.seen_at >= now - EVENT_ID_LIFE, event_log.c.id > (last or 0) - most)
        end = connection.scalar(select(event_log.c.id).where(stays).order_by(event_log.c.id).limit(1)) or last
    pace = Pace(size=2_000, most=50_000, least=100)
    begin = first
    while end is not None and begin < end:
        with timed(pace) as entries, database.write() as connection:
            begin = min(end, begin + entries)
            connection.execute(delete(event_log).where(event_log.c.id < begin))
        yield Progress((begin - first) / (end - first), f"{begin - first:,} event ids")


def forget_keyed(
    database: Database, now: datetime, *, most: int = EVENT_IDS, sampled: int = SAMPLED
) -> Iterator[Progress]:
    """Delete from the table what a sample of it says is too old or too much."""
    seen = _sample(database, sampled)
    before = forget_before(seen, now, most if sampled == 1 else int(most * _MARGIN))
    if any(second < before for second in seen):
        yield from _forget(database, before, sum(seen.values()))


def count_events(database: Database) -> int:
    """Return how many event ids are remembered; on PostgreSQL about how many."""
    if database.is_postgresql:
        return _sample(database, SAMPLED).total()
    with database.read() as connection:  # a log that is shortened from its beginning has no gaps
        first, last = connection.execute(select(func.min(event_log.c.id), func.max(event_log.c.id))).one()
    return 0 if first is None else int(last - first + 1)


def _sample(database: Database, sampled: int) -> Counter[datetime]:
    """Return about how many event ids were last seen in each second."""
    second = (type_coerce(event_ids.c.seen_at, BigInteger) // literal_column("1000000")).label("second")
    statement = select(second, func.count()).where(event_ids.c.key < _key(_KEYS // sampled)).group_by(second)
    with database.read() as connection:
        found = connection.execute(statement)
        return Counter({to_instant(second * 1_000_000): count * sampled for second, count in found})


def _forget(database: Database, before: datetime, total: int) -> Iterator[Progress]:
    pace = Pace(size=2_000, most=50_000, least=100)
    begin = gone = 0
    while begin < _KEYS:
        with timed(pace) as rows, database.write() as connection:
            end = min(_KEYS, begin + max(1, _KEYS * rows // max(1, total)))
            keys = (event_ids.c.key >= _key(begin), event_ids.c.key < _key(end))
            gone += connection.execute(delete(event_ids).where(*keys, event_ids.c.seen_at < before)).rowcount
        begin = end
        yield Progress(begin / _KEYS, f"{gone:,} event ids")


def _key(beginning: int) -> bytes:
    """Return the least key that begins with four bytes; beyond the last one, a key that is above all."""
    return beginning.to_bytes(4) if beginning < _KEYS else b"\xff" * 17
