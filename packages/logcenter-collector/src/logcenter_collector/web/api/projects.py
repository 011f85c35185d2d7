"""Projects: list, read, set."""

from typing import Any

from litestar import get, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedNow, InjectedView
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.project import Project, ProjectChange
from logcenter_sdk.contract.reading import field_types
from logcenter_sdk.contract.report import PROJECT_ID
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/projects",
    sync_to_thread=True,
    summary="All projects",
    tags=["Projects"],
    opt={"answers": array_of(Project)},
)
def list_projects(view: InjectedView) -> list[dict[str, Any]]:
    """Return all projects, by id."""
    return [to_wire(project) for project in view.projects()]


@get(
    "/api/v1/projects/{project_id:str}",
    sync_to_thread=True,
    summary="One project",
    tags=["Projects"],
    opt={"answers": ref(Project)},
)
def get_project(project_id: FromPath[str], view: InjectedView) -> dict[str, Any]:
    """Return one project."""
    return _found(view.project(storable_text(project_id)), project_id)


@put(
    "/api/v1/projects/{project_id:str}",
    summary="Set a project",
    description="Sets what the body names and leaves the rest; null empties a field; creates an unknown project.",
    tags=["Projects"],
    opt={"takes": ref(ProjectChange), "answers": ref(Project)},
)
async def put_project(
    request: AnyRequest, project_id: FromPath[str], view: InjectedView, now: InjectedNow
) -> dict[str, Any]:
    """Set what the body names of a project."""
    if not PROJECT_ID.fullmatch(project_id):
        raise invalid_fields([FieldError("project_id", "must be 1 to 64 letters, digits, '_', '-' or '.'")])
    payload = await read_json(request)
    read_object(ProjectChange, payload)
    changes = {name: payload[name] or None for name in field_types(ProjectChange) if name in payload}
    return _found(await sync_to_thread(view.put_project, project_id, changes, now), project_id)


def _found(project: Project | None, project_id: str) -> dict[str, Any]:
    if project is None:
        raise not_found(f"project {project_id!r}")
    return dict(to_wire(project))
