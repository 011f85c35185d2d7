"""Secrets out of everything that is sent: by the name that a value has, and by the form of the value itself. Pure.

The shape of a report stays as it is, and so does all that says which error it is: its fingerprint is the same before
and after. To scrub twice is to scrub once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

from logcenter_sdk.secret_names import is_counted, is_secret_name, is_secret_parameter
from logcenter_sdk.secret_texts import MASK, is_placeholder, scrub_source, scrub_text

_AS_IT_IS: Final = frozenset(
    {
        "project_id",
        "environment",
        "level",
        "source",
        "timestamp",
        "first_timestamp",
        "version",
        "commit_hash",
        "event_id",
        "occurrences",
        "fingerprint",
        "sdk",
    }
)
"""Says which error it is, of which build, or is written by the SDK itself."""
_AS_IT_IS_IN_ERROR: Final = frozenset({"type", "file_path", "line_number"})
_AS_IT_IS_IN_CONTEXT: Final = frozenset({"job_name", "step_name", "namespace", "deployment_name"})
_AS_IT_IS_IN_FRAME: Final = frozenset({"file_path", "line_number", "function", "module", "in_app"})
_SOURCE: Final = ("pre_context", "context_line", "post_context")
_FILE_LINE: Final = re.compile(r"[ |+-]*File \"")


def scrub(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report, as it goes over the wire, without secrets; what its fingerprint is made of is never changed."""
    return {name: value if name in _AS_IT_IS else _PARTS.get(name, _any)(value) for name, value in report.items()}


def _error(error: object) -> Any:  # noqa: ANN401 - as it came
    if not isinstance(error, Mapping):
        return _any(error)
    return {
        name: value if name in _AS_IT_IS_IN_ERROR else _trace(value) if name == "stack_trace" else _named(name, value)
        for name, value in error.items()
    }


def _context(context: object) -> Any:  # noqa: ANN401 - as it came
    if not isinstance(context, Mapping):
        return _any(context)
    return {name: value if name in _AS_IT_IS_IN_CONTEXT else _named(name, value) for name, value in context.items()}


def _frames(frames: object) -> Any:  # noqa: ANN401 - as it came
    if not isinstance(frames, list | tuple):
        return _any(frames)
    return type(frames)(scrub_frame(frame) if isinstance(frame, Mapping) else _any(frame) for frame in frames)


def scrub_frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return one structured frame, as it goes over the wire, without secrets."""
    rest = {
        name: value if name in _AS_IT_IS_IN_FRAME or name in _SOURCE else _named(name, value)
        for name, value in frame.items()
    }
    return rest | _source_of(frame)


def _source_of(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lines round the place of a frame, scrubbed as one text: a key may go over several of them."""
    found = {name: frame[name] for name in _SOURCE if frame.get(name) is not None}
    if not all(map(_is_text, found.values())):
        return {name: _any(value) for name, value in found.items()}
    lines = [line for value in found.values() for line in ([value] if isinstance(value, str) else value)]
    scrubbed = iter(_source_lines(tuple(lines)))
    return {
        name: next(scrubbed) if isinstance(value, str) else type(value)(next(scrubbed) for _ in value)
        for name, value in found.items()
    }


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(line, str) for line in value))


def _trace(trace: Any) -> Any:  # noqa: ANN401 - as it came
    if isinstance(trace, str):
        return "\n".join(_trace_lines(trace.split("\n")))
    return type(trace)(_trace_lines(trace)) if _is_text(trace) else _any(trace)


def _trace_lines(lines: Sequence[str]) -> Iterable[str]:
    """Return a printed trace: the lines after those that name a file are source code, the others are text.

    What names a file holds no more than what identifies the error.
    """
    kinds = ["text"] * len(lines)
    for index, line in enumerate(lines):
        if _FILE_LINE.match(line):
            kinds[index] = "file"
        elif index and kinds[index - 1] == "file":
            kinds[index] = "source"
    sources = iter(_source_lines(tuple(line for line, kind in zip(lines, kinds, strict=True) if kind == "source")))
    texts = iter(_lines([line for line, kind in zip(lines, kinds, strict=True) if kind == "text"], scrub_text))
    return (
        line if kind == "file" else next(sources if kind == "source" else texts)
        for line, kind in zip(lines, kinds, strict=True)
    )


@lru_cache(maxsize=4_000)
def _source_lines(lines: tuple[str, ...]) -> Sequence[str]:
    """Return lines of source code without secrets. They are the same in one report after another."""
    return _lines(lines, scrub_source)


def _lines(lines: Sequence[str], scrub_lines: Callable[[str], str]) -> Sequence[str]:
    scrubbed = scrub_lines("\n".join(lines)).split("\n")
    return scrubbed if len(scrubbed) == len(lines) else [scrub_lines(line) for line in lines]


def _any(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types, and what comes in comes out
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {name: _named(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_pair if _are_pairs(value) else _any, value))
    return value


def _named(name: object, value: Any) -> Any:  # noqa: ANN401 - JSON
    return _masked(value, name) if isinstance(name, str) and is_secret_name(name) else _any(value)


def _are_pairs(items: Sequence[Any]) -> bool:
    """Return whether these are names with their values, as the headers of a request are often kept."""
    return bool(items) and all(
        isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str)  # noqa: PLR2004 - a pair
        for item in items
    )


def _pair(pair: Sequence[Any]) -> Any:  # noqa: ANN401 - a list or a tuple
    name, value = pair
    return type(pair)([scrub_text(name), _named(name, value)])  # type: ignore[call-arg] # a list or a tuple


def _masked(value: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a value that has a secret's name: each text and number in it masked, nothing and yes or no as they are."""
    if isinstance(value, Mapping):
        return {key: _masked(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_masked(item, name) for item in value)
    if isinstance(value, str):
        return value if is_placeholder(value) else MASK
    if value is None or isinstance(value, bool) or is_counted(name):
        return value
    return MASK


_PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {"error": _error, "context": _context, "frames": _frames}


# Addresses of requests.

_SECRET_VALUE: Final = re.compile(r"[0-9a-fA-F]{32,}|[\w+/-]{40,}={0,2}")
"""Digests and random keys. In a query they are often secrets, elsewhere they are commits and checksums."""
_LONGEST_QUERY: Final = 2_000


def masked_query(query: str) -> str:
    """Return a query string with the values masked that look like secrets, by their name or by themselves."""
    return "&".join(_masked_parameter(part) for part in query[:_LONGEST_QUERY].split("&"))


def masked_url(path: str, query: str) -> str:
    """Return a path with its query string, if it has one, without secrets."""
    return f"{path}?{masked_query(query)}" if query else path


def _masked_parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    text = unquote_plus(value if equals else name)
    if equals and value and is_secret_parameter(unquote_plus(name)):
        return f"{name}={MASK}"
    if _SECRET_VALUE.fullmatch(text) or MASK in scrub_text(text):
        return f"{name}={MASK}" if equals else MASK
    return part
