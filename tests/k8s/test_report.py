import json
from typing import Any

from k8s.samples import CRASHED, RUNNING, container, crash_looping, pod, terminated, waiting
from logcenter_k8s.diagnose import diagnose
from logcenter_k8s.labels import Target
from logcenter_k8s.report import build_report
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.report import Report
from logcenter_sdk.wire import to_wire
from support.repository import ROOT

TARGET = Target("rtc_backend", "production")


def report_of(sample: dict[str, Any], log: tuple[str, ...] = ()) -> Report:
    (finding,) = diagnose([sample])
    return build_report(finding, TARGET, "rtc-backend", log)


def test_a_crash_loop_has_the_fingerprint_and_the_context_of_the_contracts_golden_case() -> None:
    cases = json.loads((ROOT / "contract" / "cases.json").read_text(encoding="utf-8"))["reports"]
    golden = next(case for case in cases if case["name"] == "kubernetes")

    report = report_of(crash_looping(namespace="default"))

    assert golden["fingerprint"] == fingerprint_of(report)
    assert golden["report"]["context"].keys() <= to_wire(report)["context"].keys()
    assert ("deployment", "CRITICAL") == (report.source, report.level)


def test_the_message_names_reason_pod_and_container() -> None:
    message = report_of(pod(container(waiting("ErrImagePull", "not found")))).error.message

    assert "ErrImagePull: not found (pod: rtc-backend-7d4b9c6f5d-x2x4z, container: api)" == message


def test_the_stack_trace_is_the_log_else_what_the_cluster_says() -> None:
    with_log, without = report_of(crash_looping(), ("KeyError: 'DATABASE_URL'",)), report_of(crash_looping())

    assert ("KeyError: 'DATABASE_URL'",) == with_log.error.stack_trace
    assert (without.error.message,) == without.error.stack_trace


def test_the_time_is_when_the_run_ended() -> None:
    assert "2026-02-20T10:30:00Z" == report_of(crash_looping()).timestamp
    assert report_of(pod(container(waiting("ErrImagePull")))).timestamp is None


def test_a_time_that_is_none_does_not_cost_the_report() -> None:
    odd = pod(container(waiting("CrashLoopBackOff"), terminated({**CRASHED, "finishedAt": "yesterday"})))

    assert report_of(odd).timestamp is None


def test_every_scan_sees_the_same_failure_under_the_same_id() -> None:
    in_back_off = pod(container(waiting("CrashLoopBackOff"), terminated(reason="OOMKilled")))
    serving_again = pod(container(RUNNING, terminated(reason="OOMKilled"), restarts=1))

    assert report_of(in_back_off).event_id == report_of(serving_again).event_id


def test_the_next_crash_the_other_container_and_the_other_pod_have_other_ids() -> None:
    samples = [
        crash_looping(),
        pod(container(waiting("CrashLoopBackOff"), terminated(containerID="containerd://bbbb"))),
        pod(container(waiting("CrashLoopBackOff"), terminated(), name="worker")),
        crash_looping(name="other"),
    ]

    assert 4 == len({report_of(sample).event_id for sample in samples})
