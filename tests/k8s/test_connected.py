"""The CronJob that the dashboard gives to paste: its container is run as the manifest says."""

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kmock as kmock_package
import pytest
import yaml

from k8s.samples import crash_looping
from k8s.test_cluster import write_kubeconfig
from support.collector import Collector
from support.newcomers import ADMIN, Newcomer, home, newcomer
from support.pages import snippet

Emulator = kmock_package.KubernetesEmulator


async def run(container: dict[str, Any], secrets: dict[str, str], kubeconfig: Path) -> str:
    """Run what a container says, and return what it says itself."""
    variables = {
        variable["name"]: variable.get("value") or secrets[variable["valueFrom"]["secretKeyRef"]["name"]]
        for variable in container["env"]
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "logcenter_k8s", *container["args"]),
        env=home(kubeconfig.parent) | {"KUBECONFIG": str(kubeconfig)} | variables,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said.decode()
    return said.decode()


def manifest_of(ada: Newcomer) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the container of the job, and the secrets that the page lets make."""
    pastes = ada.pastes("kubernetes")
    documents = {each["kind"]: each for each in yaml.safe_load_all(pastes["logcenter.yaml"])}
    [container] = documents["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    made = re.findall(r"create secret generic (\S+) --from-literal=key=(\S+)", pastes.get("secret.sh", ""))
    return container, dict(made)


@pytest.mark.parametrize("flags", [(), ("--admin-token", ADMIN)], ids=["open", "closed"])
async def test_a_failing_pod_becomes_an_issue_of_the_project(
    kmock: Emulator, start_collector: Callable[..., Collector], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    ada = await asyncio.to_thread(newcomer, start_collector(*flags), "1.5", is_closed=bool(flags))
    container, secrets = await asyncio.to_thread(manifest_of, ada)
    kmock.objects["v1/pods", "default", "rtc"] = crash_looping(name="rtc", namespace="default")
    kmock["get /api/v1/namespaces/default/pods/rtc/log"] << b"boom\n"

    said = await run(container, secrets, write_kubeconfig(tmp_path, str(kmock.url)))

    assert "1.5: Log reported" in said
    assert bool(flags) == bool(secrets)
    issue = await asyncio.to_thread(ada.only_issue)
    assert ("deployment", "production") == (issue["source"], issue["environment"])


def test_but_for_the_credential_the_objects_are_those_of_the_how_to_page(shared_collector: Collector) -> None:
    ada = newcomer(shared_collector, "manifest", is_closed=False)

    pasted, shown = (
        [each for each in yaml.safe_load_all(text) if each["kind"] != "CronJob"]
        for text in (
            ada.pastes("kubernetes")["logcenter.yaml"],
            snippet("how-to/kubernetes-cronjob.md", "logcenter.yaml"),
        )
    )

    assert shown == pasted
