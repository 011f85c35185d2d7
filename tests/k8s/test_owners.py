from typing import Any

import pytest

from k8s.samples import controlled_by, crash_looping
from logcenter_k8s.owners import Owner, asked_for, deployment_name

REPLICA_SET = Owner("shop", "ReplicaSet", "rtc-backend-7d4b9c6f5d")


def owned_by(kind: str, name: str, /, **more: Any) -> dict[str, Any]:
    return crash_looping(ownerReferences=[controlled_by(kind, name)], **more)


def test_the_deployment_is_the_replica_sets_owner() -> None:
    owner = {"metadata": {"ownerReferences": [controlled_by("Deployment", "the-deployment")]}}

    assert "the-deployment" == deployment_name(crash_looping(), {REPLICA_SET: owner})


def test_without_the_replica_set_its_hash_is_taken_off_its_name() -> None:
    assert "rtc-backend" == deployment_name(crash_looping(), {})


def test_a_replica_set_of_its_own_keeps_its_name() -> None:
    assert "rtc-backend-7d4b9c6f5d" == deployment_name(crash_looping(), {REPLICA_SET: {"metadata": {}}})
    assert "handmade" == deployment_name(owned_by("ReplicaSet", "handmade", labels={}), {})


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_other_workloads_are_the_owner_themselves(kind: str) -> None:
    assert "rtc-db" == deployment_name(owned_by(kind, "rtc-db"), {})


def test_the_runs_of_a_cron_job_are_one_workload() -> None:
    names = {deployment_name(owned_by("Job", f"backup-{minute}"), {}) for minute in (29516400, 29516405)}

    assert {"backup"} == names


def test_a_job_of_a_cron_job_says_so_where_it_can_be_read() -> None:
    owner = {"metadata": {"ownerReferences": [controlled_by("CronJob", "nightly")]}}

    assert "nightly" == deployment_name(owned_by("Job", "odd-name"), {Owner("shop", "Job", "odd-name"): owner})


def test_a_pod_without_an_owner_is_named_by_itself_without_what_was_generated() -> None:
    assert "debug" == deployment_name(crash_looping(ownerReferences=None, name="debug"), {})
    assert "task" == deployment_name(crash_looping(ownerReferences=[], name="task-x7", generateName="task-"), {})


def test_a_node_is_no_workload() -> None:
    assert "etcd-node-1" == deployment_name(owned_by("Node", "node-1", name="etcd-node-1"), {})


def test_fifty_replicas_of_three_rollouts_have_one_name() -> None:
    pods = [
        owned_by("ReplicaSet", f"rtc-backend-{digest}", name=f"rtc-{number}", labels={"pod-template-hash": digest})
        for digest in ("7d4b9c6f5d", "5f6c7d8b9c", "84c7f5b6d9")
        for number in range(50)
    ]

    assert {"rtc-backend"} == {deployment_name(pod, {}) for pod in pods}


def test_only_owners_that_may_have_owners_are_asked_for_and_each_once() -> None:
    pods = [crash_looping(), crash_looping(name="other"), owned_by("DaemonSet", "agent")]

    assert {REPLICA_SET} == asked_for(pods)
