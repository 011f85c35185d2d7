"""What a child says to the process that started it: one JSON object in a line."""

import json
import os
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def say(event: str, **values: object) -> None:
    """Say something, unbuffered: whoever ends by ``os._exit`` has said it too."""
    line = {"event": event, "at": time.monotonic(), **values}
    os.write(1, (json.dumps(line) + "\n").encode())


def adapter(name: str) -> Any:  # noqa: ANN401 - a module with the functions that adapters have
    """Return the adapter of an SDK, which imports it when it is initialised."""
    return import_module(f"adapters.{name}")


def stats(sdk: Any) -> dict[str, Any]:  # noqa: ANN401 - an adapter
    """Return what the SDK says it did, {} where it does not count."""
    counts = sdk.stats() if hasattr(sdk, "stats") else None
    return {} if counts is None else plain(counts)


def plain(counts: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping, a NamedTuple or an object with attributes
    """Return counts as JSON has them, whatever kind of object holds them."""
    if hasattr(counts, "_asdict"):
        counts = counts._asdict()
    elif hasattr(counts, "__attrs_attrs__"):
        counts = {field.name: getattr(counts, field.name) for field in counts.__attrs_attrs__}
    elif not isinstance(counts, Mapping):
        counts = vars(counts)
    return {str(name): plain(value) if isinstance(value, Mapping) else value for name, value in counts.items()}
