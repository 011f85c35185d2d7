"""Which project and environment a pod reports to: its labels → the collector's projects. Pure."""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from logcenter_k8s.pods import Json, text

DEVELOPMENT: Final = "development"
DEVELOPMENT_SUFFIX: Final = "-dev"
_LABELS: Final = ("app", "app.kubernetes.io/name")


@frozen(order=True)
class Target:
    """Where a report goes."""

    project_id: str
    environment: str


def targets(pod: Json, project_ids: Iterable[str], environment: str) -> tuple[Target, ...]:
    """Return every target that the pod's label fits: one, none, or several, which is a tie that nobody may guess at.

    A label is a project's id with ``-`` for ``_``; with ``-dev`` behind it, the same project in development.
    """
    app = app_label(pod)
    fits = set()
    for project_id in project_ids:
        name = project_id.replace("_", "-")
        if app == name:
            fits.add(Target(project_id, environment))
        if app == name + DEVELOPMENT_SUFFIX:
            fits.add(Target(project_id, DEVELOPMENT))
    return tuple(sorted(fits))


def chosen_target(pod: Json, project_id: str, environment: str) -> Target:
    """Return the target in a project that the caller has chosen."""
    return Target(project_id, DEVELOPMENT if app_label(pod).endswith(DEVELOPMENT_SUFFIX) else environment)


def app_label(pod: Json) -> str:
    """Return the label that names the application; an empty text where there is none."""
    return next((value for label in _LABELS if (value := text(pod, "metadata", "labels", label))), "")
