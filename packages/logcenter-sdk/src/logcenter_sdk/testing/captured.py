"""What is reported while a test runs, kept in memory: nothing leaves the process, and nothing is left behind.

All the rest is as in production: the same folding, rendering, ``before_send`` and scrubbing, in the worker's thread.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from logcenter_sdk import hooks
from logcenter_sdk.boundary import is_debug, set_debug
from logcenter_sdk.client import Client, configure, replace_present
from logcenter_sdk.contract.report import Report
from logcenter_sdk.scope import nothing_known
from logcenter_sdk.settings import Settings, present_settings
from logcenter_sdk.transports.memory import MemoryTransport

if TYPE_CHECKING:
    from logcenter_sdk.transports.base import Transport

_PATIENCE_SECONDS: Final = 30.0
"""How long to wait for the worker, which has nothing to wait for itself."""
_PROJECT: Final = "test"


class CapturedReports:
    """The reports of a block, the oldest first."""

    def __init__(self) -> None:
        self._transport = MemoryTransport()
        self._clients: list[Client] = []

    def all(self) -> list[Report]:
        """Return every report so far, as the collector would have got it. Raises AssertionError where one is stuck."""
        if not all(client.flush(_PATIENCE_SECONDS) for client in self._clients):
            raise AssertionError(f"what was captured is not delivered after {_PATIENCE_SECONDS:g} s")
        return list(self._transport.reports)

    def only(self) -> Report:
        """Return the one report there is. Raises AssertionError where there is none, or another."""
        found = self.all()
        if len(found) != 1:
            raise AssertionError(f"expected one report, got {len(found)}: {[each.error.type for each in found]}")
        return found[0]

    def projects(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return what ``register_project`` said: project and changes."""
        return list(self._transport.projects)

    def clear(self) -> None:
        """Forget what was reported so far."""
        self.all()
        self._transport.reports.clear()
        self._transport.projects.clear()

    def client(self, settings: Settings, _transport: "Transport | None" = None) -> Client:
        """Make a client whose reports stay here."""
        project_id = settings.text("project_id") or _PROJECT
        overrides = {**settings.overrides, "project_id": project_id, "spool": False}
        self._clients.append(Client(settings._replace(overrides=overrides), self._transport))
        return self._clients[-1]

    def close(self) -> None:
        """End the threads."""
        for client in self._clients:
            client.close(_PATIENCE_SECONDS)


@contextmanager
def captured_reports(**settings: Any) -> Iterator[CapturedReports]:  # noqa: ANN401 - one type for each
    """Keep what the block reports, instead of sending it.

    ``settings`` are those of ``install_hook``. Code inside the block may call that as well: its settings hold then, the
    reports stay in memory all the same, and the hooks are taken out at the end. A test of hooks calls it itself.
    """
    reports = CapturedReports()
    debug, hooks_before = is_debug(), hooks.state()
    before = replace_present(None, reports.client)
    try:
        with nothing_known():
            configure(present_settings(**settings))
            yield reports
    finally:
        replace_present(*before)
        hooks.restore(hooks_before)
        reports.close()
        set_debug(debug)
