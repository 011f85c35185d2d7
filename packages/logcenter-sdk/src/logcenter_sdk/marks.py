"""Which exceptions are errors, and which of them were reported already."""

from typing import Final

from logcenter_sdk.plain import bases_of, class_name, module_of
from logcenter_sdk.thrown_parts import attributes_of, members_of

_MARK: Final = "__logcenter_event_id__"
"""Where an exception remembers that it was reported: in itself, so that nothing keeps it and its frames alive, and so
that the mark goes with it into another process."""
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
    return _is_error_group(error) if issubclass(kind, BaseExceptionGroup) else _is_error_kind(kind)


def _is_error_group(group: BaseException) -> bool:
    waiting, known = [group], {id(group)}  # groups may stand in groups beyond the end of the stack, and in several
    while waiting:
        each = waiting.pop()
        if not issubclass(type(each), BaseExceptionGroup):
            if _is_error_kind(type(each)):
                return True
            continue
        new = [member for member in members_of(each) if id(member) not in known]
        known.update(map(id, new))
        waiting += new
    return False


def _is_error_kind(kind: type[BaseException]) -> bool:
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
    found = attributes_of(error).get(_MARK)
    return found if type(found) is str else None


def mark(error: BaseException, event_id: str) -> str:
    """Mark an exception as reported by ``event_id``; return the id that it is known by, the first one it was given."""
    return str(attributes_of(error).setdefault(_MARK, event_id))
