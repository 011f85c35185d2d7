"""A cluster's API, read by raw requests. Shell.

The ``kubernetes`` package knows how to find and authenticate to a cluster, and only that is used of it: its models take
fifty times the processor time of the JSON. It is imported by ``connect``, since that takes more than a second.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from logcenter_k8s.owners import Owner
from logcenter_k8s.pods import Json, text

if TYPE_CHECKING:
    import urllib3
    from kubernetes.client import Configuration

PAGE_PODS: Final = 500
LOG_LINES: Final = 50
LOG_BYTES: Final = 64 * 1024
_LONGEST_LOG: Final = 16 * 1024 * 1024
_CONNECT_SECONDS: Final = 3.0
_READ_SECONDS: Final = 20.0
_WORKLOADS: Final = {
    "ReplicaSet": "/apis/apps/v1/namespaces/{}/replicasets/{}",
    "Job": "/apis/batch/v1/namespaces/{}/jobs/{}",
}


class ClusterError(Exception):
    """The cluster can't be found, or didn't answer as it should; the text says what it said."""


class Cluster:
    """One cluster's API server."""

    def __init__(self, configuration: "Configuration", pool: "urllib3.PoolManager") -> None:
        self._configuration = configuration
        self._pool = pool

    def pods(self, namespace: str | None) -> Iterator[Json]:
        """Yield the pods of a namespace, or of all for None, page by page. Raises ClusterError."""
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods" if namespace else "/api/v1/pods"
        following = ""
        while True:
            page = self._json(path, limit=str(PAGE_PODS), **({"continue": following} if following else {}))
            yield from page.get("items") or ()
            following = text(page, "metadata", "continue")
            if not following:
                return

    def log(self, namespace: str, pod_name: str, container: str, *, previous: bool) -> tuple[str, ...]:
        """Return the last 50 lines of a container's present or previous run, at most 64 KiB. Raises ClusterError."""
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod_name, safe='')}/log"
        query = {"container": container, "previous": str(previous).lower(), "tailLines": str(LOG_LINES)}
        return _lines(self._get(path, query, keep=LOG_BYTES))

    def controller(self, owner: Owner) -> Json:
        """Return a ReplicaSet or a Job. Raises ClusterError, and KeyError for another kind."""
        return self._json(_WORKLOADS[owner.kind].format(quote(owner.namespace, safe=""), quote(owner.name, safe="")))

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _json(self, path: str, **query: str) -> Json:
        try:
            answer = json.loads(self._get(path, query))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ClusterError(f"{self._configuration.host}{path} answered, but not as Kubernetes does")
        return answer

    def _get(self, path: str, query: Mapping[str, str], keep: int = 0) -> bytes:
        """Return the body of an answer, its last ``keep`` bytes where that isn't 0. Raises ClusterError."""
        import urllib3  # noqa: PLC0415 - comes with kubernetes, which ``connect`` has imported

        url = f"{self._configuration.host}{path}?{urlencode(query)}"
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
        try:
            answer = self._pool.request(
                "GET", url, headers=self._headers(), timeout=timeout, retries=False, preload_content=False
            )
            try:
                body = _tail(answer, keep) if keep and answer.status == 200 else answer.read()  # noqa: PLR2004 - OK
            finally:
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(f"cannot read {self._configuration.host}{path}: {error}") from error
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise ClusterError(f"{path}: {answer.status} {_status_message(body)}".rstrip())
        return body

    def _headers(self) -> dict[str, str]:
        # Asked for with every request: in a cluster the token is another one after an hour.
        settings: Mapping[str, Any] = self._configuration.auth_settings()
        credentials = {each["key"]: each["value"].strip() for each in settings.values() if each["value"]}
        return {"Accept": "application/json, */*", "User-Agent": "logcenter-k8s", **credentials}


def connect(kubeconfig: str | None = None, context: str | None = None) -> Cluster:
    """Return the cluster that a kubeconfig names, or the one that this runs in. Raises ClusterError."""
    from kubernetes import config  # noqa: PLC0415 - see above
    from kubernetes.client import Configuration  # noqa: PLC0415
    from kubernetes.client.rest import RESTClientObject  # noqa: PLC0415

    configuration = Configuration()
    try:
        if _in_cluster(kubeconfig, context):
            config.load_incluster_config(configuration)  # type: ignore[no-untyped-call] # as kubernetes has it
        else:
            config.load_kube_config(kubeconfig, context, configuration)  # type: ignore[no-untyped-call]
    except Exception as error:  # a kubeconfig may be wrong in more ways than ConfigException tells
        raise ClusterError(f"no cluster: {error}") from error
    configuration.host = configuration.host.rstrip("/")
    return Cluster(configuration, RESTClientObject(configuration).pool_manager)


def _in_cluster(kubeconfig: str | None, context: str | None) -> bool:
    chosen = kubeconfig or context or os.environ.get("KUBECONFIG")
    return not chosen and bool(os.environ.get("KUBERNETES_SERVICE_HOST"))


def _tail(answer: Any, keep: int) -> bytes:  # noqa: ANN401 - urllib3's response, whose base class has no stream()
    """Read to the end and keep the last bytes: ``limitBytes`` would keep the first, and the error stands last."""
    kept, seen = b"", 0
    for chunk in answer.stream(LOG_BYTES):
        kept, seen = (kept + chunk)[-keep - 1 :], seen + len(chunk)
        if seen > _LONGEST_LOG:
            break
    # One byte more than is kept tells whether the first line is whole.
    return kept if len(kept) <= keep else kept.partition(b"\n")[2] or kept[1:]


def _lines(log: bytes) -> tuple[str, ...]:
    shown = log.decode("utf-8", "replace").rstrip()
    return tuple(line.rstrip("\r") for line in shown.split("\n")) if shown else ()


def _status_message(body: bytes) -> str:
    """Return what the API says about an error: the message of its Status object, else the body's beginning."""
    try:
        return text(json.loads(body), "message")
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace")
