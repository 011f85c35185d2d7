"""The manifests: valid from the oldest version that the page names on, and true about each other and the collector."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml

from logcenter_collector.settings import Settings
from support.pages import snippet
from support.repository import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("sqlite", "postgresql")
OLDEST = "1.30"
"""The first version whose preStop can sleep without a switch; docs/how-to/deploy.md names it."""
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which holds kustomize")
every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
Document = dict[str, Any]


def merged(base: Any, patch: Any) -> Any:
    """Return a strategic merge: mappings by key, lists of named items by name, anything else replaced."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in patch.items()}}
    if is_named(base) and is_named(patch):
        return list(merged({item["name"]: item for item in base}, {item["name"]: item for item in patch}).values())
    return patch


def is_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value)


def read(file: Path) -> Document:
    document: Document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return document


def render(folder: Path) -> list[Document]:
    """Return what kustomize makes of a folder, as far as ours use kustomize; more than that is a KeyError."""
    kustomization = read(folder / "kustomization.yaml")
    assert {"apiVersion", "kind", "resources", "patches"} >= set(kustomization)
    documents: list[Document] = []
    for name in kustomization["resources"]:
        documents += render(folder / name) if (folder / name).is_dir() else [read(folder / name)]
    for patch in kustomization.get("patches", []):
        change = read(folder / patch["path"])
        [index] = [index for index, document in enumerate(documents) if identity(document) == identity(change)]
        documents[index] = merged(documents[index], change)
    return documents


def identity(document: Document) -> tuple[str, str]:
    return document["kind"], document["metadata"]["name"]


def in_order(value: Any) -> Any:
    """Return a value whose lists of named items are in the order of their names."""
    if isinstance(value, dict):
        return {key: in_order(part) for key, part in value.items()}
    if is_named(value):
        return [in_order(item) for item in sorted(value, key=lambda item: str(item["name"]))]
    return value


def by_identity(documents: list[Document]) -> dict[tuple[str, str], Document]:
    return {identity(document): in_order(document) for document in documents}


RENDERED = {
    overlay: {document["kind"]: document for document in render(FOLDER / "overlays" / overlay)} for overlay in OVERLAYS
}
SQLITE, POSTGRESQL = (RENDERED[overlay] for overlay in OVERLAYS)


def pod(overlay: str) -> Document:
    spec: Document = RENDERED[overlay]["Deployment"]["spec"]["template"]["spec"]
    return spec


def container(overlay: str) -> Document:
    [only] = pod(overlay)["containers"]
    found: Document = only
    return found


def variables(overlay: str) -> dict[str, Document]:
    return {variable["name"]: variable for variable in container(overlay)["env"]}


def kustomize(folder: Path) -> list[Document]:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    return list(yaml.safe_load_all(done.stdout))


@needs_kubectl
@every_overlay
def test_kustomize_makes_of_it_what_these_tests_read(overlay: str) -> None:
    assert by_identity(kustomize(FOLDER / "overlays" / overlay)) == by_identity(list(RENDERED[overlay].values()))


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
@every_overlay
def test_every_manifest_is_valid_and_has_no_unknown_field(overlay: str, version: str) -> None:
    for document in RENDERED[overlay].values():
        kubernetes_validate.validate(document, version, strict=True)


def test_an_unknown_field_is_not_valid() -> None:
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(
            merged(SQLITE["Deployment"], {"spec": {"readynessProbe": {}}}), OLDEST, strict=True
        )


def test_the_page_names_the_oldest_version() -> None:
    assert f"Version {OLDEST} or later" in (ROOT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")


@every_overlay
def test_it_may_be_put_into_any_namespace(overlay: str) -> None:
    assert [] == [document for document in RENDERED[overlay].values() if "namespace" in document["metadata"]]


@every_overlay
def test_everything_selects_the_pods_by_their_label(overlay: str) -> None:
    kinds = RENDERED[overlay]
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]

    assert labels == kinds["Deployment"]["spec"]["selector"]["matchLabels"]
    assert labels == kinds["Service"]["spec"]["selector"]
    assert labels == kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    for budget in [kinds[kind] for kind in kinds if kind == "PodDisruptionBudget"]:
        assert labels == budget["spec"]["selector"]["matchLabels"]
    for spread in pod(overlay).get("topologySpreadConstraints", []):
        assert labels == spread["labelSelector"]["matchLabels"]


@every_overlay
def test_the_service_has_the_collector_s_ports(overlay: str) -> None:
    ports = {"api": Settings().port, "dashboard": Settings().dashboard_port}

    assert ports == {port["name"]: port["containerPort"] for port in container(overlay)["ports"]}
    assert ports == {port["targetPort"]: port["port"] for port in RENDERED[overlay]["Service"]["spec"]["ports"]}


@every_overlay
def test_a_service_s_variables_cannot_become_settings(overlay: str) -> None:
    # For a service named log-center Kubernetes sets LOG_CENTER_PORT to tcp://…, which no collector starts with.
    assert "log-center" == RENDERED[overlay]["Service"]["metadata"]["name"]
    assert pod(overlay)["enableServiceLinks"] is False


@every_overlay
def test_it_lives_by_healthz_and_gets_traffic_by_readyz(overlay: str) -> None:
    probes = {
        name: (
            container(overlay)[f"{name}Probe"]["httpGet"]["path"],
            container(overlay)[f"{name}Probe"]["httpGet"]["port"],
        )
        for name in ("startup", "liveness", "readiness")
    }

    assert {"startup": ("/healthz", "api"), "liveness": ("/healthz", "api"), "readiness": ("/readyz", "api")} == probes


@every_overlay
def test_prometheus_is_led_to_the_api_s_port(overlay: str) -> None:
    annotations = RENDERED[overlay]["Deployment"]["spec"]["template"]["metadata"]["annotations"]

    assert {"scrape": "true", "port": str(Settings().port), "path": "/metrics"} == {
        name.removeprefix("prometheus.io/"): value for name, value in annotations.items()
    }


@every_overlay
def test_the_pod_meets_the_restricted_standard_as_the_image_s_user(overlay: str) -> None:
    [user] = re.findall(r"^USER (\d+):", (ROOT / "deploy" / "docker" / "Dockerfile").read_text(), re.MULTILINE)
    of_pod, of_container = pod(overlay)["securityContext"], container(overlay)["securityContext"]

    assert (True, int(user), "RuntimeDefault") == (
        of_pod["runAsNonRoot"],
        of_pod["runAsUser"],
        of_pod["seccompProfile"]["type"],
    )
    assert {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == of_container
    assert pod(overlay)["automountServiceAccountToken"] is False


@every_overlay
def test_every_mount_has_its_volume(overlay: str) -> None:
    # SQLite sorts what is large in /tmp, and the rest of the file system cannot be written to.
    mounts = {mount["name"]: mount["mountPath"] for mount in container(overlay)["volumeMounts"]}

    assert set(mounts) == {volume["name"] for volume in pod(overlay)["volumes"]}
    assert "/tmp" == mounts["tmp"]


@every_overlay
def test_its_memory_holds_all_reports_that_may_wait(overlay: str) -> None:
    limit = re.fullmatch(r"(\d+)Mi", container(overlay)["resources"]["limits"]["memory"])
    assert limit is not None

    assert int(limit[1]) * 1024**2 > Settings().queue_bytes + 150_000_000


def test_one_collector_writes_the_file_and_ends_before_the_next_starts() -> None:
    deployment = SQLITE["Deployment"]["spec"]

    assert (1, {"type": "Recreate"}) == (deployment["replicas"], deployment["strategy"])
    assert "PodDisruptionBudget" not in SQLITE  # with one pod it would only keep a node from being drained


def test_the_file_lies_on_the_claimed_volume_and_has_room() -> None:
    claim = SQLITE["PersistentVolumeClaim"]
    [mount] = [mount for mount in container("sqlite")["volumeMounts"] if mount["name"] == "data"]
    [volume] = [volume for volume in pod("sqlite")["volumes"] if volume["name"] == "data"]
    budget = int(variables("sqlite")["LOG_CENTER_DISK_BUDGET"]["value"].removesuffix("GB"))

    assert claim["metadata"]["name"] == volume["persistentVolumeClaim"]["claimName"]
    assert variables("sqlite")["LOG_CENTER_DATABASE_URL"]["value"].startswith(f"sqlite:///{mount['mountPath']}/")
    assert 2 * budget < int(claim["spec"]["resources"]["requests"]["storage"].removesuffix("Gi"))


def test_collectors_on_postgresql_are_several_and_replaced_one_by_one() -> None:
    deployment = POSTGRESQL["Deployment"]["spec"]

    assert 2 <= deployment["replicas"]
    assert 0 == deployment["strategy"]["rollingUpdate"]["maxUnavailable"]
    assert 1 == POSTGRESQL["PodDisruptionBudget"]["spec"]["maxUnavailable"]


def test_the_database_s_address_is_the_secret_that_the_page_creates() -> None:
    created = re.search(
        r"create secret generic (\S+) \\\n +--from-literal=(\w+)=(\S+)", snippet("how-to/deploy.md", "apply.sh")
    )
    assert created is not None

    assert {
        "name": "LOG_CENTER_DATABASE_URL",
        "valueFrom": {"secretKeyRef": {"name": created[1], "key": created[2]}},
    } == (variables("postgresql")["LOG_CENTER_DATABASE_URL"])
    assert created[3].startswith("postgresql://")
    assert "Secret" not in POSTGRESQL


@every_overlay
def test_the_administrator_s_token_is_the_secret_that_the_page_creates(overlay: str) -> None:
    created = re.search(
        r'create secret generic (\S+) --from-literal=(\w+)="\$\(openssl rand -hex (\d+)\)"',
        snippet("how-to/deploy.md", "apply.sh"),
    )
    assert created is not None

    reference = variables(overlay)["LOG_CENTER_ADMIN_TOKEN"]["valueFrom"]["secretKeyRef"]
    assert {"name": created[1], "key": created[2]} == reference
    assert 20 <= 2 * int(created[3])  # as long as the collector wants it


@every_overlay
def test_only_labelled_namespaces_come_in_and_to_the_dashboard_nobody_else(overlay: str) -> None:
    allowed = {rule["ports"][0]["port"]: rule["from"] for rule in RENDERED[overlay]["NetworkPolicy"]["spec"]["ingress"]}

    assert {
        "api": [{"podSelector": {}}, {"namespaceSelector": {"matchLabels": {"logcenter-reports": "allowed"}}}],
        "dashboard": [{"namespaceSelector": {"matchLabels": {"logcenter-dashboard": "allowed"}}}],
    } == allowed


def test_it_calls_nobody_but_its_database() -> None:
    rules = {overlay: RENDERED[overlay]["NetworkPolicy"]["spec"] for overlay in OVERLAYS}

    assert all(["Ingress", "Egress"] == rule["policyTypes"] for rule in rules.values())
    assert [] == rules["sqlite"]["egress"]
    assert [53, 53, 5432] == [port["port"] for port in rules["postgresql"]["egress"][0]["ports"]]


@needs_kubectl
def test_the_page_s_own_folder_changes_image_namespace_and_address(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "log-center" / "deploy" / "kubernetes")
    (tmp_path / "kustomization.yaml").write_text(snippet("how-to/deploy.md", "kustomization.yaml"), encoding="utf-8")

    documents = {document["kind"]: document for document in kustomize(tmp_path)}

    [collector] = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {"log-center"} == {document["metadata"]["namespace"] for document in documents.values()}
    assert collector["image"].startswith("registry.example.org/team/logcenter-collector:")
    assert "LOG_CENTER_PUBLIC_URL" in {variable["name"] for variable in collector["env"]}
    for document in documents.values():
        kubernetes_validate.validate(document, OLDEST, strict=True)
