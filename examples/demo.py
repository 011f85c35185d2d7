"""Start a collector, make three real errors, see them in the inbox.

``uv run python examples/demo.py``; Ctrl-C ends it.
"""

import argparse
import io
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from recorded_cluster import NAMESPACE, recorded_cluster

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20
ERRORS = 3

# What a runner of Gitea Actions would set.
PIPELINE = {
    "GITEA_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://git.example.org",
    "GITHUB_REPOSITORY": "team/shop_backend",
    "GITHUB_WORKFLOW": "Build and Deploy",
    "GITHUB_JOB": "build",
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_NUMBER": "24",
    "GITHUB_RUN_ID": "1044",
    "GITHUB_SHA": "4f0c2a9d1b7c4e8f6a5b3c2d1e0f9a8b7c6d5e4f",
    "GITHUB_ACTOR": "dev",
}
_OTHERS = ("LOG_CENTER_", "GITHUB_", "GITEA_", "FORGEJO_", "GITLAB_", "KUBE", "MONITOR_NAMESPACE", "ENVIRONMENT")

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is this machine: never by a proxy


class DemoError(Exception):
    """The demo can't go on; the text is for whoever runs it."""


def main() -> int:
    """Run the demo and return its exit code."""
    given = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without Chinese characters shows the English ones
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _check_ports(given)
        with tempfile.TemporaryDirectory(prefix="logcenter-demo-", ignore_cleanup_errors=True) as folder:
            return _run(given, Path(folder))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. / 已停止。")
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Three real errors from three sources, in one inbox.")
    parser.add_argument("--port", type=int, default=8002, help="of the collector's API (default 8002)")
    parser.add_argument("--dashboard-port", type=int, default=8003, help="of the dashboard (default 8003)")
    parser.add_argument("--database-url", help="sqlite:///PATH; by default a temporary one that ends with the demo")
    parser.add_argument("--exit", action="store_true", help="end after the three errors")
    return parser


def _check_ports(given: argparse.Namespace) -> None:
    for option, port in (("--port", given.port), ("--dashboard-port", given.dashboard_port)):
        try:
            socket.create_server((HOST, port)).close()
        except (OSError, OverflowError) as error:
            advice = f"choose another with {option} PORT / 端口 {port} 不可用，请用 {option} 另选"
            raise DemoError(f"port {port} is not free: {error}; {advice}") from error


def _run(given: argparse.Namespace, folder: Path) -> int:
    database = given.database_url or f"sqlite:///{folder / 'logcenter.db'}"
    api, dashboard = f"http://{HOST}:{given.port}", f"http://localhost:{given.dashboard_port}"
    with _collector(given, database) as process:
        _compile_what_reporters_import()
        _wait_for(process, f"{api}/healthz")
        _heading("The collector is up", "服务已启动")
        print(f"API        {api}/docs\ndashboard  {dashboard}\ndatabase   {database}")
        _make_errors(api, folder)
        issues = _show_inbox(api, dashboard)
        if not given.exit:
            print("Ctrl-C ends the demo. / 按 Ctrl-C 结束。", flush=True)
            process.wait()
            raise DemoError("the collector has ended / 服务已退出")
    return 0 if issues >= ERRORS else 1


@contextmanager
def _collector(given: argparse.Namespace, database: str) -> Iterator[subprocess.Popen[bytes]]:
    ports = ["--host", HOST, "--port", str(given.port), "--dashboard-port", str(given.dashboard_port)]
    command = [sys.executable, "-m", "logcenter_collector", "serve", *ports, "--database-url", database]
    # In a group of its own, so that Ctrl-C reaches this program first, which then ends it in order.
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, env=_environment(), stdout=subprocess.DEVNULL, process_group=None if os.name == "nt" else 0
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _compile_what_reporters_import() -> None:
    """Import it once: in a fresh checkout that takes seconds, and a crashing program waits two for its report."""
    for module in ("logcenter_sdk.wire", "logcenter_sdk.transports.deadline"):
        import_module(module)


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            raise DemoError("the collector didn't start; the reason stands above / 服务启动失败，原因见上")
        try:
            _opener.open(address, timeout=2).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise DemoError(f"the collector doesn't answer on {address} / 服务无响应") from error
            time.sleep(0.1)
        else:
            return


def _make_errors(api: str, folder: Path) -> None:
    here = _environment(LOG_CENTER_URL=api)
    _heading("1 of 3: a program crashes", "程序崩溃")
    _show([sys.executable, "examples/crashing_app.py"], here)

    _heading("2 of 3: a build step fails", "构建失败")
    step = ["run", "--project", "shop_backend", "--step", "unit-tests", "--"]
    tests = [sys.executable, "examples/failing_build/test_discount.py"]
    _show([sys.executable, "-m", "logcenter_ci", *step, *tests], here | PIPELINE)

    _heading("3 of 3: a pod crashes again and again", "Pod 反复崩溃")
    with recorded_cluster(folder) as kubeconfig:
        scan = [sys.executable, "-m", "logcenter_k8s", "scan", "--namespace", NAMESPACE]
        _show(scan, here | {"KUBECONFIG": str(kubeconfig), "ENVIRONMENT": "production"})


def _environment(**more: str) -> dict[str, str]:
    """Return the variables for a command: those of this shell that would change what the demo shows are left out."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)} | more


def _show(command: Sequence[str], environment: dict[str, str]) -> None:
    shown = ["python" if word == sys.executable else word for word in command]
    print(f"$ {shlex.join(shown)}", flush=True)
    subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own commands; they are meant to fail


def _heading(english: str, chinese: str) -> None:
    print(f"\n── {english} · {chinese} ──", flush=True)


def _show_inbox(api: str, dashboard: str) -> int:
    """Print what is in the inbox now and return how many issues that is."""
    with _opener.open(f"{api}/api/v1/issues?project_id=shop_backend", timeout=10) as answer:
        issues: list[dict[str, Any]] = json.load(answer)["items"]
    _heading("The inbox", "收件箱")
    for issue in issues:
        error = issue["error"]
        print(f"#{issue['id']} {issue['status']} {issue['source']:<10} {error['type']}: {error['message'][:60]}")
    print(f"\nSee them at {dashboard} / 打开 {dashboard} 查看", flush=True)
    return len(issues)


if __name__ == "__main__":
    sys.exit(main())
