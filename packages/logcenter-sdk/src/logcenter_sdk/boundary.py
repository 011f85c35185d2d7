"""The line that no error of the SDK crosses, and the one voice in which it says what it did.

Nothing of the SDK raises into the application. In its own tests it does, so that its bugs show: they set
``raise_bugs``. A real Ctrl-C always passes.
"""

import functools
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D")

raise_bugs = False
"""Let the SDK's own errors through. For its tests only."""


INSIDE: Final[ContextVar[bool]] = ContextVar("logcenter_inside", default=False)
"""Whether this thread or greenlet is inside the SDK: what fails there is not reported, or it would never end."""
LOGGER: Final = "logcenter_sdk"
"""The name under which the SDK speaks in the application's log."""


def is_on(value: str | None) -> bool:
    """Return whether a variable switches something on."""
    return (value or "").strip().lower() not in {"", "0", "false", "no", "off"}


_DEBUG: Final = [is_on(os.environ.get("LOG_CENTER_DEBUG"))]
"""By the variable from the start: a wrong argument keeps ``install_hook`` from ever reading it."""


def set_debug(on: bool) -> None:
    """Let the SDK say on stderr what it does, or be silent."""
    _DEBUG[0] = on


def is_debug() -> bool:
    """Return whether it says what it does."""
    return _DEBUG[0]


def say(text: str) -> None:
    """Write one line to stderr in debug mode."""
    if not _DEBUG[0] or sys.stderr is None:
        return
    line = " ".join(text.splitlines())
    try:
        sys.stderr.write(f"logcenter: {line}\n")
        sys.stderr.flush()
    except Exception:  # noqa: BLE001, S110 - a closed or strange stderr is not the application's problem
        pass


def diagnose(text: str) -> None:
    """Tell whoever runs the application one line: in its log, if it has one, in debug mode on stderr.

    Without a configured log nothing is printed: ``logging`` itself would write to stderr then.
    """
    if _DEBUG[0]:
        say(text)
        return
    logging = sys.modules.get("logging")
    try:
        if logging is not None and logging.getLogger(LOGGER).hasHandlers():
            logging.getLogger(LOGGER).warning("%s", text)
    except Exception:  # noqa: BLE001, S110 - a handler of the application
        pass


def harmless(default: D, nested: Callable[..., None] | None = None) -> Callable[[Callable[P, R]], Callable[P, R | D]]:
    """Decorate a function that the application or the interpreter calls: instead of raising it returns ``default``.

    Called again from inside the SDK (by user code that it runs, a signal's handler, the garbage collector) it does
    nothing but ``nested``, with the same arguments.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R | D]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | D:
            is_ours = False
            try:
                if INSIDE.get():
                    if nested is not None:
                        with suppress(Exception):
                            nested(*args, **kwargs)
                    return default
                is_ours = True
                INSIDE.set(True)
                return function(*args, **kwargs)
            except RecursionError:  # the stack leaves no room to say anything
                return default
            except Exception as error:
                if raise_bugs:
                    raise
                say(f"{function.__name__} failed: {_brief(error)}")
                return default
            finally:
                if is_ours:
                    INSIDE.set(False)

        return guarded

    return decorate


def _brief(error: Any) -> str:  # noqa: ANN401 - whatever was raised
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except Exception:  # noqa: BLE001 - the error may be the application's
        return "an error that cannot be printed"
