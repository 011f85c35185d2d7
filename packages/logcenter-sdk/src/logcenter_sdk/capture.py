"""Exception → Report. Pure: values in, values out; the clock and the id are passed in."""

import traceback
from datetime import datetime
from types import FrameType
from typing import Any, Final, NamedTuple

from logcenter_sdk.config import Config
from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.limits import MESSAGE_BYTES, STACK_LINE_BYTES, cut_bytes, cut_lines
from logcenter_sdk.contract.report import Level, Report, ReportedError, Sdk
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.location import Layout, Spot, locate, location_of
from logcenter_sdk.plain import class_name, plain_context, plain_text
from logcenter_sdk.version import VERSION

MESSAGE_TYPE: Final = "Message"
"""``error.type`` of what was no exception."""
SDK: Final = Sdk(name="logcenter-sdk", version=VERSION)

_MOST_FRAMES: Final = 500
_LONGEST_CHAIN: Final = 50
_LONGEST_TRACE: Final = 128 * 1024
_LEVELS: Final = {"WARN": Level.WARNING, "FATAL": Level.CRITICAL, **Level.__members__}


class Circumstances(NamedTuple):
    """What a report says beside its error."""

    at: datetime
    event_id: str
    level: str = "ERROR"
    context: object = None


def report_of_exception(error: BaseException, config: Config, layout: Layout, when: Circumstances) -> Report:
    """Return the report of an exception. Raises ConfigError where no project is configured."""
    file_path, line_number = location_of(error, layout)
    return _report(
        ReportedError(
            type=class_name(type(error)),
            message=message_of(error),
            stack_trace=trace_of(error),
            file_path=file_path and storable_text(file_path),
            line_number=line_number,
        ),
        config,
        when,
    )


def report_of_message(
    text: object, caller: FrameType | None, config: Config, layout: Layout, when: Circumstances
) -> Report:
    """Return the report of a message: its place is the innermost application frame of ``caller``'s stack."""
    stack = traceback.StackSummary.extract(traceback.walk_stack(caller), limit=_MOST_FRAMES) if caller else []
    frames = list(reversed(stack))
    file_path, line_number = locate([Spot(frame.filename, frame.lineno) for frame in frames], layout)
    return _report(
        ReportedError(
            type=MESSAGE_TYPE,
            message=cut_bytes(plain_text(text), MESSAGE_BYTES),
            stack_trace=_lines("".join(traceback.format_list(frames))),
            file_path=file_path and storable_text(file_path),
            line_number=line_number,
        ),
        config,
        when,
    )


def message_of(error: BaseException) -> str:
    """Return what the exception says, even when its ``__str__`` raises."""
    return cut_bytes(plain_text(error), MESSAGE_BYTES)


def trace_of(error: BaseException) -> tuple[str, ...]:
    """Return the traceback as Python prints it, with causes, contexts, notes and groups, in the contract's limits."""
    try:
        if _chain_length(error) > _LONGEST_CHAIN:
            return _bare_trace(error, "… [a chain of more than 50 exceptions was cut here]")
        limit = None if _depth(error) <= _MOST_FRAMES * 2 else -_MOST_FRAMES
        printed = traceback.TracebackException(type(error), error, error.__traceback__, limit=limit, compact=True)
        return _lines("".join(printed.format()))
    except RecursionError:
        raise
    except Exception:  # noqa: BLE001 - attributes of hostile exceptions (notes, SyntaxError's) may raise anything
        return _bare_trace(error)


def level_of(level: object) -> str:
    """Return the contract's level that is meant; what is unknown is a warning."""
    return _LEVELS.get(plain_text(level).upper(), Level.WARNING).value


def _report(error: ReportedError, config: Config, when: Circumstances) -> Report:
    return Report(
        project_id=config.project,
        environment=storable_text(config.environment),
        level=level_of(when.level),
        error=error,
        timestamp=format_instant(when.at),
        version=config.version,
        commit_hash=config.commit_hash,
        repo_url=config.repo_url,
        context=plain_context(when.context),
        event_id=when.event_id,
        sdk=SDK,
    )


def _bare_trace(error: BaseException, *marks: str) -> tuple[str, ...]:
    """Return the traceback of this one exception, from nothing that its class could have a say in."""
    stack = traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES)
    head = ["Traceback (most recent call last):\n", *traceback.format_list(stack)] if stack else []
    return (*marks, *_lines("".join([*head, f"{class_name(type(error))}: {message_of(error)}"])))


def _lines(text: str) -> tuple[str, ...]:
    lines = text.removesuffix("\n").split("\n")
    cut = cut_lines([storable_text(line[: 2 * STACK_LINE_BYTES]) for line in lines])
    if sum(map(len, cut)) <= _LONGEST_TRACE:
        return cut
    # A report over the collector's limit would be refused as a whole: better short lines than no error.
    return tuple(cut_bytes(line, _LONGEST_TRACE // len(cut)) for line in cut)


def _chain_length(error: BaseException) -> int:
    """Return how many exceptions would be printed, counted no further than is needed to say "too many"."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting and len(seen) <= _LONGEST_CHAIN:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        waiting += [each.__cause__ or (None if each.__suppress_context__ else each.__context__)]
        waiting += getattr(each, "exceptions", ()) if isinstance(each, BaseExceptionGroup) else ()
    return len(seen)


def _depth(error: BaseException) -> int:
    depth, step = 0, error.__traceback__
    while step is not None and depth <= _MOST_FRAMES * 2:
        depth, step = depth + 1, step.tb_next
    return depth
