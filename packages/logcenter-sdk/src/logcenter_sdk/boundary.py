"""The line that no error of the SDK crosses, and the one voice in which it says what it did.

Nothing of the SDK raises into the application. In its own tests it does, so that its bugs show: they set
``raise_bugs``. A real Ctrl-C always passes.
"""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D")

raise_bugs = False
"""Let the SDK's own errors through. For its tests only."""


class _Voice(threading.local):
    inside = False
    """Whether this thread is inside the SDK: what fails there is not reported, or it would never end."""


VOICE: Final = _Voice()
_DEBUG: Final = [False]


def is_on(value: str | None) -> bool:
    """Return whether a variable switches something on."""
    return (value or "").strip().lower() not in {"", "0", "false", "no", "off"}


def set_debug(on: bool) -> None:
    """Let the SDK say on stderr what it does, or be silent."""
    _DEBUG[0] = on


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


def harmless(default: D) -> Callable[[Callable[P, R]], Callable[P, R | D]]:
    """Decorate a function that the application or the interpreter calls: instead of raising it returns ``default``.

    Called again from inside itself (by an error in user code that it runs, by the garbage collector), it does nothing.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R | D]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | D:
            if VOICE.inside:
                return default
            VOICE.inside = True
            try:
                return function(*args, **kwargs)
            except Exception as error:
                if raise_bugs:
                    raise
                say(f"{function.__name__} failed: {_brief(error)}")
                return default
            finally:
                VOICE.inside = False

        return guarded

    return decorate


def _brief(error: Any) -> str:  # noqa: ANN401 - whatever was raised
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except Exception:  # noqa: BLE001 - the error may be the application's
        return "an error that cannot be printed"
