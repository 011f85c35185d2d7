"""Who may do a job that only one collector does at a time, and that is due again some time after it was done."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

LEASE: Final = timedelta(minutes=5)
"""A collector that works says so more often than this; one that does not for so long has died."""


@frozen
class Lease:
    """The present state of a job: somebody works at it, or it rests; in either case until ``expires_at``."""

    holder: str
    """Empty while the job rests."""
    expires_at: datetime


def may_take(lease: Lease | None, holder: str, now: datetime, period: timedelta, *, early: bool = False) -> bool:
    """Whether ``holder`` may do a job of a certain period now; ``early`` does not wait until it is due again.

    A lease that ends later than one taken now would was taken by a clock that went wrong, and binds nobody.
    """
    if lease is None or lease.expires_at <= now or lease.holder == holder:
        return True
    return lease.expires_at - now > max(LEASE, period) or (early and not lease.holder)
