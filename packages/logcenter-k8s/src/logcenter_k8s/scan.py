"""One scan: list the pods, find what fails, send each finding to its project. Read it from top to bottom."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from attrs import frozen

from logcenter_k8s.cluster import Cluster, ClusterError
from logcenter_k8s.diagnose import Finding, LogRun, diagnose
from logcenter_k8s.labels import Target, app_label
from logcenter_k8s.owners import Controllers, Owner, asked_for, deployment_name
from logcenter_k8s.pods import Json
from logcenter_k8s.report import build_report
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError, UnreachableError

Say = Callable[[str], None]
"""Takes a line for people."""
Send = Callable[[Report], str]
"""Sends a report and returns its answer for people. Raises DeliveryError."""
Map = Callable[[Json], Sequence[Target]]
"""Returns every target that a pod fits."""

_ALL: Final = (None,)


@frozen(kw_only=True)
class Summary:
    """What came of a scan."""

    pods: int
    findings: int
    sent: int
    """Taken by the collector; the others have no project, fit several, or were refused."""

    def __str__(self) -> str:
        return f"{self.pods} pods, {self.findings} failing containers, {self.sent} reported"


def scan(cluster: Cluster, namespaces: Sequence[str], map_: Map, send: Send, say: Say) -> Summary:
    """Scan these namespaces (none: all of them) and say a line for each finding; one that fails costs no other.

    Raises ClusterError where pods can't be listed, and UnreachableError where the collector is away: waiting for it
    once for each finding could take longer than the time to the next scan.
    """
    pods, findings = _diagnose_all(cluster, namespaces or _ALL)
    controllers = _controllers(cluster, asked_for(finding.pod for finding in findings))
    sent = 0
    for finding in findings:
        verdict, taken = _report(cluster, finding, controllers, map_(finding.pod), send)
        say(f"{finding.reason} {finding.place}: {verdict}")
        sent += taken
    return Summary(pods=pods, findings=len(findings), sent=sent)


def _diagnose_all(cluster: Cluster, namespaces: Iterable[str | None]) -> tuple[int, list[Finding]]:
    """Return how many pods there are and what fails in them; healthy pods are forgotten page by page."""
    count, findings = 0, []
    for namespace in namespaces:
        for pod in cluster.pods(namespace):
            count += 1
            findings += diagnose([pod])
    return count, findings


def _controllers(cluster: Cluster, owners: Iterable[Owner]) -> Controllers:
    """Return the owners that may be read; without the right to, or once they are deleted, their names have to do."""
    found = {}
    for owner in owners:
        try:
            found[owner] = cluster.controller(owner)
        except ClusterError:
            continue
    return found


def _report(
    cluster: Cluster, finding: Finding, controllers: Controllers, targets: Sequence[Target], send: Send
) -> tuple[str, bool]:
    """Return the verdict on one finding and whether the collector took it."""
    if len(targets) != 1:
        return f"not reported: {_no_single(targets, finding.pod)}", False
    log, trouble = _log(cluster, finding)
    report = build_report(finding, targets[0], deployment_name(finding.pod, controllers), log)
    try:
        return f"{send(report)}{trouble}", True
    except UnreachableError:
        raise
    except DeliveryError as error:
        return f"not reported: {error}", False


def _no_single(targets: Sequence[Target], pod: Json) -> str:
    label = app_label(pod)
    if targets:
        tie = ", ".join(f"{target.project_id} ({target.environment})" for target in targets)
        return f"its label app={label} fits several projects: {tie}"
    return f"its label app={label} names no project of the collector" if label else "it has no label 'app'"


def _log(cluster: Cluster, finding: Finding) -> tuple[tuple[str, ...], str]:
    """Return the log of the run that failed, and what kept it from us."""
    if finding.log_run is LogRun.NONE:
        return (), ""
    previous = finding.log_run is LogRun.PREVIOUS
    try:
        return cluster.log(finding.namespace, finding.pod_name, finding.container, previous=previous), ""
    except ClusterError as error:
        return (), f"; without its log: {error}"
