"""A report that the collector finds too large, made smaller step by step, so that an error is never lost for its size.

What the fingerprint is made of is never cut: a smaller report is still the same error. Pure, and the standard library
only.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_Wire = dict[str, Any]

_FRAMES_FIRST: Final = 5
_FRAMES_LAST: Final = 20
_LINES_FIRST: Final = 10
_LINES_LAST: Final = 30
_LINE_CHARACTERS: Final = 300
_MESSAGE_CHARACTERS: Final = 2_000
_VALUE_CHARACTERS: Final = 200
_CONTEXT_ENTRIES: Final = 50

_SHORT_CHARACTERS: Final = 100
"""Of each text in the smallest report."""

_CUT: Final = "… [cut]"

_IN_CONTEXT: Final[Mapping[object, tuple[str, ...]]] = {
    "cicd": ("job_name", "step_name"),
    "deployment": ("namespace", "deployment_name"),
}
"""What the fingerprint takes from the context, by source."""


def shrunk(wire: Mapping[str, Any], step: int) -> dict[str, Any] | None:
    """Return what is left of a report, as JSON has it, after the steps up to ``step``; None after the last.

    Step 0 is the mildest. No step makes it larger; the last leaves a few hundred bytes, which say what went wrong and
    where, how often and when.
    """
    if step >= len(_STEPS):
        return None
    smaller = dict(wire)
    for reduce in _STEPS[: step + 1]:
        smaller = min(smaller, reduce(smaller), key=_size)
    return smaller


def _without_locals(wire: _Wire) -> _Wire:
    return _with_frames(wire, lambda frame: _without(frame, "locals"))


def _without_source(wire: _Wire) -> _Wire:
    return _with_frames(wire, lambda frame: _without(frame, "pre_context", "context_line", "post_context"))


def _ends_of_frames(wire: _Wire) -> _Wire:
    frames = wire.get("frames") or ()
    if len(frames) <= _FRAMES_FIRST + _FRAMES_LAST:
        return wire
    return wire | {"frames": [*frames[:_FRAMES_FIRST], *frames[-_FRAMES_LAST:]]}


def _ends_of_trace(wire: _Wire) -> _Wire:
    lines = _lines(wire)
    left_out = len(lines) - _LINES_FIRST - _LINES_LAST
    if left_out > 0:
        lines = [*lines[:_LINES_FIRST], f"… [{left_out} lines cut]", *lines[-_LINES_LAST:]]
    return _with_error(wire, stack_trace=[_cut(line, _LINE_CHARACTERS) for line in lines])


def _small_texts(wire: _Wire) -> _Wire:
    context = wire.get("context") or {}
    needed = _IN_CONTEXT.get(wire.get("source"), ())
    others = [key for key in context if key not in needed and len(key) <= _VALUE_CHARACTERS][:_CONTEXT_ENTRIES]
    small = {
        key: context[key] if key in needed else _small(context[key]) for key in (*needed, *others) if key in context
    }
    message = _cut(wire["error"]["message"], _MESSAGE_CHARACTERS)
    return _with_error(wire, message=message) | ({"context": small} if context else {})


def _bare(wire: _Wire) -> _Wire:
    """Return who, what, where, how often and when; nothing that helps to understand why."""
    error, context = wire["error"], wire.get("context") or {}
    needed = [key for key in _IN_CONTEXT.get(wire.get("source"), ()) if key in context]
    texts = {key: _cut(wire[key], _SHORT_CHARACTERS) for key in _SHORT_TEXTS if wire.get(key) is not None}
    bare = {key: wire[key] for key in _AS_THEY_ARE if wire.get(key) is not None} | texts
    bare["error"] = {key: error[key] for key in ("type", "file_path", "line_number") if error.get(key) is not None}
    bare["error"]["message"] = _cut(error["message"], _SHORT_CHARACTERS)
    bare["error"]["stack_trace"] = [_cut(line, _SHORT_CHARACTERS) for line in _lines(wire)[-1:]]
    return bare | ({"context": {key: context[key] for key in needed}} if needed else {})


_AS_THEY_ARE: Final = (
    "project_id", "level", "source", "timestamp", "first_timestamp", "event_id", "occurrences", "fingerprint",
)  # fmt: skip
_SHORT_TEXTS: Final = ("environment", "version", "commit_hash")
"""The build decides whether a fixed error has come back."""

_STEPS: Final[Sequence[Callable[[_Wire], _Wire]]] = (
    _without_locals, _without_source, _ends_of_frames, _ends_of_trace, _small_texts, _bare,
)  # fmt: skip


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _with_frames(wire: _Wire, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> _Wire:
    frames = wire.get("frames")
    return wire | {"frames": [change(frame) for frame in frames]} if frames else wire


def _with_error(wire: _Wire, **changes: object) -> _Wire:
    return wire | {"error": {**wire["error"], **changes}}


def _lines(wire: _Wire) -> list[str]:
    trace = wire["error"]["stack_trace"]
    return trace.rstrip("\n").split("\n") if isinstance(trace, str) else list(trace)


def _small(value: object) -> object:
    if isinstance(value, str):
        return _cut(value, _VALUE_CHARACTERS)
    text = _json(value)
    return value if len(text) <= _VALUE_CHARACTERS else _cut(text, _VALUE_CHARACTERS)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters + len(_CUT) else text[:characters] + _CUT


def _size(wire: _Wire) -> int:
    return len(_json(wire).encode("utf-8", "replace"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
