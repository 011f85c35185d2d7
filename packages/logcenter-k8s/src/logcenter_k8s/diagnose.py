"""Pods as the API lists them → what fails in them. Pure.

Which states are findings is the two tables below; the rest is how a container's status is read.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final

from attrs import frozen

from logcenter_k8s.pods import Json, container_statuses, part, text

WAITING_REASONS: Final = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "CreateContainerConfigError",
        "RunContainerError",
    }
)
"""``state.waiting.reason`` of a container that doesn't start."""

TERMINATED_REASONS: Final = {
    "OOMKilled": "OOMKilled",
    "StartError": "RunContainerError",
    "ContainerCannotRun": "RunContainerError",
}
"""Reason of the run that ended last → what it is reported as.

It stands above the waiting reason: between two back-offs the status shows it alone, during them CrashLoopBackOff, and
both are one error. The last two are how a RunContainerError reads once its first back-off has begun.
"""

_PULL_REASONS: Final = frozenset({"ErrImagePull", "ImagePullBackOff"})
"""They take turns while one image can't be had."""

_UNKNOWN: Final = "ContainerStatusUnknown"
"""The kubelet lost the container: there is no log of it."""


class LogRun(Enum):
    """Which run's log shows the error; the API refuses the wrong one, or answers with an innocent run's."""

    CURRENT = "current"
    PREVIOUS = "previous"
    NONE = "none"


@frozen(kw_only=True)
class Finding:
    """One container that fails."""

    reason: str
    """The report's ``error.type``."""
    explanation: str
    """What the cluster says about it; may be empty."""
    pod: Json
    container: str
    image: str
    restart_count: int
    run: str
    """What tells this failure from the next one of the same container."""
    finished_at: str | None = None
    """When the failed run ended, ISO 8601; None where no run has ended."""
    exit_code: int | None = None
    log_run: LogRun = LogRun.NONE

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return text(self.pod, "metadata", "namespace")

    @property
    def pod_name(self) -> str:
        """The pod's name."""
        return text(self.pod, "metadata", "name")

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.namespace}/{self.pod_name} [{self.container}]"


def diagnose(pods: Iterable[Json]) -> list[Finding]:
    """Return what fails in these pods (objects of the API, as JSON), in their order."""
    return [finding for pod in pods for finding in _findings_of(pod)]


def _findings_of(pod: Json) -> Iterator[Finding]:
    for status in container_statuses(pod):
        waiting, terminated = part(status, "state", "waiting"), _last_end(status)
        reason = _reason(text(waiting, "reason"), text(terminated, "reason"))
        if reason:
            yield _finding(pod, status, reason, waiting, terminated)


def _last_end(status: Json) -> Json:
    """Return the end of the run that ended last; ``lastState`` is the run before it while ``state`` is an end too."""
    return part(status, "state", "terminated") or part(status, "lastState", "terminated")


def _reason(waiting: str, terminated: str) -> str | None:
    if terminated in TERMINATED_REASONS:
        return TERMINATED_REASONS[terminated]
    return waiting if waiting in WAITING_REASONS else None


def _finding(pod: Json, status: Json, reason: str, waiting: Json, terminated: Json) -> Finding:
    restarts = int(status.get("restartCount") or 0)
    return Finding(
        reason=reason,
        explanation=_explanation(reason, waiting, terminated),
        pod=pod,
        container=text(status, "name"),
        image=text(status, "image"),
        restart_count=restarts,
        run=text(terminated, "containerID") or f"{_start_that_fails(reason)}-{restarts}",
        finished_at=text(terminated, "finishedAt") or None,
        exit_code=terminated.get("exitCode"),
        log_run=_log_run(status, terminated),
    )


def _start_that_fails(reason: str) -> str:
    """Return what stands for the run where none has ended yet."""
    return "pull" if reason in _PULL_REASONS else reason


def _explanation(reason: str, waiting: Json, terminated: Json) -> str:
    """Return the message of the state that gave the reason, else of the other one, else how the run ended."""
    states = (waiting, terminated) if text(waiting, "reason") == reason else (terminated, waiting)
    said = next((text(state, "message") for state in states if text(state, "message")), "")
    return said or (f"exit code {terminated['exitCode']}" if "exitCode" in terminated else "")


def _log_run(status: Json, terminated: Json) -> LogRun:
    if not terminated or text(terminated, "reason") == _UNKNOWN:
        return LogRun.NONE
    if part(status, "state", "terminated"):
        return LogRun.CURRENT
    # Without the ended run's id the API finds no previous container; while it waits, "current" is that run too.
    if not text(terminated, "containerID"):
        return LogRun.NONE if part(status, "state", "running") else LogRun.CURRENT
    return LogRun.PREVIOUS
