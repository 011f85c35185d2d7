"""What the application calls: capture, hand over, flush.

Nothing here raises; only ``flush``, ``close`` and ``register_project`` wait for the collector, for a bounded time.
A capture reads what must be read of an exception here and now, and a repeat of an error that waits already only counts.
Everything else, and every third-party import, is the worker's.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from logcenter_sdk import scope
from logcenter_sdk.boundary import diagnose, harmless, say, set_debug
from logcenter_sdk.counts import Counts, Stats
from logcenter_sdk.event_ids import next_event_id
from logcenter_sdk.fold import Waiting
from logcenter_sdk.leftovers import has_leftovers
from logcenter_sdk.locals_reader import LocalsReader
from logcenter_sdk.location import Place, is_application, layout_of
from logcenter_sdk.marks import is_error, known_as, mark
from logcenter_sdk.outbox import Outbox
from logcenter_sdk.plain import bases_of, class_name, module_of, plain_mapping, plain_text, qualified_name
from logcenter_sdk.settings import Settings, present_settings
from logcenter_sdk.sighting import Sighting, place_of, place_of_stack, seen, steps_of_stack
from logcenter_sdk.worker import EXIT_SECONDS, Worker

if TYPE_CHECKING:
    from logcenter_sdk.config import Config
    from logcenter_sdk.transports.base import Transport

_MOST_FILES: Final = 10_000


class Client:
    """Reports to one collector, for one project."""

    def __init__(self, settings: Settings, transport: "Transport | None" = None) -> None:
        self.settings = settings
        self.transport = transport
        self._config: Config | None = None
        self._fault: Exception | None = None
        self.outbox = Outbox(self.config, settings.env, transport)
        self._worker = Worker(self.outbox)
        self._is_own = _OwnFiles(settings.overrides.get("app_roots") or ())
        self._ignored = _Ignored(settings.overrides.get("ignore") or ())
        self._sample_rate = settings.overrides.get("sample_rate", 1.0)
        self._reads_locals = settings.switch("capture_locals", default=False)

    def config(self) -> "Config":
        """Return the configuration. Raises ConfigError where it cannot work, and says so once."""
        # Without a lock, which a fork could leave taken for ever: at worst two threads read and say the same.
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
        except (ConfigError, TypeError, AttributeError) as error:  # the last of what is no text at all
            diagnose(f"not reporting: {error}")
            self._fault = ConfigError(str(error))
            raise self._fault from None
        return config

    def exception(
        self, error: BaseException, level: object, context: object, *, reads_locals: bool = True
    ) -> str | None:
        """Report an exception once, however often it is seen.

        Returns the id of its event, None where nothing is reported.
        """
        known = known_as(error)
        if known is not None:
            return known
        counts = self.outbox.counts
        counts.add("captured")
        try:
            event_id, became = self._take_in(error, level, context, reads_locals=reads_locals)
        except BaseException:
            counts.add("failed")
            raise
        if became:
            counts.add(became)
        if event_id is None:
            return None
        known = mark(error, event_id)
        if not became:
            self._wake()
        return known

    def _take_in(
        self, error: BaseException, level: object, context: object, *, reads_locals: bool
    ) -> tuple[str | None, str]:
        """Let an exception wait; return its event, and what to count it as beside captured."""
        kind = type(error)
        if self._ignored.names(kind):
            return None, "ignored"
        if self._sample_rate < 1.0 and not _in_sample(self._sample_rate):
            return None, "sampled"
        place = place_of(error, self._is_own.__getitem__)
        level = _level(level)
        key = (class_name(kind), place and place[:2], level)
        now = time.time()
        event_id = self.outbox.fold.repeat(key, now)
        if event_id is not None:
            return event_id, "folded"
        read_locals = LocalsReader(self._is_own.__getitem__) if reads_locals and self._reads_locals else None
        sighting = _sighting(error, place, level, context, read_locals)
        return self._put(key, now, sighting, 0 if read_locals is None else read_locals.characters)

    def message(self, text: object, caller: FrameType, level: object, context: object) -> str | None:
        """Report a message from the place of ``caller``."""
        counts = self.outbox.counts
        counts.add("captured")
        try:
            event_id, became = self._take_in_message(text, caller, level, context)
        except BaseException:
            counts.add("failed")
            raise
        if became:
            counts.add(became)
        else:
            self._wake()
        return event_id

    def _take_in_message(
        self, text: object, caller: FrameType, level: object, context: object
    ) -> tuple[str | None, str]:
        place = place_of_stack(caller, self._is_own.__getitem__)
        level = _level(level)
        key = (None, place and place[:2], level)
        now = time.time()
        event_id = self.outbox.fold.repeat(key, now)
        if event_id is not None:
            return event_id, "folded"
        return self._put(key, now, Sighting(plain_text(text), place, level, _context(context), steps_of_stack(caller)))

    def _put(
        self, key: tuple[object, ...], now: float, sighting: "Sighting | Callable[[], Sighting]", more_weight: int = 0
    ) -> tuple[str | None, str]:
        weight = sighting.weight() if isinstance(sighting, Sighting) else 0
        waiting = Waiting(key, next_event_id(), sighting, now, weight + more_weight)
        return (waiting.event_id, "") if self.outbox.fold.add(waiting) else (None, "buffer_full")

    def _wake(self) -> None:
        try:
            self._worker.wake()
        except RecursionError:
            return  # the worker comes with the next report, or at the end of the process

    def deliver_leftovers(self) -> None:
        """Have delivered what an earlier process left on disk; where it left nothing, nothing is started."""
        if has_leftovers(self.settings):
            self.outbox.expect_leftovers()
            self._wake()

    def flush(self, seconds: float) -> bool:
        """Wait until what was captured so far is delivered or given up; False when the time is over before."""
        return self._worker.flush(seconds)

    def close(self, seconds: float) -> bool:
        """Flush, then give thread and connections back."""
        flushed = self.flush(seconds)
        self._worker.close()
        self.outbox.close()
        return flushed


class _OwnFiles(dict[str, bool]):
    """Which code files are the application's own: looked up in a dictionary, found out once."""

    def __init__(self, app_roots: Iterable[str]) -> None:
        super().__init__()
        self._layout = layout_of(tuple(app_roots), (), "")

    def __missing__(self, file: str) -> bool:
        if len(self) >= _MOST_FILES:
            self.clear()
        own = self[file] = is_application(file, self._layout)
        return own


class _Ignored:
    """Exceptions that are not to be reported: classes, or names of classes with or without their module."""

    def __init__(self, ignored: Iterable[object]) -> None:
        given = (ignored,) if isinstance(ignored, str | type) else tuple(ignored)
        self._classes = tuple(each for each in given if isinstance(each, type))
        self._names = frozenset(each for each in given if isinstance(each, str))

    def names(self, kind: type[BaseException]) -> bool:
        """Return whether a class or one of its bases is among them."""
        if not self._classes and not self._names:
            return False
        return issubclass(kind, self._classes) or any(
            class_name(cls) in self._names or f"{module_of(cls)}.{qualified_name(cls)}" in self._names
            for cls in bases_of(kind)
        )


def _sighting(
    error: BaseException,
    place: Place | None,
    level: str,
    context: object,
    read_locals: Any,  # noqa: ANN401
) -> "Sighting | Callable[[], Sighting]":
    """Return what is seen of an exception; where the stack leaves no room to look, what the worker looks with."""
    plain = _context(context, error)
    try:
        return Sighting(seen(error, read_locals), place, level, plain, [])
    except RecursionError:
        return lambda: Sighting(seen(error), place, level, plain, [])


def _context(context: object, error: BaseException | None = None) -> Mapping[str, Any]:
    around, own = scope.present(error), plain_mapping(context)
    return {**plain_mapping(around), **own} if around else own


def _level(level: object) -> str:
    return (level if type(level) is str else plain_text(level)).upper()


def _in_sample(rate: float) -> bool:
    from random import SystemRandom  # noqa: PLC0415 - who takes no samples pays 3 ms less

    return SystemRandom().random() < rate  # not the application's own sequence, which may be seeded


class _Present:
    """The process's client; None until ``install_hook`` and after ``close``."""

    client: Client | None = None
    make: "Callable[[Settings, Transport | None], Client]" = Client
    """How clients are made; ``testing`` has its own way."""


def present_client() -> Client | None:
    """Return the process's client."""
    return _Present.client


def replace_present(
    client: Client | None, make: "Callable[[Settings, Transport | None], Client]"
) -> "tuple[Client | None, Callable[[Settings, Transport | None], Client]]":
    """Set the process's client and how the next ones are made; return what was there."""
    before = _Present.client, _Present.make
    _Present.client, _Present.make = client, make
    return before


def configure(settings: Settings, transport: "Transport | None" = None) -> Client:
    """Make a client of these settings the process's; the one that was there stays if its settings are the same."""
    client = _Present.client
    if client is None or client.settings != settings or transport is not None:
        client = _Present.client = _Present.make(settings, transport)
    return client


def report(
    error: BaseException | None, *, level: str = "ERROR", context: object = None, reads_locals: bool = True
) -> str | None:
    """Report an exception to the process's client, if there is one. May raise bugs.

    ``reads_locals=False`` is for captures inside the garbage collector, where no code of the application may run.
    """
    client = _Present.client
    if client is None or not isinstance(error, BaseException) or not is_error(error):
        return None
    return client.exception(error, level, context, reads_locals=reads_locals)


def overheard(error: object) -> None:
    """Count an error that came up inside the SDK, in the same thread: to report it as well might never end."""
    client = _Present.client
    if client is None or (isinstance(error, BaseException) and not (is_error(error) and known_as(error) is None)):
        return
    client.outbox.counts.add("captured")
    client.outbox.counts.add("nested")


def _overheard_exception(exc: BaseException | None = None, **_: object) -> None:
    error = sys.exc_info()[1] if exc is None else exc
    if isinstance(error, BaseException):
        overheard(error)


def _overheard_message(message: str, **_: object) -> None:
    overheard(message)


@harmless(None, _overheard_exception)
def capture_exception(
    exc: BaseException | None = None, *, context: Mapping[str, Any] | None = None, level: str = "ERROR"
) -> str | None:
    """Report an exception; without one, that which is being handled. The same exception is reported once.

    ``context`` is free JSON that helps whoever fixes it; what JSON has not is sent as text. Returns the report's event
    id (that of the report which it counts on, where the same error waits already), None where nothing is reported (no
    ``install_hook``, no exception, Ctrl-C and the like). Never raises.
    """
    return report(sys.exc_info()[1] if exc is None else exc, level=level, context=context)


@harmless(None, _overheard_message)
def capture_message(message: str, *, level: str = "WARNING", context: Mapping[str, Any] | None = None) -> str | None:
    """Report something that is no exception; all messages of one line of code are one issue.

    ``level`` is ERROR, WARNING or CRITICAL. Returns the report's event id, None where nothing is
    reported. Never raises.
    """
    client = _Present.client
    caller = sys._getframe(2)  # noqa: SLF001 - past this function and its guard; inspect costs 10 ms to import
    return None if client is None else client.message(message, caller, level, context)


@harmless(default=False)
def flush(timeout: float = EXIT_SECONDS) -> bool:
    """Wait at most ``timeout`` seconds until everything captured so far is delivered or given up.

    Returns whether that was so in time; what was not stays in memory or on disk, and is tried again. Never raises.
    """
    client = _Present.client
    return True if client is None else client.flush(timeout)


@harmless(default=False)
def close(timeout: float = EXIT_SECONDS) -> bool:
    """Flush and stop reporting, until the next ``install_hook``. Returns what ``flush`` does. Never raises."""
    client, _Present.client = _Present.client, None
    return True if client is None else client.close(timeout)


@harmless(default=Counts().read())
def stats() -> Stats:
    """Return what became of every error captured so far, to the unit. Never raises."""
    client = _Present.client
    return (Counts() if client is None else client.outbox.counts).read()


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
    from logcenter_sdk.registration import put_project  # noqa: PLC0415 - brings attrs

    fields = {"name": name, "repo_url": repo_url, "local_path": local_path, "description": description}
    changes = {field: value for field, value in fields.items() if value is not None}
    present = _Present.client
    if present is None:
        settings = present_settings()
        set_debug(settings.switch("debug", default=False))
        present = _Present.make(settings, None)
    return put_project(present.config, changes, present.transport)
