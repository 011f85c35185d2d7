from typing import Any

import pytest

from k8s.samples import CRASHED, OOM, RUNNING, container, crash_looping, pod, terminated, waiting
from logcenter_k8s.diagnose import Finding, LogRun, diagnose

NEVER_STARTED = {
    "ImagePullBackOff": 'Back-off pulling image "registry.example.org/rtc:1"',
    "ErrImagePull": "failed to pull and unpack image: not found",
    "CreateContainerConfigError": 'configmap "rtc-settings" not found',
    "RunContainerError": "failed to create containerd task: no such file or directory",
}


def only(*pods: dict[str, Any]) -> Finding:
    (finding,) = diagnose(pods)
    return finding


def test_a_crash_loop_is_found_with_the_run_that_crashed() -> None:
    finding = only(crash_looping())

    assert ("CrashLoopBackOff", "api", 5) == (finding.reason, finding.container, finding.restart_count)
    assert ("2026-02-20T10:30:00Z", 1) == (finding.finished_at, finding.exit_code)
    assert "containerd://aaaa" == finding.run
    assert finding.explanation.startswith("back-off 5m0s restarting failed container")


@pytest.mark.parametrize(("reason", "message"), NEVER_STARTED.items())
def test_a_container_that_cannot_start_is_found_with_what_the_kubelet_says(reason: str, message: str) -> None:
    finding = only(pod(container(waiting(reason, message))))

    assert (reason, message) == (finding.reason, finding.explanation)
    assert finding.finished_at is None


@pytest.mark.parametrize(
    "status",
    [
        container(terminated(OOM), terminated(OOM, containerID="containerd://older")),
        container(waiting("CrashLoopBackOff"), terminated(OOM)),
        container(RUNNING, terminated(OOM), restarts=1),
    ],
    ids=["between back-offs", "in back-off", "serving again"],
)
def test_an_out_of_memory_kill_is_one_finding_in_every_state_that_shows_it(status: dict[str, Any]) -> None:
    finding = only(pod(status))

    assert ("OOMKilled", 137, "containerd://aaaa") == (finding.reason, finding.exit_code, finding.run)


def test_a_run_that_could_not_start_stays_what_it_was_when_its_back_off_begins() -> None:
    start_error = terminated(reason="StartError", exitCode=128, message="exec: no such file or directory")

    finding = only(pod(container(waiting("CrashLoopBackOff", "back-off 10s"), start_error)))

    assert ("RunContainerError", "exec: no such file or directory") == (finding.reason, finding.explanation)


def test_an_init_container_that_crashes_is_found() -> None:
    init = container(waiting("CrashLoopBackOff"), terminated(), name="migrate")

    finding = only(pod(container(waiting("PodInitializing")), init=(init,)))

    assert ("CrashLoopBackOff", "migrate") == (finding.reason, finding.container)


def test_every_failing_container_of_a_pod_is_found() -> None:
    sidecar = container(waiting("ImagePullBackOff"), name="proxy")

    findings = diagnose([pod(container(waiting("CrashLoopBackOff"), terminated()), sidecar)])

    assert [("CrashLoopBackOff", "api"), ("ImagePullBackOff", "proxy")] == [
        (finding.reason, finding.container) for finding in findings
    ]


@pytest.mark.parametrize(
    "healthy",
    [
        pod(container(RUNNING)),
        pod(container(RUNNING, terminated(reason="Unknown", exitCode=255), restarts=1)),
        pod(container(waiting("ContainerCreating"))),
        pod(container(terminated(reason="Completed", exitCode=0))),
        pod(
            container(RUNNING),
            init=(container(terminated(reason="Completed", exitCode=0), terminated(), name="migrate", restarts=3),),
        ),
        {"metadata": {"name": "unscheduled"}, "status": {"phase": "Pending"}},
        {"metadata": {"name": "odd"}, "status": {"containerStatuses": None}},
        {},
    ],
    ids=["running", "node rebooted", "starting", "done", "init retried", "pending", "null", "empty"],
)
def test_what_is_healthy_is_no_finding(healthy: dict[str, Any]) -> None:
    assert [] == diagnose([healthy])


@pytest.mark.parametrize(
    ("status", "run"),
    [
        (container(waiting("CrashLoopBackOff"), terminated()), LogRun.PREVIOUS),
        (container(RUNNING, terminated(OOM)), LogRun.PREVIOUS),
        (container(terminated(OOM), terminated()), LogRun.CURRENT),
        (container(waiting("ErrImagePull")), LogRun.NONE),
        (container(waiting("CrashLoopBackOff"), terminated(reason="ContainerStatusUnknown")), LogRun.NONE),
        (container(waiting("CrashLoopBackOff"), terminated(containerID="")), LogRun.CURRENT),
    ],
    ids=["waiting", "running", "terminated", "never ran", "lost", "no id"],
)
def test_the_log_is_that_of_the_run_that_failed(status: dict[str, Any], run: LogRun) -> None:
    assert run is only(pod(status)).log_run


def test_without_a_message_the_exit_code_explains() -> None:
    assert "exit code 137" == only(pod(container(RUNNING, terminated(OOM)))).explanation


def test_one_image_that_cannot_be_had_is_one_failure_however_it_is_called() -> None:
    runs = {only(pod(container(waiting(reason)))).run for reason in ("ErrImagePull", "ImagePullBackOff")}

    assert {"pull-0"} == runs


def test_another_start_that_fails_is_another_failure() -> None:
    pull, config = (only(pod(container(waiting(name)))) for name in ("ErrImagePull", "CreateContainerConfigError"))

    assert pull.run != config.run


def test_the_end_of_the_present_run_stands_before_that_of_the_previous_one() -> None:
    older = terminated({**CRASHED, "finishedAt": "2026-02-20T09:00:00Z"})

    assert "2026-02-20T10:30:00Z" == only(pod(container(terminated(OOM), older))).finished_at
