"""The command as a CronJob runs it: a real process, an emulated API, a real collector."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import kmock as kmock_package
import pytest

from k8s.samples import container, crash_looping, pod, waiting
from k8s.test_cluster import write_kubeconfig
from support.collector import Collector

Emulator = kmock_package.KubernetesEmulator
NOBODY = "http://127.0.0.1:9"
ADMIN = "an-administrator-s-token"


class Done(NamedTuple):
    code: int
    output: str
    errors: str


Scan = Callable[..., Awaitable[Done]]


@pytest.fixture
def scan(kmock: Emulator, tmp_path: Path) -> Scan:
    async def run(*arguments: str, url: str, **more: str) -> Done:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOG_CENTER_", "KUBE"))}
        kubeconfig = write_kubeconfig(tmp_path, str(kmock.url))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "logcenter_k8s", "scan", *arguments),
            env=clean | {"KUBECONFIG": str(kubeconfig), "LOG_CENTER_URL": url, "ENVIRONMENT": "production"} | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return Done(process.returncode, output.decode(), errors.decode())

    return run


def log_of(pod_name: str) -> str:
    return f"get /api/v1/namespaces/shop/pods/{pod_name}/log"


async def test_a_crash_looping_pod_becomes_an_issue_of_its_project_once(
    kmock: Emulator, scan: Scan, shared_collector: Collector
) -> None:
    shared_collector.client.put("/api/v1/projects/scan_once", json={"name": "Scan"})
    kmock.objects["v1/pods", "shop", "rtc"] = crash_looping(name="rtc", labels={"app": "scan-once"})
    kmock[log_of("rtc")] << b"KeyError: 'DATABASE_URL'\n"

    first = await scan("--namespace", "shop", url=shared_collector.api_url)
    second = await scan("--namespace", "shop", url=shared_collector.api_url)

    (issue,) = shared_collector.issues(project_id="scan_once")
    where = "logcenter-k8s: CrashLoopBackOff shop/rtc [api]: scan_once:"
    assert f"{where} Log reported (issue {issue['id']})" == first.errors.splitlines()[0]
    assert f"{where} Log deduplicated (issue {issue['id']})" == second.errors.splitlines()[0]
    assert 1 == issue["occurrence_count"]
    assert ("CrashLoopBackOff", ["KeyError: 'DATABASE_URL'"]) == (issue["error"]["type"], issue["error"]["stack_trace"])
    assert "2026-02-20T10:30:00Z" == issue["last_seen"]


async def test_a_closed_collector_is_scanned_for_by_a_token_that_reads_projects_and_reports(
    kmock: Emulator, scan: Scan, start_collector: Callable[..., Collector]
) -> None:
    collector = start_collector("--admin-token", ADMIN)
    collector.client.headers["Authorization"] = f"Bearer {ADMIN}"
    collector.client.put("/api/v1/projects/scan_closed", json={"name": "Scan"}).raise_for_status()
    wanted = {"name": "monitor", "scopes": ["read", "report"]}
    token = collector.client.post("/api/v1/tokens", json=wanted).raise_for_status().json()["token"]
    kmock.objects["v1/pods", "shop", "rtc"] = crash_looping(name="rtc", labels={"app": "scan-closed"})
    kmock[log_of("rtc")] << b"boom\n"

    without = await scan("--namespace", "shop", url=collector.api_url)
    done = await scan("--namespace", "shop", url=collector.api_url, LOG_CENTER_TOKEN=token)

    assert "the list of projects was refused" in without.errors
    assert ["scan_closed"] == [issue["project_id"] for issue in collector.issues()]
    assert "scan_closed: Log reported" in done.errors


async def test_one_containers_log_failure_costs_no_other_report(kmock: Emulator, scan: Scan) -> None:
    for name in ("a", "b"):
        kmock.objects["v1/pods", "shop", name] = crash_looping(name=name)
    kmock[log_of("a")] << 403 << {"kind": "Status", "message": "pods/log is forbidden"}
    kmock[log_of("b")] << b"boom\n"

    done = await scan("-n", "shop", "--project", "rtc", "--dry-run", url=NOBODY)

    first, second = (json.loads(line) for line in done.output.splitlines())
    assert 0 == done.code
    assert [first["error"]["message"]] == first["error"]["stack_trace"]
    assert ["boom"] == second["error"]["stack_trace"]
    assert "without its log: /api/v1/namespaces/shop/pods/a/log: 403 pods/log is forbidden" in done.errors


async def test_a_dry_run_prints_reports_and_needs_no_collector(kmock: Emulator, scan: Scan) -> None:
    kmock.objects["v1/pods", "shop", "rtc"] = pod(container(waiting("ErrImagePull", "not found")), name="rtc")

    done = await scan("--all-namespaces", "--project", "rtc", "--dry-run", url=NOBODY)

    report = json.loads(done.output)
    assert ("rtc", "deployment", "ErrImagePull") == (report["project_id"], report["source"], report["error"]["type"])
    assert "rtc-backend" == report["context"]["deployment_name"]
    assert "logcenter-k8s: 1 pods, 1 failing containers, 1 reported (dry run)" == done.errors.splitlines()[-1]


async def test_what_maps_to_no_project_or_to_several_is_listed_and_not_sent(
    kmock: Emulator, scan: Scan, shared_collector: Collector
) -> None:
    for project_id in ("scan_tie", "scan-tie"):
        shared_collector.client.put(f"/api/v1/projects/{project_id}", json={})
    kmock.objects["v1/pods", "shop", "a"] = crash_looping(name="a", labels={"app": "scan-nobody"})
    kmock.objects["v1/pods", "shop", "b"] = crash_looping(name="b", labels={"app": "scan-tie"})
    kmock.objects["v1/pods", "shop", "c"] = crash_looping(name="c", labels={})

    done = await scan("-n", "shop", url=shared_collector.api_url)

    assert "shop/a [api]: not reported: its label app=scan-nobody names no project of the collector" in done.errors
    assert "shop/c [api]: not reported: it has no label 'app'" in done.errors
    assert "fits several projects: scan-tie (production), scan_tie (production)" in done.errors
    assert done.errors.endswith("3 pods, 3 failing containers, 0 reported\n")
    assert [] == shared_collector.issues(project_id="scan_tie")


async def test_the_namespace_may_come_from_the_environment(kmock: Emulator, scan: Scan) -> None:
    kmock.objects["v1/pods", "prod", "rtc"] = crash_looping(name="rtc", namespace="prod")

    done = await scan("--project", "rtc", "--dry-run", url=NOBODY, MONITOR_NAMESPACE="prod")

    assert "prod" == json.loads(done.output)["context"]["namespace"]


async def test_a_collector_that_is_away_is_no_failure_of_the_scan(kmock: Emulator, scan: Scan) -> None:
    kmock.objects["v1/pods", "shop", "rtc"] = crash_looping(name="rtc")

    mapped, chosen = await asyncio.gather(
        scan("-n", "shop", url=NOBODY), scan("-n", "shop", "--project", "rtc", url=NOBODY)
    )

    assert (0, 0) == (mapped.code, chosen.code)
    assert "logcenter-k8s: stopped: cannot reach http://127.0.0.1:9" in mapped.errors
    assert "logcenter-k8s: stopped: cannot reach http://127.0.0.1:9" in chosen.errors


async def test_pods_that_may_not_be_listed_are_one_line_and_exit_code_1(kmock: Emulator, scan: Scan) -> None:
    said = 'pods is forbidden: User "monitor" cannot list resource "pods"'
    kmock["get /api/v1/namespaces/shop/pods"] << 403 << {"kind": "Status", "message": said}

    done = await scan("-n", "shop", "--project", "rtc", url=NOBODY)

    assert (1, f"logcenter-k8s: /api/v1/namespaces/shop/pods: 403 {said}\n") == (done.code, done.errors)


async def test_no_cluster_is_one_line_and_exit_code_1(scan: Scan, tmp_path: Path) -> None:
    done = await scan("--kubeconfig", str(tmp_path / "nothing"), "--project", "rtc", url=NOBODY)

    assert 1 == done.code
    assert 1 == len(done.errors.splitlines())
    assert done.errors.startswith("logcenter-k8s: no cluster: ")
