"""What the caller's thread must read of an exception, and nothing more: values in, values out.

A sighting keeps texts, code objects and numbers, never the exception or its frames, so nothing of the application
stays alive because it was reported. Source lines, relative paths, the printed trace and JSON are the worker's.

Attributes are read past the exception's class where that could have a say (``__cause__``, ``__notes__``): only
``str(error)`` is code of the application.
"""

from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, NamedTuple

from logcenter_sdk.location import Place, standing
from logcenter_sdk.plain import class_name, module_of, plain_text, qualified_name, weight_of
from logcenter_sdk.thrown_parts import attributes_of, cause_of, context_of, hides_context, members_of, traceback_of

Step = tuple[CodeType, int, int | None, object, dict[str, Any] | None]
"""One frame: its code, the instruction's offset in bytes, the line, what it has as its module's name, its locals.

A plain tuple: there are hundreds of them, and each NamedTuple would cost as much as all that is in it."""

InApplication = Callable[[str], bool]
"""Whether a code's file is the application's own."""
ReadLocals = Callable[[FrameType], dict[str, Any] | None]

MOST_STEPS: Final = 1_200
"""How many frames of one exception are kept: the outer and the inner half."""
LONGEST_CHAIN: Final = 50
"""How many exceptions of a chain and its groups are kept."""
_MOST_FRAMES: Final = 100_000
_DEEPEST_GROUP: Final = 100
_NOTES: Final = 20


class Thrown(NamedTuple):
    """One exception of a chain."""

    name: str
    """The class's own name."""
    title: str
    """The name as a traceback prints it: with its module, but for built-in classes and those of the main program."""
    message: str
    notes: tuple[str, ...]
    steps: list[Step]
    """Outermost first; the middle is left out of a deep stack."""
    left_out: int
    """How many frames are missing in the middle."""
    cause: "Thrown | None"
    context: "Thrown | None"
    leaves: "tuple[Thrown, ...] | None"
    """The exceptions of a group."""
    printed: tuple[str, ...] | None
    """The last lines of the traceback where they say more than class and message: those of a SyntaxError."""

    def weight(self) -> int:
        """Return how many characters its texts have, and those of all that belong to it; locals not counted."""
        weight = len(self.message)
        if self.notes:
            weight += sum(map(len, self.notes))
        if self.cause is not None:
            weight += self.cause.weight()
        if self.context is not None:
            weight += self.context.weight()
        return weight if self.leaves is None else weight + sum(leaf.weight() for leaf in self.leaves)


class Sighting(NamedTuple):
    """What the caller's thread saw."""

    what: Thrown | str
    """An exception, or the text of a message."""
    place: Place | None
    level: str
    context: Mapping[str, Any]
    stack: list[Step]
    """The frames that led to a message; an exception has its own."""

    def weight(self) -> int:
        """Return about how many characters it holds; locals not counted, whose reader counts them itself."""
        return (len(self.what) if isinstance(self.what, str) else self.what.weight()) + weight_of(self.context)


def place_of(error: BaseException, in_application: InApplication) -> Place | None:
    """Return where an exception is at: the contract's section 7, as ``location`` reads it.

    Of a group it is the first leaf that was raised in the application, else the first leaf.
    """
    if not issubclass(type(error), BaseExceptionGroup):
        return _place_of_one(error, in_application)[0]
    found = [_place_of_one(leaf, in_application) for leaf in leaves_of(error)]
    own = (place for place, is_own in found if is_own)
    return next(own, None) or next((place for place, _ in found if place is not None), None)


def _place_of_one(error: BaseException, in_application: InApplication) -> tuple[Place | None, bool]:
    place, is_own = _innermost(traceback_of(error), in_application)
    return place or _place_in_source(error), is_own


def leaves_of(error: BaseException) -> Iterator[BaseException]:
    """Yield the raised leaves of a group, first first; any other exception is its own leaf.

    A group whose first exception was put into it without being raised was raised itself: it is the place.
    """
    waiting, most = [error], _DEEPEST_GROUP
    while waiting and most:
        most -= 1
        each = waiting.pop()
        inner = members_of(each) if issubclass(type(each), BaseExceptionGroup) else ()
        if inner and traceback_of(inner[0]) is not None:
            waiting += reversed(inner)
        else:
            yield each


def _innermost(traceback: TracebackType | None, in_application: InApplication) -> tuple[Place | None, bool]:
    """Return the frame that stands for a traceback, and whether it is the application's."""
    steps: list[TracebackType] = []
    files: list[str] = []
    while traceback is not None:
        steps.append(traceback)
        files.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    if not steps:
        return None, False
    index, is_own = standing(files, in_application)
    frame = steps[index].tb_frame
    return Place(files[index], steps[index].tb_lineno, _module(frame)), is_own


def _place_in_source(error: BaseException) -> Place | None:
    """Return the place that a SyntaxError names when it was raised before any frame ran."""
    kind = type(error)
    if not issubclass(kind, SyntaxError):
        return None
    syntax: Any = error
    if type(syntax.filename) is not str:
        return None
    return Place(syntax.filename, syntax.lineno if type(syntax.lineno) is int else None)


def seen(error: BaseException, read_locals: ReadLocals | None = None) -> Thrown:
    """Return what there is to say about an exception, its causes, its contexts and its group."""
    return _seen(error, read_locals, {id(error)})


def _seen(error: BaseException, read_locals: ReadLocals | None, known: set[int]) -> Thrown:
    """Follow a chain; ``known`` are the exceptions of it that were seen, by their ids, so cycles end."""
    kind = type(error)
    steps, left_out = _steps(traceback_of(error), read_locals)
    origin, leaves = cause_of(error), None
    cause = None if origin is None else _next(origin, read_locals, known)  # it may be falsy
    before = None if cause is not None or hides_context(error) else context_of(error)
    if issubclass(kind, BaseExceptionGroup):
        found = (_next(leaf, read_locals, known) for leaf in members_of(error)[:LONGEST_CHAIN])
        leaves = tuple(leaf for leaf in found if leaf is not None)
    name = class_name(kind)
    return Thrown(
        name,
        _title(kind, name),
        plain_text(error),
        _notes(error),
        steps,
        left_out,
        cause,
        None if before is None else _next(before, read_locals, known),
        leaves,
        _printed(error) if issubclass(kind, SyntaxError) else None,
    )


def _next(error: BaseException, read_locals: ReadLocals | None, known: set[int]) -> Thrown | None:
    if id(error) in known or len(known) >= LONGEST_CHAIN:
        return None
    known.add(id(error))
    return _seen(error, read_locals, known)


def _steps(traceback: TracebackType | None, read_locals: ReadLocals | None) -> tuple[list[Step], int]:
    steps: list[Step] = []
    frames: list[FrameType] = []
    name_of = dict.get  # the one of a dictionary, whatever the globals are
    while traceback is not None and len(steps) < _MOST_FRAMES:
        frame = traceback.tb_frame
        module = name_of(frame.f_globals, "__name__")
        steps.append((frame.f_code, traceback.tb_lasti, traceback.tb_lineno, module, None))
        if read_locals is not None:
            frames.append(frame)
        traceback = traceback.tb_next
    if read_locals is not None:
        _add_locals(steps, frames, read_locals)
    if len(steps) <= MOST_STEPS:
        return steps, 0
    half = MOST_STEPS // 2
    return steps[:half] + steps[-half:], len(steps) - MOST_STEPS


def _add_locals(steps: list[Step], frames: list[FrameType], read_locals: ReadLocals) -> None:
    """Read the locals from the inside outwards: what is nearest to the error is read while there is time for it."""
    for index in range(len(frames) - 1, max(len(frames) - MOST_STEPS // 2, 0) - 1, -1):
        found = read_locals(frames[index])
        if found:
            steps[index] = (*steps[index][:4], found)


def steps_of_stack(frame: FrameType | None) -> list[Step]:
    """Return the frames that lead to ``frame``, outermost first; of a deep stack the inner ones."""
    steps: list[Step] = []
    while frame is not None and len(steps) < MOST_STEPS:
        steps.append((frame.f_code, frame.f_lasti, frame.f_lineno, _module(frame), None))
        frame = frame.f_back
    return steps[::-1]


def place_of_stack(frame: FrameType | None, in_application: InApplication) -> Place | None:
    """Return the frame that stands for a stack of running functions: the innermost of the application's."""
    first = frame
    while frame is not None and not in_application(frame.f_code.co_filename):
        frame = frame.f_back
    chosen = frame or first
    return None if chosen is None else Place(chosen.f_code.co_filename, chosen.f_lineno, _module(chosen))


def _module(frame: FrameType) -> str | None:
    name = dict.get(frame.f_globals, "__name__")
    return name if type(name) is str else None


def _title(kind: type, name: str) -> str:
    module, qualified = module_of(kind), qualified_name(kind)
    if not module:
        return name
    return qualified if module in {"__main__", "builtins"} else f"{module}.{qualified}"


def _notes(error: BaseException) -> tuple[str, ...]:
    notes: Any = attributes_of(error).get("__notes__")
    if type(notes) not in {list, tuple}:
        return ()
    return tuple(map(plain_text, notes[:_NOTES]))


def _printed(error: BaseException) -> tuple[str, ...] | None:
    """Return file, line and marker of a SyntaxError as Python prints them, None where its attributes resist."""
    from traceback import format_exception_only  # noqa: PLC0415 - only such an error pays for it

    try:
        return tuple(format_exception_only(error)[: -len(_notes(error)) or None])
    except Exception:  # noqa: BLE001 - its attributes are the application's
        return None
