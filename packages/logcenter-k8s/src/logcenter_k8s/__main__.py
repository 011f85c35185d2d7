"""The command ``logcenter-k8s``, also ``python -m logcenter_k8s``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Final

from logcenter_k8s.cluster import ClusterError, connect
from logcenter_k8s.collector import project_ids
from logcenter_k8s.labels import chosen_target, targets
from logcenter_k8s.scan import Map, Send, scan
from logcenter_sdk.config import Config, ConfigError
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError
from logcenter_sdk.transports.http import HttpTransport

_ENVIRONMENT: Final = "production"
"""What a cluster is where neither a label nor ``ENVIRONMENT`` says otherwise."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 1 with one clear line on stderr where no scan was possible.

    A collector that can't be reached is no reason to fail: the next scan finds the same again.
    """
    given = _parser().parse_args(arguments)
    try:
        config = Config.from_env(
            os.environ,
            url=given.url,
            project_id=given.project,
            environment=os.environ.get("ENVIRONMENT") or _ENVIRONMENT,
            version="",  # the pods' build is not ours: nothing is asked of Git
            commit_hash="",
            repo_url="",
        )
        return _scan(given, config)
    except (ConfigError, ClusterError) as error:
        _say(str(error))
        return 1
    except DeliveryError as error:
        _say(f"stopped: {error}; the next scan finds the same again")
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="logcenter-k8s", description="Report failing pods to Log Center.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("scan", help="scan once, for a CronJob")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--namespace", "-n", action="append", metavar="N", help="may be repeated; or MONITOR_NAMESPACE")
    where.add_argument("--all-namespaces", "-A", action="store_true", help="needs the right to list all pods")
    command.add_argument("--project", metavar="P", help="report everything to it, whatever labels say")
    command.add_argument("--url", help="the collector's address; or LOG_CENTER_URL")
    command.add_argument("--kubeconfig", metavar="PATH", help="or KUBECONFIG; in a cluster its own account is used")
    command.add_argument("--context", metavar="C", help="of the kubeconfig")
    command.add_argument("--dry-run", action="store_true", help="print the reports as JSON lines and send nothing")
    return parser


def _scan(given: argparse.Namespace, config: Config) -> int:
    transport = HttpTransport(
        config.url, key=config.key, token=config.token, timeout_seconds=config.timeout_seconds, proxy=config.proxy
    )
    map_ = _mapping(config)
    cluster = connect(given.kubeconfig, given.context)
    try:
        summary = scan(cluster, _namespaces(given), map_, _print if given.dry_run else _sender(transport), _say)
    finally:
        cluster.close()
        transport.close()
    _say(f"{summary}{' (dry run)' if given.dry_run else ''}")
    return 0


def _namespaces(given: argparse.Namespace) -> list[str]:
    """Return the namespaces to scan; none means all."""
    if given.all_namespaces:
        return []
    return given.namespace or [os.environ.get("MONITOR_NAMESPACE") or "default"]


def _mapping(config: Config) -> Map:
    """Return how pods find their project. Raises DeliveryError."""
    if config.project_id is not None:
        project_id = config.project_id
        return lambda pod: (chosen_target(pod, project_id, config.environment),)
    known = project_ids(config)
    return lambda pod: targets(pod, known, config.environment)


def _sender(transport: HttpTransport) -> Send:
    def send(report: Report) -> str:
        answer = transport.send(report)
        return f"{report.project_id}: {answer.outcome.value} (issue {answer.issue_id})"

    return send


def _print(report: Report) -> str:
    from logcenter_sdk.wire import to_wire  # noqa: PLC0415 - brings cattrs, which --help never needs

    print(json.dumps(to_wire(report), ensure_ascii=False), flush=True)  # noqa: T201
    return f"{report.project_id}: printed"


def _say(line: str) -> None:
    print(f"logcenter-k8s: {' '.join(line.split())}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
