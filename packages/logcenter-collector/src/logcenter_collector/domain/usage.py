"""What one project, or one of its keys, brought today and may still bring: what is in memory until somebody writes it.

Accounts change in place, because every report passes one or two of them.
"""

from typing import NamedTuple

from attrs import define

from logcenter_collector.domain.rates import Bucket


class Slot(NamedTuple):
    """What is stored for itself: a project's reports of one day, or those that one of its keys brought."""

    day: int
    """As ``day_of`` counts them."""
    project_id: str
    key_id: int
    """0: the project's."""


class Amount(NamedTuple):
    """How many reports."""

    accepted: int = 0
    refused: int = 0

    def plus(self, more: "Amount") -> "Amount":
        """Return the sum."""
        return Amount(self.accepted + more.accepted, self.refused + more.refused)


NOTHING = Amount()


@define
class Account:
    """What a project or a key brought on the present day, as far as this process knows."""

    project_id: str
    key_id: int
    bucket: Bucket | None = None
    """What is left of its rate, if it has one."""
    stored: int = 0
    """Accepted ones that the storage has, those of other collectors among them where there is a quota."""
    waiting: int = 0
    """Accepted into the queue, and not committed yet."""
    accepted: int = 0
    """Committed, and not given to anybody to write."""
    refused: int = 0
    writing: Amount = NOTHING
    """Given to be written, and not known to be stored."""

    @property
    def today(self) -> int:
        """How many were accepted today, those among them that wait for their commit."""
        return self.stored + self.waiting + self.accepted + self.writing.accepted

    @property
    def not_stored(self) -> Amount:
        """What the storage does not know of yet."""
        return self.writing.plus(Amount(self.accepted, self.refused))

    @property
    def is_touched(self) -> bool:
        """Whether there is something to write."""
        return self.accepted > 0 or self.refused > 0

    @property
    def is_idle(self) -> bool:
        """Whether a new account would do as well, but for what is stored."""
        rests = self.bucket is None or self.bucket.is_full
        return rests and not self.waiting and not any(self.not_stored)

    def bucket_at(self, per_minute: int, now: int) -> Bucket:
        """Return the bucket of its rate, filled up to now."""
        if self.bucket is None:
            self.bucket = Bucket.full(per_minute, now)
        else:
            self.bucket.refill(per_minute, now)
        return self.bucket

    def give_back(self) -> None:
        """Put back into the bucket what was taken out for a report."""
        if self.bucket is not None:
            self.bucket.give_back()
