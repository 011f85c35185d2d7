"""Sighting → Report. Pure: values in, values out; source lines come through ``Sources``. The worker's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from attrs import evolve

from logcenter_sdk.config import Config
from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.limits import (
    FRAMES,
    MESSAGE_BYTES,
    STACK_LINE_BYTES,
    cut_bytes,
    cut_context,
    cut_lines,
)
from logcenter_sdk.contract.report import Frame, Level, Report, ReportedError, Sdk
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.location import Layout, Place, relative_path
from logcenter_sdk.printed import printed_trace
from logcenter_sdk.sighting import Sighting, Step, Thrown
from logcenter_sdk.source import Sources
from logcenter_sdk.version import VERSION

_MESSAGE_TYPE: Final = "Message"
"""``error.type`` of what was no exception."""
_SDK: Final = Sdk(name="logcenter-sdk", version=VERSION)

_LONGEST_TRACE: Final = 128 * 1024
_SHOWN_RECURRENCES: Final = 3
"""How many frames of a recursion are sent from each of its ends; the printed trace has more."""
_LEVELS: Final = {"WARN": Level.WARNING, "FATAL": Level.CRITICAL, **Level.__members__}


class Happened(NamedTuple):
    """How often and when; seconds since the epoch."""

    event_id: str
    occurrences: int
    first_at: float
    last_at: float


def report_of(sighting: Sighting, happened: Happened, config: Config, layout: Layout, sources: Sources) -> Report:
    """Return the report of a sighting. Raises ConfigError where no project is configured."""
    several = happened.occurrences > 1
    return Report(
        project_id=config.project,
        environment=storable_text(config.environment),
        level=_level(sighting.level),
        error=ReportedError(
            type=storable_text(sighting.what.name) if isinstance(sighting.what, Thrown) else _MESSAGE_TYPE,
            message=cut_bytes(storable_text(_message(sighting.what)), MESSAGE_BYTES),
            stack_trace=_lines(_trace(sighting, sources)),
            file_path=_file_path(sighting.place, layout),
            line_number=sighting.place and sighting.place.line,
        ),
        timestamp=_instant(happened.last_at),
        version=config.version,
        commit_hash=config.commit_hash,
        repo_url=config.repo_url,
        context=cut_context(sighting.context),
        event_id=happened.event_id,
        occurrences=happened.occurrences if several else None,
        first_timestamp=_instant(happened.first_at) if several else None,
        frames=_frames(sighting, sources) or None,
        sdk=_SDK,
    )


def _level(level: str) -> str:
    """Return the contract's level that is meant by a level in capitals; what is unknown is a warning."""
    return _LEVELS.get(level, Level.WARNING).value


def _message(what: Thrown | str) -> str:
    return what.message if isinstance(what, Thrown) else what


def _file_path(place: Place | None, layout: Layout) -> str | None:
    return None if place is None else storable_text(relative_path(place, layout))


def _instant(seconds: float) -> str:
    return format_instant(datetime.fromtimestamp(seconds, UTC))


def _trace(sighting: Sighting, sources: Sources) -> str:
    if isinstance(sighting.what, Thrown):
        return printed_trace(sighting.what, sources)
    return "".join(sources.draw(step).printed for step in sighting.stack)


def _lines(text: str) -> tuple[str, ...]:
    lines = text.removesuffix("\n").split("\n")
    cut = cut_lines([storable_text(line[: 2 * STACK_LINE_BYTES]) for line in lines])
    if sum(map(len, cut)) <= _LONGEST_TRACE:
        return cut
    # A report over the collector's limit would be refused as a whole: better short lines than no error.
    return tuple(cut_bytes(line, _LONGEST_TRACE // len(cut)) for line in cut)


def _frames(sighting: Sighting, sources: Sources) -> tuple[Frame, ...]:
    """Return the frames of the exception itself and of each leaf of a group; causes stand in the printed trace."""
    steps = _folded(list(_steps(sighting.what)) if isinstance(sighting.what, Thrown) else sighting.stack)
    half = FRAMES // 2
    kept = steps if len(steps) <= FRAMES else steps[:half] + steps[-half:]
    return tuple(_frame(step, sources) for step in kept)


def _steps(thrown: Thrown) -> Iterator[Step]:
    yield from thrown.steps
    for leaf in thrown.leaves or ():
        yield from _steps(leaf)


def _folded(steps: Sequence[Step]) -> list[Step]:
    """Return of a line that recurs, alone or in turn with others, only the outermost and the innermost frames."""
    from_outside, from_inside = _recurrences(steps), _recurrences(steps[::-1])[::-1]
    return [
        step
        for step, outer, inner in zip(steps, from_outside, from_inside, strict=True)
        if min(outer, inner) <= _SHOWN_RECURRENCES
    ]


def _recurrences(steps: Sequence[Step]) -> list[int]:
    counts: Counter[tuple[int, int | None]] = Counter()
    numbers: list[int] = []
    for code, _, line, _, _ in steps:
        counts[id(code), line] += 1
        numbers.append(counts[id(code), line])
    return numbers


def _frame(step: Step, sources: Sources) -> Frame:
    frame, found = sources.draw(step).frame, step[4]
    return frame if found is None else evolve(frame, locals=found)
