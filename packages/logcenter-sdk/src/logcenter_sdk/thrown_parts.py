"""What every exception has, read past its class, which may forbid it or run code of its own.

Each is the interpreter's own reader of a part, bound once: to call it costs no more than to read an attribute.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

attributes_of: Final[Callable[[BaseException], dict[str, Any]]] = BaseException.__dict__["__dict__"].__get__
cause_of: Final[Callable[[BaseException], BaseException | None]] = BaseException.__dict__["__cause__"].__get__
context_of: Final[Callable[[BaseException], BaseException | None]] = BaseException.__dict__["__context__"].__get__
hides_context: Final[Callable[[BaseException], bool]] = BaseException.__dict__["__suppress_context__"].__get__
traceback_of: Final[Callable[[BaseException], TracebackType | None]] = BaseException.__dict__["__traceback__"].__get__
members_of: Final[Callable[[BaseException], tuple[BaseException, ...]]] = BaseExceptionGroup.__dict__[
    "exceptions"
].__get__
"""Of a group only."""
