"""honeybadger, which sends each error in a thread of its own."""

import threading
import time
from typing import Any

_SETTINGS: dict[str, Any] = {}


def init(url: str, *, capture_locals: bool = False) -> None:
    """Configure it. Without data it reports only from production, so that is the environment."""
    from honeybadger import honeybadger

    _SETTINGS.update(api_key="key", endpoint=url, environment="production", report_local_variables=capture_locals)
    honeybadger.configure(**_SETTINGS)


def capture(error: Exception) -> None:
    """Report an error."""
    from honeybadger import honeybadger

    honeybadger.notify(error)


def flush(seconds: float) -> None:
    """Wait for its threads, as it has no way to do so itself."""
    until = time.monotonic() + seconds
    for thread in threading.enumerate():
        if "send_request" in thread.name:
            thread.join(max(until - time.monotonic(), 0))


def close() -> None:
    """Do nothing: it has no end."""
