"""A finding → the report that the collector gets. Pure."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID, uuid5

from logcenter_k8s.diagnose import Finding
from logcenter_k8s.labels import Target
from logcenter_k8s.pods import text
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.report import Level, Report, ReportedError, Sdk, Source

_NAMESPACE: Final = UUID("5b0ba1e4-6f2e-5a38-9d0e-6f1d0a7f5c0b")
"""Ours alone, and for ever: another one would make every failure that is still to be seen a new occurrence."""


def build_report(finding: Finding, target: Target, deployment_name: str, log: Sequence[str]) -> Report:
    """Return the report of a finding; ``log`` is that of the failed run, empty where there is none.

    Its time and its id are the failed run's, so that a scan may find the same failure for weeks and it counts once.
    Raises ValueError for a project id that the contract doesn't allow.
    """
    message = _message(finding)
    return Report(
        project_id=target.project_id,
        environment=target.environment,
        level=Level.CRITICAL.value,
        source=Source.DEPLOYMENT.value,
        timestamp=_instant(finding.finished_at),
        error=ReportedError(type=finding.reason, message=message, stack_trace=tuple(log) or (message,)),
        context=_context(finding, deployment_name),
        event_id=event_id(finding),
        sdk=Sdk(name="logcenter-k8s", version=version("logcenter-k8s")),
    )


def event_id(finding: Finding) -> str:
    """Return the id of one failure: the same in every scan that sees it, another one after the next restart."""
    uid = text(finding.pod, "metadata", "uid")
    return str(uuid5(_NAMESPACE, f"{uid}|{finding.container}|{finding.run}"))


def _message(finding: Finding) -> str:
    said = f" {finding.explanation}" if finding.explanation else ""
    return f"{finding.reason}:{said} (pod: {finding.pod_name}, container: {finding.container})"


def _context(finding: Finding, deployment_name: str) -> dict[str, Any]:
    context = {
        "namespace": finding.namespace,
        "pod_name": finding.pod_name,
        "container_name": finding.container,
        "deployment_name": deployment_name,
        "restart_count": finding.restart_count,
        "node_name": text(finding.pod, "spec", "nodeName") or None,
        "image": finding.image or None,
        "exit_code": finding.exit_code,
        "finished_at": finding.finished_at,
    }
    return {name: value for name, value in context.items() if value is not None}


def _instant(finished_at: str | None) -> str | None:
    """Return the time where it is one; a report without is better than none."""
    try:
        return None if finished_at is None or parse_instant(finished_at) is None else finished_at
    except ValueError:
        return None
