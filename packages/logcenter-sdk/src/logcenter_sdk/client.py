"""What the application calls: capture, hand over, flush.

Nothing here raises; only ``flush``, ``close`` and ``register_project`` wait for the collector, for a bounded time.
attrs, cattrs and httpx come with the first report; a process that never fails pays for none of them.
"""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from logcenter_sdk.boundary import harmless, is_on, say, set_debug
from logcenter_sdk.marks import is_error, mark
from logcenter_sdk.release import Release, application_directory, release_of
from logcenter_sdk.worker import EXIT_SECONDS, Worker

if TYPE_CHECKING:
    from logcenter_sdk.capture import Circumstances
    from logcenter_sdk.config import Config
    from logcenter_sdk.contract.report import Report
    from logcenter_sdk.transports.base import Transport


class Settings(NamedTuple):
    """What a client is configured with, as it was given: it is read when the first report needs it."""

    env: Mapping[str, str]
    release: Release
    overrides: Mapping[str, Any]


def present_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - one type per field of Config
    """Return the settings of this process; what is None is left to the environment."""
    env = dict(os.environ)
    given = {name: value for name, value in overrides.items() if value is not None}
    return Settings(env, release_of(env, application_directory()), given)


class Client:
    """Reports to one collector, for one project."""

    def __init__(self, settings: Settings, worker: Worker, transport: "Transport | None" = None) -> None:
        self.settings = settings
        self._worker = worker
        self._config: Config | None = None
        self._fault: Exception | None = None
        self._given = transport
        self.forget_connections()

    def forget_connections(self) -> None:
        """Begin anew in a child process: connections and locks are the parent's."""
        self._building = threading.RLock()
        self._transport = self._given

    def config(self) -> "Config":
        """Return the configuration. Raises ConfigError where it cannot work."""
        with self._building:
            if self._fault is not None:
                raise self._fault
            if self._config is None:
                self._config = self._read_config()
            return self._config

    def _read_config(self) -> "Config":
        from logcenter_sdk.config import Config, ConfigError  # noqa: PLC0415 - brings attrs

        try:
            config = Config.from_env(self.settings.env, release=self.settings.release, **self.settings.overrides)
            say(f"reporting {config.project} ({config.environment}) to {config.url}")
        except (ConfigError, TypeError) as error:
            say(f"not reporting: {error}")
            self._fault = ConfigError(str(error))
            raise self._fault from None
        return config

    def transport(self) -> "Transport":
        """Return the way to the collector. Raises ConfigError."""
        config = self.config()
        with self._building:
            if self._transport is None:
                self._transport = http_transport(config)
            return self._transport

    def exception(self, error: BaseException, level: str, context: object) -> str | None:
        """Report an exception once, however often it is seen.

        Returns the id of its event, None where nothing is reported. Raises ConfigError.
        """
        self.config()
        event_id = str(uuid4())
        known = mark(error, event_id)
        if known != event_id:
            say(f"{type(error).__name__} is reported already, as {known}")
            return known
        return self._hand_over(_exception_report(self, error, _circumstances(event_id, level, context)), event_id)

    def message(self, text: object, caller: FrameType, level: str, context: object) -> str | None:
        """Report a message from the place of ``caller``. Raises ConfigError."""
        from logcenter_sdk.capture import report_of_message  # noqa: PLC0415 - brings attrs
        from logcenter_sdk.location import present_layout  # noqa: PLC0415 - only reports need it

        config = self.config()
        when = _circumstances(str(uuid4()), level, context)
        report = report_of_message(text, caller, config, present_layout(config.app_roots), when)
        return self._hand_over(lambda: report, when.event_id)

    def _hand_over(self, make: "Callable[[], Report]", event_id: str) -> str | None:
        from logcenter_sdk.delivery import deliver  # noqa: PLC0415 - brings attrs

        accepted = self._worker.submit(lambda worker: deliver(make, self.transport, worker))
        return event_id if accepted else None

    def flush(self, seconds: float) -> bool:
        """Wait until what was captured so far is delivered or given up; False when the time is over before."""
        return self._worker.flush(seconds)

    def close(self, seconds: float) -> bool:
        """Flush, then give the connections back, also that of a report which is still on its way."""
        flushed = self.flush(seconds)
        if self._transport is not None:
            self._transport.close()
        return flushed


def _circumstances(event_id: str, level: str, context: object) -> "Circumstances":
    from logcenter_sdk.capture import Circumstances  # noqa: PLC0415 - brings attrs

    return Circumstances(datetime.now(UTC), event_id, level, context)


def _exception_report(client: Client, error: BaseException, when: "Circumstances") -> "Callable[[], Report]":
    """Return what makes the report: it is made now, but where the stack leaves no room, by the worker."""
    from logcenter_sdk.capture import report_of_exception  # noqa: PLC0415 - brings attrs
    from logcenter_sdk.location import present_layout  # noqa: PLC0415 - only reports need it

    config = client.config()
    layout = present_layout(config.app_roots)
    try:
        report = report_of_exception(error, config, layout, when)
    except RecursionError:
        return lambda: report_of_exception(error, config, layout, when)
    return lambda: report


def http_transport(config: "Config") -> "Transport":
    """Return the transport that a configuration describes."""
    from logcenter_sdk.transports.http import HttpTransport  # noqa: PLC0415 - brings attrs

    return HttpTransport(
        config.url,
        key=config.key,
        token=config.token,
        timeout_seconds=config.timeout_seconds,
        proxy=config.proxy,
    )


def _import_transport() -> None:
    from logcenter_sdk.transports.http import import_ahead  # noqa: PLC0415 - brings attrs

    import_ahead()


WORKER: Final = Worker(_import_transport)


class _Present:
    """The process's client; None until ``install_hook`` and after ``close``."""

    client: Client | None = None


def _after_fork() -> None:
    if _Present.client is not None:
        _Present.client.forget_connections()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def present_client() -> Client | None:
    """Return the process's client."""
    return _Present.client


def configure(settings: Settings, transport: "Transport | None" = None) -> Client:
    """Make a client of these settings the process's; the one that was there stays if its settings are the same."""
    client = _Present.client
    if client is None or client.settings != settings or transport is not None:
        client = _Present.client = Client(settings, WORKER, transport)
    return client


def report(error: BaseException | None, *, level: str = "ERROR", context: object = None) -> str | None:
    """Report an exception to the process's client, if there is one and its configuration works. May raise bugs."""
    client = _Present.client
    # Asked before anything is imported: code that an import executes makes Python forget that it ends by Ctrl-C.
    if client is None or not isinstance(error, BaseException) or not is_error(error):
        return None
    return _unless_misconfigured(lambda: client.exception(error, level, context))


def _unless_misconfigured(function: Callable[[], str | None]) -> str | None:
    from logcenter_sdk.config import ConfigError  # noqa: PLC0415 - brings attrs

    try:
        return function()
    except ConfigError:
        return None  # said when it was found


@harmless(None)
def capture_exception(
    exc: BaseException | None = None, *, context: Mapping[str, Any] | None = None, level: str = "ERROR"
) -> str | None:
    """Report an exception; without one, that which is being handled. The same exception is reported once.

    ``context`` is free JSON that helps whoever fixes it; what JSON has not is sent as text. Returns the report's event
    id, None where nothing is reported (no ``install_hook``, no exception, Ctrl-C and the like). Never raises.
    """
    return report(sys.exc_info()[1] if exc is None else exc, level=level, context=context)


@harmless(None)
def capture_message(message: str, *, level: str = "WARNING", context: Mapping[str, Any] | None = None) -> str | None:
    """Report something that is no exception; all messages of one line of code are one issue.

    ``level`` is ERROR, WARNING or CRITICAL. Returns the report's event id, None where nothing is
    reported. Never raises.
    """
    client = _Present.client
    caller = sys._getframe(2)  # noqa: SLF001 - past this function and its guard; inspect costs 10 ms to import
    if client is None:
        return None
    return _unless_misconfigured(lambda: client.message(message, caller, level, context))


@harmless(default=False)
def flush(timeout: float = EXIT_SECONDS) -> bool:
    """Wait at most ``timeout`` seconds until everything captured so far is delivered or given up.

    Returns whether that was so in time. Never raises.
    """
    client = _Present.client
    return True if client is None else client.flush(timeout)


@harmless(default=False)
def close(timeout: float = EXIT_SECONDS) -> bool:
    """Flush and stop reporting, until the next ``install_hook``. Returns what ``flush`` does. Never raises."""
    client, _Present.client = _Present.client, None
    return True if client is None else client.close(timeout)


@harmless(default=False)
def register_project(
    *,
    name: str | None = None,
    repo_url: str | None = None,
    local_path: str | None = None,
    description: str | None = None,
) -> bool:
    """Tell the collector about the project; what is None stays as it is.

    The project and the collector are those of ``install_hook``, without it those of the environment. ``local_path`` is
    absolute. Waits for the answer, at most the configured timeout, and returns whether the collector agreed. Never
    raises.
    """
    from logcenter_sdk.delivery import put_project  # noqa: PLC0415 - brings attrs

    fields = {"name": name, "repo_url": repo_url, "local_path": local_path, "description": description}
    changes = {field: value for field, value in fields.items() if value is not None}
    present = _Present.client
    if present is not None:
        return put_project(present, changes)
    passing = _client_of_environment()
    try:
        return put_project(passing, changes)
    finally:
        passing.close(0)


def _client_of_environment() -> Client:
    settings = present_settings()
    set_debug(is_on(settings.env.get("LOG_CENTER_DEBUG")))
    return Client(settings, WORKER)
