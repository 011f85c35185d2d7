"""What a project demands of its reports: read and set."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import asdict, evolve, fields_dict
from litestar import get, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord
from logcenter_collector.domain.rates import day_of
from logcenter_collector.domain.scrubbing import InvalidRulesError, scrubber_of
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.store.access.usage import Used
from logcenter_collector.store.tables import microseconds
from logcenter_collector.web.api.door_shapes import Doors, DoorsChange, Usage
from logcenter_collector.web.api.projects import check_project_id
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedDoorkeeper, InjectedNow, InjectedPipeline
from logcenter_collector.web.openapi import ref
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/projects/{project_id:str}/doors",
    sync_to_thread=True,
    summary="What a project demands of its reports",
    description="Whether it demands a key, its limits, its scrubbing rules, and what came today.",
    tags=["Keys and limits"],
    opt={"answers": ref(Doors)},
)
def get_doors(
    project_id: FromPath[str], doorkeeper: InjectedDoorkeeper, pipeline: InjectedPipeline, now: InjectedNow
) -> dict[str, Any]:
    """Return what a project demands, and what came today."""
    check_project_id(project_id)
    return _answer(project_id, doorkeeper.door(project_id), used_today(project_id, doorkeeper, pipeline, now)(0))


@put(
    "/api/v1/projects/{project_id:str}/doors",
    summary="Set what a project demands of its reports",
    description="Sets what the body names and leaves the rest. Holds at once in this collector, within seconds in "
    "others. The project need not have reported yet.",
    tags=["Keys and limits"],
    opt={"takes": ref(DoorsChange), "answers": ref(Doors)},
)
async def put_doors(  # noqa: PLR0913, PLR0917 - what it is given by name
    request: AnyRequest,
    project_id: FromPath[str],
    doorkeeper: InjectedDoorkeeper,
    pipeline: InjectedPipeline,
    by: InjectedBy,
    now: InjectedNow,
) -> dict[str, Any]:
    """Set what the body names and return what holds now."""
    check_project_id(project_id)
    payload = await read_json(request)
    changes = _changes(read_object(DoorsChange, payload), payload)
    door = await sync_to_thread(doorkeeper.set_door, project_id, changes, by, now)
    today = await sync_to_thread(used_today, project_id, doorkeeper, pipeline, now)
    return _answer(project_id, door, today(0))


def used_today(project_id: str, doorkeeper: Doorkeeper, pipeline: Pipeline, now: datetime) -> Callable[[int], Usage]:
    """Return what says how much a key brought today; of key 0, how much came to the project."""
    stored = doorkeeper.usage(project_id, day_of(microseconds(now)))

    def of_key(key_id: int) -> Usage:
        more, used = pipeline.allowances.not_stored(project_id, key_id), stored.get(key_id, Used())
        return Usage(accepted=used.accepted + more.accepted, refused=used.refused + more.refused)

    return of_key


def _changes(change: DoorsChange, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the fields to set; null stands for what holds where nothing was set. Raises RefusedError."""
    named = {name: getattr(change, name) for name in fields_dict(DoorsChange) if name in payload}
    changes = {name: getattr(NO_DEMANDS, name) if value is None else value for name, value in named.items()}
    if "scrub_names" in changes:
        changes["scrub_names"] = tuple(map(storable_text, changes["scrub_names"]))
    rules = evolve(NO_DEMANDS, **changes)
    try:
        scrubber_of(rules.scrub_names, rules.scrub_patterns)
    except InvalidRulesError as error:
        raise invalid_fields(error.errors) from None
    return changes


def _answer(project_id: str, door: DoorRecord, today: Usage) -> dict[str, Any]:
    return dict(to_wire(Doors(project_id=project_id, **asdict(door, recurse=False), today=today)))
