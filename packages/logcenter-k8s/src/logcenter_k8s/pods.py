"""The few fields of the API's JSON that are needed, read without trust: anything may be absent or null. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]


def part(value: Json, *names: str) -> Json:
    """Return the object at a path of names; an empty one where there is none."""
    for name in names:
        value = value.get(name) or {}
    return value


def text(value: Json, *names: str) -> str:
    """Return the text at a path of names; an empty one where there is none."""
    return str(part(value, *names[:-1]).get(names[-1]) or "")


def container_statuses(pod: Json) -> Iterator[Json]:
    """Yield the status of each container, init containers first, as they start."""
    status = part(pod, "status")
    for group in ("initContainerStatuses", "containerStatuses"):
        yield from status.get(group) or ()
