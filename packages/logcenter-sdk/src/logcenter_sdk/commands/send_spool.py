"""``send-spool``: deliver what earlier processes left on disk, with the very code that a process does it with."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from logcenter_sdk.commands.spool_checks import Contents, contents_of, folder_of
from logcenter_sdk.config import Config
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.report import Report
from logcenter_sdk.counts import Counts
from logcenter_sdk.delivery import delivery_of
from logcenter_sdk.fold import Fold
from logcenter_sdk.retry import Fate, fate_of
from logcenter_sdk.transports.base import DeliveryError, Transport
from logcenter_sdk.transports.configured import http_transport

_BETWEEN_LINES_SECONDS: Final = 1.0


def send_spool(config: Config) -> int:
    """Deliver what can be delivered; return 0 when all of it was."""
    folder = folder_of(config, os.environ)
    before = contents_of(folder) if folder is not None and config.spool else Contents()
    if folder is None or not before.reports:
        print(f"Nothing waits for {config.project} at {config.url}.")
        return 0
    print(f"{before.reports} reports of {config.project} wait in {folder}; sending them to {config.url} …")
    watched = Watched(http_transport(config), before.reports)
    counts = Counts()
    delivery = delivery_of(Fold(), counts, config, os.environ, watched)
    try:
        delivery.round(_Patient())
    finally:
        delivery.close()
    return _sum_up(watched, contents_of(folder))


def _sum_up(watched: "Watched", left: Contents) -> int:
    print(f"{watched.delivered} reports delivered, {watched.refused} refused, {left.reports} left.")
    if watched.refused:
        print(f"Refused for good: {watched.refusal}", file=sys.stderr)
    if left.reports:
        held = f" ({left.held} of them are another process's just now)" if left.held else ""
        print(f"Not all could be delivered{held}. {watched.failure or ''}".rstrip(), file=sys.stderr)
    return int(bool(left.reports or watched.refused))


class _Patient:
    """The time of a round that somebody waits for, and that nothing ends."""

    is_ending = False
    is_awaited = True

    def remaining(self, seconds: float) -> float:
        return seconds


class Watched:
    """A transport that says how far it is."""

    def __init__(self, inner: Transport, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._total = total
        self._clock = clock
        self._said_at = clock()
        self.delivered = 0
        self.refused = 0
        self.refusal: DeliveryError | None = None
        self.failure: DeliveryError | None = None

    def send(self, report: Report, *, timeout_seconds: float | None = None) -> Answer:
        """Send one report."""
        return self._inner.send(report, timeout_seconds=timeout_seconds)

    def send_bodies(
        self, bodies: Sequence[bytes], *, timeout_seconds: float | None = None
    ) -> list[Answer | DeliveryError]:
        """Send, count, and say something from time to time."""
        try:
            results = self._inner.send_bodies(bodies, timeout_seconds=timeout_seconds)
        except DeliveryError as error:
            self._count(error)
            raise
        for result in results:
            self._count(result)
        self._say()
        return results

    def put_project(self, project_id: str, changes: Mapping[str, Any], *, timeout_seconds: float | None = None) -> None:
        """Set a project's fields."""
        self._inner.put_project(project_id, changes, timeout_seconds=timeout_seconds)

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()

    def _count(self, result: Answer | DeliveryError) -> None:
        fate = fate_of(result)
        self.delivered += fate is Fate.DELIVERED
        if isinstance(result, DeliveryError):
            self._remember(fate, result)

    def _remember(self, fate: Fate, error: DeliveryError) -> None:
        if fate is Fate.DROP:
            self.refused += 1
            self.refusal = error
        elif fate is not Fate.SHRINK:
            self.failure = error

    def _say(self) -> None:
        now = self._clock()
        if now - self._said_at >= _BETWEEN_LINES_SECONDS:
            self._said_at = now
            print(f"{self.delivered + self.refused} of {self._total} reports …", flush=True)
