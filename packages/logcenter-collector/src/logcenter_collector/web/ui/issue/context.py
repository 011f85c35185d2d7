"""A context for reading: what reporters put there often gets a table with a title, the rest stays JSON."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from attrs import frozen

_TITLED: Final[Mapping[str, tuple[str, ...]]] = {
    "build": (
        "job_name",
        "step_name",
        "workflow",
        "run_url",
        "run_number",
        "run_id",
        "run_attempt",
        "run_database_id",
        "provider",
        "branch",
        "commit",
        "actor",
        "command",
        "exit_code",
        "duration_seconds",
    ),
    "cluster": (
        "namespace",
        "deployment_name",
        "pod_name",
        "container_name",
        "image",
        "exit_code",
        "restart_count",
        "node_name",
        "finished_at",
    ),
    "request": ("method", "url", "route", "view", "status_code", "user_agent"),
    "user": ("user_id",),
    "tags": (),
}
"""Which keys of the context stand in which table; an object under the table's own name stands in it as well."""
_ONLY: Final = {"build": "job_name", "cluster": "namespace"}
"""A table of these is made only where this key is there: ``branch`` alone is no build."""
_TRAIL: Final = "breadcrumbs"
_OF_A_CRUMB: Final = ("timestamp", "category", "level", "message")


@frozen(kw_only=True)
class Section:
    """A table: its title's key among the texts, and its rows."""

    name: str
    rows: tuple[tuple[str, object], ...]


@frozen(kw_only=True)
class Crumb:
    """One thing that the application did before the error."""

    timestamp: str
    category: str
    level: str
    message: str
    data: object
    """Whatever else was said of it; None where nothing was."""


@frozen(kw_only=True)
class ReadableContext:
    """A context in parts."""

    sections: tuple[Section, ...]
    breadcrumbs: tuple[Crumb, ...]
    """Oldest first, as they were left."""
    rest: tuple[tuple[str, object], ...]


def read_context(context: Mapping[str, Any]) -> ReadableContext:
    """Return a context for reading. Everything in it stands in exactly one place."""
    left = dict(context)
    sections = []
    for name, keys in _TITLED.items():
        if _ONLY.get(name, name) not in left and name in _ONLY:
            continue
        rows = [(key, left.pop(key)) for key in keys if key in left]
        if isinstance(left.get(name), dict) and left[name]:
            rows += left.pop(name).items()
        if rows:
            sections.append(Section(name=name, rows=tuple(rows)))
    trail = left.get(_TRAIL)
    crumbs = tuple(_crumb(crumb) for crumb in trail if crumb) if _is_trail(trail) else ()
    if crumbs:
        del left[_TRAIL]
    return ReadableContext(sections=tuple(sections), breadcrumbs=crumbs, rest=tuple(left.items()))


def _is_trail(trail: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(trail, list) and all(isinstance(crumb, dict) for crumb in trail)


def _crumb(crumb: Mapping[str, Any]) -> Crumb:
    texts = {name: crumb[name] if isinstance(crumb.get(name), str) else "" for name in _OF_A_CRUMB}
    more = {key: value for key, value in crumb.items() if not texts.get(key) and value is not None}
    return Crumb(**texts, data=more.get("data") if more.keys() == {"data"} else more or None)
