"""The CronJob's manifest and the Flutter page: what can be held of them without a cluster and without Dart."""

import json
import re
from typing import Any

import yaml

from support.pages import ROOT, snippet

DOCUMENTS: list[dict[str, Any]] = list(yaml.safe_load_all(snippet("how-to/kubernetes-cronjob.md", "logcenter.yaml")))
BY_KIND = {document["kind"]: document for document in DOCUMENTS}
DART = snippet("how-to/flutter.md", "log_center.dart")


def test_the_job_runs_under_the_account_that_the_role_is_bound_to() -> None:
    pod = BY_KIND["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    account = BY_KIND["ServiceAccount"]["metadata"]

    assert account["name"] == pod["serviceAccountName"]
    assert [{"kind": "ServiceAccount", **account}] == BY_KIND["RoleBinding"]["subjects"]
    assert BY_KIND["Role"]["metadata"]["name"] == BY_KIND["RoleBinding"]["roleRef"]["name"]
    assert {"default"} == {document["metadata"]["namespace"] for document in DOCUMENTS}


def test_the_scanner_may_read_what_it_reads_and_nothing_else() -> None:
    granted = {resource: rule["verbs"] for rule in BY_KIND["Role"]["rules"] for resource in rule["resources"]}

    assert {"pods": ["list"], "pods/log": ["get"], "replicasets": ["get"], "jobs": ["get"]} == granted


def test_the_job_scans_and_cannot_pile_up() -> None:
    job = BY_KIND["CronJob"]["spec"]
    [container] = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]

    assert "Forbid" == job["concurrencyPolicy"]
    assert ["scan"] == container["args"]
    names = {"LOG_CENTER_URL", "LOG_CENTER_TOKEN", "LOG_CENTER_PROJECT", "ENVIRONMENT", "MONITOR_NAMESPACE"}
    assert names == {variable["name"] for variable in container["env"]}


def test_the_job_s_token_is_the_secret_that_the_page_creates_where_one_is_needed() -> None:
    [container] = BY_KIND["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    page = (ROOT / "docs" / "how-to" / "kubernetes-cronjob.md").read_text(encoding="utf-8")
    created = re.search(r"create secret generic (\S+) --from-literal=(\w+)=", page)
    assert created is not None

    [token] = [variable for variable in container["env"] if variable["name"] == "LOG_CENTER_TOKEN"]
    assert {"name": created[1], "key": created[2], "optional": True} == token["valueFrom"]["secretKeyRef"]


def test_the_flutter_payload_is_the_contract_s_case() -> None:
    cases = json.loads((ROOT / "contract" / "cases.json").read_text(encoding="utf-8"))["reports"]
    case = next(case["report"] for case in cases if case["name"] == "flutter")

    assert case == json.loads(snippet("how-to/flutter.md", "payload.json"))
    assert {*case, *case["error"]} <= set(re.findall(r"'(\w+)':", DART))


def test_the_dart_pattern_reads_file_and_line() -> None:
    pattern = re.search(r"RegExp\(r'(.+?)'\)", DART)
    assert pattern is not None
    lines = {
        "#0      ApiClient.get (package:airhub/api.dart:88:7)": ("package:airhub/api.dart", "88"),
        "#1      _AppState.build.<anonymous closure> (package:airhub/main.dart:12)": ("package:airhub/main.dart", "12"),
        "#2      main (file:///home/dev/app/lib/main.dart:3:1)": ("file:///home/dev/app/lib/main.dart", "3"),
    }

    found = {line: re.search(pattern[1], line) for line in lines}

    assert lines == {line: match and match.groups() for line, match in found.items()}
    assert re.search(pattern[1], "<asynchronous suspension>") is None
