"""Tell a storage that can't be used now from an error of ours, and say so in the log: once, not with every request."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.dialects import DRIVER_ERRORS, is_unavailable

log = logging.getLogger(__name__)


@contextmanager
def failures() -> Iterator[None]:
    """Raise StoreUnavailableError for what the database says when it can't be used now."""
    try:
        yield
    except (DBAPIError, *DRIVER_ERRORS) as error:
        if is_unavailable(error):
            raise StoreUnavailableError(f"The storage cannot be used now: {_said(error)}") from error
        raise
    except NoConnectionLeftError as error:
        raise StoreUnavailableError("The storage cannot be used now: every connection to it is busy") from error


class Availability:
    """Whether one kind of use works at present: ``use`` says which, as in "written"."""

    def __init__(self, use: str) -> None:
        self._use = use
        self._failing_since: float | None = None
        self._failed_at = 0.0

    def failed_within(self, seconds: float) -> bool:
        """Whether it did not work the last time, so short ago."""
        return self._failing_since is not None and monotonic() - self._failed_at < seconds

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Do as ``failures`` does, and log when it begins and when it is over."""
        try:
            with failures():
                yield
        except StoreUnavailableError as error:
            self._failed(error)
            raise
        self._worked()

    def _failed(self, error: StoreUnavailableError) -> None:
        self._failed_at = monotonic()
        if self._failing_since is None:
            self._failing_since = self._failed_at
            log.error("The storage cannot be %s: %s", self._use, _said(error.__cause__ or error))

    def _worked(self) -> None:
        if self._failing_since is not None:
            seconds = round(monotonic() - self._failing_since, 1)
            self._failing_since = None
            log.warning("The storage can be %s again", self._use, extra={"seconds": seconds})


def _said(error: BaseException) -> str:
    """Return the first line of what the driver said."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).partition("\n")[0]
