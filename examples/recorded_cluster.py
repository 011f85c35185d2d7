"""A cluster for people who have none: the answers of its API, from the files in ``recorded/``, served over HTTP.

A Deployment ``shop-backend`` lost its database's address and crashes at every start.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAMESPACE = "shop"
RECORDED = Path(__file__).with_name("recorded")
RECORDED_AT = datetime(2026, 2, 20, 10, 30, 30, tzinfo=UTC)

_NAME = "[a-z0-9-]+"
_ANSWERS = {
    re.compile(f"/api/v1/namespaces/{NAMESPACE}/pods"): "pods.json",
    re.compile(f"/api/v1/namespaces/{NAMESPACE}/pods/{_NAME}/log"): "container.log",
    re.compile(f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets/{_NAME}"): "replicaset.json",
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@contextmanager
def recorded_cluster(folder: Path) -> Iterator[Path]:
    """Serve the recorded cluster on a free port; yield the kubeconfig, written into ``folder``, that leads to it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield _write_kubeconfig(folder, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def _write_kubeconfig(folder: Path, server: str) -> Path:
    path = folder / "kubeconfig"
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "recorded",
        "contexts": [{"name": "recorded", "context": {"cluster": "recorded", "user": "monitor"}}],
        "clusters": [{"name": "recorded", "cluster": {"server": server}}],
        "users": [{"name": "monitor", "user": {"token": "recorded"}}],
    }
    path.write_text(json.dumps(kubeconfig), encoding="utf-8")  # JSON is YAML
    return path


class _Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = next((name for pattern, name in _ANSWERS.items() if pattern.fullmatch(path)), None)
        if file is None:
            status = {
                "kind": "Status",
                "status": "Failure",
                "reason": "NotFound",
                "code": 404,
                "message": "not recorded",
            }
            self._answer(HTTPStatus.NOT_FOUND, json.dumps(status))
        else:
            self._answer(HTTPStatus.OK, _as_of_now((RECORDED / file).read_text(encoding="utf-8")))

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the console for the demo."""


def _as_of_now(recording: str) -> str:
    """Move a recording's instants, so that what crashed a moment before it was recorded crashed a moment ago."""
    age = datetime.now(UTC).replace(microsecond=0) - RECORDED_AT
    return _INSTANT.sub(lambda match: _format(datetime.fromisoformat(match.group()) + age), recording)


def _format(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
