"""The API, emulated by kmock: real HTTP, objects and subresources as Kubernetes has them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import kmock as kmock_package
import pytest

from k8s.samples import crash_looping
from logcenter_k8s.cluster import Cluster, ClusterError, connect
from logcenter_k8s.owners import Owner

Result = TypeVar("Result")
Emulator = kmock_package.KubernetesEmulator

LOG = "/api/v1/namespaces/shop/pods/rtc/log"


def write_kubeconfig(folder: Path, server: str, token: str = "secret-of-the-account") -> Path:
    path = folder / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "monitor"}}],
                "clusters": [{"name": "test", "cluster": {"server": server}}],
                "users": [{"name": "monitor", "user": {"token": token}}],
            }
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def ask(kmock: Emulator, tmp_path: Path) -> Callable[[Callable[[Cluster], Any]], Any]:
    """Let a cluster, which blocks, be asked beside the emulator, which needs the event loop."""

    async def ask_beside(question: Callable[[Cluster], Result]) -> Result:
        def work() -> Result:
            cluster = connect(str(write_kubeconfig(tmp_path, str(kmock.url))))
            try:
                return question(cluster)
            finally:
                cluster.close()

        return await asyncio.to_thread(work)

    return ask_beside


async def test_the_pods_of_a_namespace_are_listed(kmock: Emulator, ask: Callable[..., Any]) -> None:
    kmock.objects["v1/pods", "shop", "rtc"] = crash_looping(name="rtc")
    kmock.objects["v1/pods", "other", "web"] = crash_looping(name="web", namespace="other")

    assert ["rtc"] == [pod["metadata"]["name"] for pod in await ask(lambda cluster: list(cluster.pods("shop")))]
    assert 2 == len(await ask(lambda cluster: list(cluster.pods(None))))


async def test_the_token_of_the_kubeconfig_is_sent(kmock: Emulator, ask: Callable[..., Any]) -> None:
    kmock.objects["v1/pods", "shop", "rtc"] = crash_looping(name="rtc")

    await ask(lambda cluster: list(cluster.pods("shop")))

    assert "Bearer secret-of-the-account" == next(iter(kmock["get"])).headers["Authorization"]


async def test_pages_are_followed_to_the_end(kmock: Emulator, ask: Callable[..., Any]) -> None:
    def page(request: kmock_package.Request) -> dict[str, Any]:
        number = int(request.params.get("continue", 0))
        following = {"continue": str(number + 1)} if number < 2 else {}
        return {"metadata": following, "items": [crash_looping(name=f"rtc-{number}")]}

    kmock["get /api/v1/namespaces/shop/pods"] << page

    names = await ask(lambda cluster: [pod["metadata"]["name"] for pod in cluster.pods("shop")])

    assert ["rtc-0", "rtc-1", "rtc-2"] == names
    assert {"500"} == {request.params["limit"] for request in kmock["get"]}


async def test_the_log_is_asked_for_by_container_and_run(kmock: Emulator, ask: Callable[..., Any]) -> None:
    kmock[f"get {LOG}"] << b"Traceback (most recent call last):\r\nKeyError: 'DATABASE_URL'\n\n"

    lines = await ask(lambda cluster: cluster.log("shop", "rtc", "api", previous=True))

    assert ("Traceback (most recent call last):", "KeyError: 'DATABASE_URL'") == lines
    assert {"container": "api", "previous": "true", "tailLines": "50"} == dict(next(iter(kmock["get"])).params)


async def test_of_a_large_log_whole_lines_of_its_end_are_kept(kmock: Emulator, ask: Callable[..., Any]) -> None:
    line = b"x" * 999 + b"\n"
    kmock[f"get {LOG}"] << line * 1000 + b"the end"

    lines = await ask(lambda cluster: cluster.log("shop", "rtc", "api", previous=False))

    assert "the end" == lines[-1]
    assert {"x" * 999} == set(lines[:-1])
    assert 60_000 < sum(len(line) for line in lines) <= 65_536


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_refused_log_says_what_the_api_said(kmock: Emulator, ask: Callable[..., Any], status: int) -> None:
    said = 'previous terminated container "api" in pod "rtc" not found'
    kmock[f"get {LOG}"] << status << {"kind": "Status", "message": said}

    with pytest.raises(ClusterError, match=f"{status} {said}"):
        await ask(lambda cluster: cluster.log("shop", "rtc", "api", previous=True))


async def test_the_controller_of_a_pod_is_read(kmock: Emulator, ask: Callable[..., Any]) -> None:
    kmock.objects["apps/v1/replicasets", "shop", "rtc-1"] = {"metadata": {"name": "rtc-1"}}

    assert {"name": "rtc-1"} == (await ask(lambda cluster: cluster.controller(Owner("shop", "ReplicaSet", "rtc-1"))))[
        "metadata"
    ]


async def test_what_is_no_kubernetes_is_told_apart(kmock: Emulator, ask: Callable[..., Any]) -> None:
    kmock["get /api/v1/pods"] << b"<html>Welcome</html>"

    with pytest.raises(ClusterError, match="answered, but not as Kubernetes does"):
        await ask(lambda cluster: list(cluster.pods(None)))


def test_an_api_that_is_away_is_one_error(tmp_path: Path) -> None:
    cluster = connect(str(write_kubeconfig(tmp_path, "http://127.0.0.1:9")))

    with pytest.raises(ClusterError, match=r"cannot read http://127\.0\.0\.1:9/api/v1/pods"):
        list(cluster.pods(None))


def test_a_kubeconfig_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="no cluster: "):
        connect(str(tmp_path / "nothing"))
