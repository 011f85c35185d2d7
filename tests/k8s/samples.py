"""Pods in the shapes that a kubelet writes; each helper's arguments are what a test is about."""

from typing import Any

CRASHED = {
    "exitCode": 1,
    "reason": "Error",
    "startedAt": "2026-02-20T10:29:55Z",
    "finishedAt": "2026-02-20T10:30:00Z",
    "containerID": "containerd://aaaa",
}
OOM = {**CRASHED, "exitCode": 137, "reason": "OOMKilled"}
RUNNING = {"running": {"startedAt": "2026-02-20T10:31:00Z"}}
BACK_OFF = "back-off 5m0s restarting failed container=api pod=rtc-backend-7d4b9c6f5d-x2x4z_shop(uid-1)"


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def terminated(end: dict[str, Any] = CRASHED, **more: Any) -> dict[str, Any]:
    return {"terminated": {**end, **more}}


def container(
    state: dict[str, Any], last: dict[str, Any] | None = None, *, name: str = "api", restarts: int = 0
) -> dict[str, Any]:
    image = "registry.example.org/rtc:1"
    return {"name": name, "image": image, "state": state, "lastState": last or {}, "restartCount": restarts}


def pod(*containers: dict[str, Any], init: tuple[dict[str, Any], ...] = (), **metadata: Any) -> dict[str, Any]:
    name = metadata.get("name", "rtc-backend-7d4b9c6f5d-x2x4z")
    status: dict[str, Any] = {"phase": "Running", "containerStatuses": list(containers)}
    if init:
        status["initContainerStatuses"] = list(init)
    return {
        "metadata": {
            "namespace": "shop",
            "name": name,
            "uid": f"uid-{name}",
            "labels": {"app": "rtc-backend", "pod-template-hash": "7d4b9c6f5d"},
            "ownerReferences": [controlled_by("ReplicaSet", "rtc-backend-7d4b9c6f5d")],
            **metadata,
        },
        "spec": {"nodeName": "node-1"},
        "status": status,
    }


def controlled_by(kind: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "controller": True}


def crash_looping(**metadata: Any) -> dict[str, Any]:
    return pod(container(waiting("CrashLoopBackOff", BACK_OFF), terminated(), restarts=5), **metadata)
