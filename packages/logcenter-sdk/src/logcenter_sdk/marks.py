"""Which exceptions are errors, and which of them were reported already."""

import builtins
from typing import Any, Final

from logcenter_sdk.plain import bases_of, class_name, module_of

_MARK: Final = "__logcenter_event_id__"
"""Where an exception remembers that it was reported: in itself, so that nothing keeps it and its frames alive, and so
that the mark goes with it into another process."""
_ATTRIBUTES: Final[Any] = BaseException.__dict__["__dict__"]
_NO_ERRORS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)
_CANCELLED: Final = "CancelledError"
_CANCELLING: Final = frozenset({"asyncio.exceptions", "concurrent.futures._base"})
"""Told by name, because importing asyncio to ask takes longer than all the rest of this package."""


_MOST_KNOWN: Final = 1_000
_KNOWN: Final[dict[int, tuple[type, bool]]] = {}
"""By the class's id, because a metaclass may forbid hashing; the class beside it keeps the id its own."""


def is_error(error: BaseException) -> bool:
    """Return whether an exception is one that somebody should look at: not Ctrl-C, an exit or a cancelled task.

    A group is, when any of its leaves is.
    """
    kind = type(error)
    if issubclass(kind, builtins.BaseExceptionGroup):
        leaves: tuple[BaseException, ...] = BaseExceptionGroup.exceptions.__get__(error)
        return any(map(is_error, leaves))
    known = _KNOWN.get(id(kind))
    if known is None or known[0] is not kind:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[id(kind)] = kind, _is_error_class(kind)
    return known[1]


def _is_error_class(kind: type[BaseException]) -> bool:
    if issubclass(kind, _NO_ERRORS):
        return False
    for cls in bases_of(kind):
        if cls is Exception or cls is BaseException:
            break
        if class_name(cls) == _CANCELLED and module_of(cls) in _CANCELLING:
            return False
    return True


def known_as(error: BaseException) -> str | None:
    """Return the event that an exception was reported by, None where it was not."""
    found = _ATTRIBUTES.__get__(error).get(_MARK)
    return found if type(found) is str else None


def mark(error: BaseException, event_id: str) -> str:
    """Mark an exception as reported by ``event_id``; return the id that it is known by, the first one it was given."""
    attributes = _ATTRIBUTES.__get__(error)  # not through the class, which may forbid it
    return str(attributes.setdefault(_MARK, event_id))
