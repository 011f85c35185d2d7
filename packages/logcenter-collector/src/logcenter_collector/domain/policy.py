"""What a database may hold."""

from datetime import timedelta
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Policy:
    """For how long, and how much; None is without a limit."""

    retention: timedelta | None = None
    """How long occurrences stay that are only part of a sample."""
    disk_budget: int | None = None
    """Bytes."""


NO_LIMITS: Final = Policy()
