"""Ingest keys of a project: list, make, revoke."""

from collections.abc import Callable
from typing import Any

from attrs import asdict
from litestar import delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.ingest.decode import read_object
from logcenter_collector.store.access.keys import Key
from logcenter_collector.web.api.door_shapes import IngestKey, NewIngestKey, NewKey, Usage
from logcenter_collector.web.api.doors import used_today
from logcenter_collector.web.api.projects import check_project_id
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedDoorkeeper, InjectedNow, InjectedPipeline
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/projects/{project_id:str}/keys",
    sync_to_thread=True,
    summary="Ingest keys of a project",
    description="The latest first, revoked ones as well.",
    tags=["Keys and limits"],
    opt={"answers": array_of(IngestKey)},
)
def list_keys(
    project_id: FromPath[str], doorkeeper: InjectedDoorkeeper, pipeline: InjectedPipeline, now: InjectedNow
) -> list[dict[str, Any]]:
    """Return all keys of a project."""
    check_project_id(project_id)
    today = used_today(project_id, doorkeeper, pipeline, now)
    return [_listed(key, today) for key in doorkeeper.keys(project_id)]


@post(
    "/api/v1/projects/{project_id:str}/keys",
    status_code=200,
    summary="Make an ingest key",
    description="The answer holds the key, which nobody can read again. The project need not have reported yet.",
    tags=["Keys and limits"],
    opt={"takes": ref(NewKey), "answers": ref(NewIngestKey)},
)
async def create_key(
    request: AnyRequest, project_id: FromPath[str], doorkeeper: InjectedDoorkeeper, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Make a key and return it, this once with the key itself."""
    check_project_id(project_id)
    new = read_object(NewKey, await read_json(request))
    key, secret = await sync_to_thread(doorkeeper.create_key, project_id, new.name, new.per_minute, by, now)
    return dict(to_wire(NewIngestKey(**asdict(key), accepted_today=0, key=secret)))


@delete(
    "/api/v1/projects/{project_id:str}/keys/{key_id:int}",
    status_code=200,
    sync_to_thread=True,
    summary="Revoke an ingest key",
    description="At once in this collector, within seconds in others. It stays in the list.",
    tags=["Keys and limits"],
    opt={"answers": ref(IngestKey)},
)
def revoke_key(  # noqa: PLR0913, PLR0917 - what it is given by name
    project_id: FromPath[str],
    key_id: FromPath[int],
    doorkeeper: InjectedDoorkeeper,
    pipeline: InjectedPipeline,
    by: InjectedBy,
    now: InjectedNow,
) -> dict[str, Any]:
    """Revoke a key and return it."""
    check_project_id(project_id)
    key = doorkeeper.revoke_key(project_id, key_id, by, now) if 0 < key_id <= INTEGER_MAX else None
    if key is None:
        raise not_found(f"key {key_id} of project {project_id!r}")
    return _listed(key, used_today(project_id, doorkeeper, pipeline, now))


def _listed(key: Key, today: Callable[[int], Usage]) -> dict[str, Any]:
    return dict(to_wire(IngestKey(**asdict(key), accepted_today=today(key.id).accepted)))
