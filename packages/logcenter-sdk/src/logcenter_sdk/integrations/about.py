"""What integrations tell about a request, a task or a job: read so that it costs no query and cannot fail.

The objects are a framework's or the application's: a property may run a query, raise, or exit. So each value is read on
its own, after the error; one that cannot be read is left out, and the report goes its way without it.
"""

from collections.abc import Callable
from inspect import getattr_static
from types import MemberDescriptorType
from typing import Any, Final
from uuid import UUID

_IDENTIFIERS: Final = ("id", "user_id", "pk")


def about(**readers: Callable[[], object]) -> dict[str, Any]:
    """Return what the readers return, without what is None and what could not be read."""
    found = {}
    for name, read in readers.items():
        try:
            value = read()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001, S112 - the application's code may raise anything; see above
            continue
        if value is not None:
            found[name] = value
    return found


def stored(owner: object, name: str) -> object:
    """Return what an object has stored under a name, without running a property or ``__getattr__``; else None."""
    if type(owner) is dict:
        return owner.get(name)
    value = getattr_static(owner, name, None)
    return value.__get__(owner) if isinstance(value, MemberDescriptorType) else value


def identifier(user: object, *names: str) -> str | int | None:
    """Return a user's id, if the user object is loaded and has it in memory."""
    for name in (*names, *_IDENTIFIERS):
        value = stored(user, name)
        if isinstance(value, str | int | UUID):
            return str(value) if isinstance(value, UUID) else value
    return None


def qualified_name(view: Any) -> str | None:  # noqa: ANN401 - a function, a class, what wraps one, or an instance
    """Return the full name of what handles a request."""
    if view is None:
        return None
    # as_view() makes a function that remembers its class; Django REST framework calls that one ``cls``.
    named = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    named = getattr(named, "func", named)  # a functools.partial
    named = named if hasattr(named, "__qualname__") else type(named)
    return f"{named.__module__}.{named.__qualname__}"
