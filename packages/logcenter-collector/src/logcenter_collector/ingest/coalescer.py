"""Gather what arrives at the same time, so that one commit serves it all. Sans-I/O: values in, values out.

There is no timer: while one batch is being committed the next one gathers by itself.
"""

from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import define, field, frozen

from logcenter_collector.store.base import Arrival

Waiter = TypeVar("Waiter")


@frozen
class Group(Generic[Waiter]):
    """What one request brought: committed together, answered together."""

    arrivals: Sequence[Arrival]
    waiter: Waiter
    size: int = 0
    """Bytes of the request's body, for want of a better measure of what it takes to keep."""


@define
class Coalescer(Generic[Waiter]):
    """A bounded queue of groups that is taken in batches.

    ``queue_limit`` and ``batch_limit`` count reports, ``queue_bytes`` the bodies they came in. A group is never split,
    so a batch may exceed its limit by one group.
    """

    queue_limit: int
    queue_bytes: int
    batch_limit: int
    queued: int = 0
    queued_bytes: int = 0
    _groups: deque[Group[Waiter]] = field(factory=deque)

    def offer(self, group: Group[Waiter]) -> bool:
        """Take a group into the queue; False when there is no room for it now."""
        if self.queued and not self._has_room(group):
            return False
        self.queued += len(group.arrivals)
        self.queued_bytes += group.size
        self._groups.append(group)
        return True

    def _has_room(self, group: Group[Waiter]) -> bool:
        return (
            self.queued + len(group.arrivals) <= self.queue_limit and self.queued_bytes + group.size <= self.queue_bytes
        )

    def next_batch(self) -> list[Group[Waiter]]:
        """Remove and return the oldest groups, as many as one commit should hold; empty when nothing waits."""
        batch: list[Group[Waiter]] = []
        size = 0
        while self._groups and (not batch or size + len(self._groups[0].arrivals) <= self.batch_limit):
            group = self._groups.popleft()
            size += len(group.arrivals)
            batch.append(group)
        self.queued -= size
        self.queued_bytes -= sum(group.size for group in batch)
        return batch
