"""Which workload a pod belongs to: its root owner, so that every replica and every rollout is one issue. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from logcenter_k8s.pods import Json, part, text

_HASH_LABEL: Final = "pod-template-hash"
_CRON_SUFFIX: Final = re.compile(r"-\d{8,10}$")
"""A CronJob names its Jobs after the minute (before Kubernetes 1.21: the second) that they were due."""


class Owner(NamedTuple):
    """A workload by kind and name, in the pod's namespace."""

    namespace: str
    kind: str
    name: str


Controllers = Mapping[Owner, Json]
"""Owners that were asked for, as the API answered; one that could not be had is absent."""


def asked_for(pods: Iterable[Json]) -> set[Owner]:
    """Return the owners of pods that have owners themselves and say nothing about it: ReplicaSets and Jobs."""
    owners = {owner_of(pod) for pod in pods}
    return {owner for owner in owners if owner is not None and owner.kind in {"ReplicaSet", "Job"}}


def owner_of(thing: Json) -> Owner | None:
    """Return the owner that controls a pod or a workload."""
    for reference in part(thing, "metadata").get("ownerReferences") or ():
        if reference.get("controller") and text(reference, "kind") != "Node":  # a node owns its static pods
            return Owner(text(thing, "metadata", "namespace"), text(reference, "kind"), text(reference, "name"))
    return None


def deployment_name(pod: Json, controllers: Controllers) -> str:
    """Return the root owner's name: of the Deployment, StatefulSet, DaemonSet, CronJob, Job, else of the pod itself."""
    owner = owner_of(pod)
    if owner is None:
        return _stem(pod)
    if owner in controllers:
        root = owner_of(controllers[owner])
        return root.name if root else owner.name
    return _guessed_root(owner, pod)


def _guessed_root(owner: Owner, pod: Json) -> str:
    """Read the name that the owner's controller gave it, where the owner itself could not be had."""
    if owner.kind == "ReplicaSet" and (digits := text(pod, "metadata", "labels", _HASH_LABEL)):
        return owner.name.removesuffix(f"-{digits}")
    return _CRON_SUFFIX.sub("", owner.name) if owner.kind == "Job" else owner.name


def _stem(pod: Json) -> str:
    """Return the name that a pod without an owner was generated from, else its own."""
    return text(pod, "metadata", "generateName").removesuffix("-") or text(pod, "metadata", "name")
