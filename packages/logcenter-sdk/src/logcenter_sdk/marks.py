"""Which exceptions are errors, and which of them were reported already."""

import builtins
from typing import Any, Final

_MARK: Final = "__logcenter_event_id__"
"""Where an exception remembers that it was reported: in itself, so that nothing keeps it and its frames alive, and so
that the mark goes with it into another process."""
_ATTRIBUTES: Final[Any] = BaseException.__dict__["__dict__"]
_NO_ERRORS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)
_CANCELLED: Final = frozenset(
    {("asyncio.exceptions", "CancelledError"), ("concurrent.futures._base", "CancelledError")}
)
"""Told by name, because importing asyncio to ask takes longer than all the rest of this package."""


def is_error(error: BaseException) -> bool:
    """Return whether an exception is one that somebody should look at: not Ctrl-C, an exit or a cancelled task.

    A group is, when any of its leaves is.
    """
    kind = type(error)
    if issubclass(kind, _NO_ERRORS):
        return False
    if issubclass(kind, builtins.BaseExceptionGroup):
        leaves: tuple[BaseException, ...] = BaseExceptionGroup.exceptions.__get__(error)
        return any(map(is_error, leaves))
    return not any((cls.__module__, cls.__name__) in _CANCELLED for cls in kind.__mro__)


def mark(error: BaseException, event_id: str) -> str:
    """Mark an exception as reported by ``event_id``; return the id that it is known by, the first one it was given."""
    attributes = _ATTRIBUTES.__get__(error)  # not through the class, which may forbid it
    return str(attributes.setdefault(_MARK, event_id))
