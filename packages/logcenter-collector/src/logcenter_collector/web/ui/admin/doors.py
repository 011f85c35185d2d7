"""Ingest keys and the door of each project."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.domain.scrubbing import InvalidRulesError, scrubber_of
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import Form, InjectedForm, shown_once
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import NOTHING_SENT, Refused, Result, refused_by
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.report import PROJECT_ID
from logcenter_sdk.contract.storable import storable_text

DOORS: Final = "/admin/projects"
_DIGITS: Final = len(str(INTEGER_MAX)) - 1


@shows(DOORS)
def doors(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[Any]:
    """Show what every project demands; or go to one that is named, be it known or not."""
    named = storable_text(request.query_params.get("project", "")).strip()
    if PROJECT_ID.fullmatch(named):
        return Redirect(f"{DOORS}/{named}", status_code=303)
    refused = Refused(saying="project", at="project") if named else None
    keeper = _keeper(site)
    # From memory: with the database, each project would cost two questions.
    door_of, keys = keeper.credentials.door_of, keeper.live_keys()
    rows = [(project, door_of(project.project_id), keys[project.project_id]) for project in view.projects()]
    status = refused.status if refused else 200
    return site.page(
        request, "admin_doors.html", status=status, section="doors", rows=rows, named=named, refused=refused
    )


@shows("/admin/projects/{project_id:str}")
def door(request: Request[Any, Any, Any], site: InjectedSite, project_id: FromPath[str]) -> Response[str]:
    """Show the keys of a project and what it demands."""
    return _door_page(site, request, _project(project_id))


@takes_form("/admin/projects/{project_id:str}")
def set_door(
    request: Request[Any, Any, Any], site: InjectedSite, project_id: FromPath[str], form: InjectedForm
) -> Response[Any]:
    """Set what a project demands."""
    project = _project(project_id)
    try:
        changes = _door_from(form)
        scrubber_of(changes["scrub_names"], changes["scrub_patterns"])
    except PeopleRefusedError as error:
        return _door_page(site, request, project, Result(refused=refused_by(error), typed=form.shown))
    except InvalidRulesError as error:
        at = error.errors[0].field.partition("[")[0]
        refused = Refused(saying="pattern", values={"detail": str(error)}, at=at)
        return _door_page(site, request, project, Result(refused=refused, typed=form.shown))
    _keeper(site).set_door(project, changes, by_of(request), site.clock())
    return Redirect(f"{DOORS}/{project}?done", status_code=303)


@takes_form("/admin/projects/{project_id:str}/keys")
def make_key(
    request: Request[Any, Any, Any], site: InjectedSite, project_id: FromPath[str], form: InjectedForm
) -> Response[Any]:
    """Make an ingest key, and show it once."""
    project = _project(project_id)
    try:
        if not form.short("key_name"):
            raise PeopleRefusedError("key_name", "key_name")  # noqa: TRY301 - refused like the rest of the form
        limit = _limit(form, "key_per_minute")
    except PeopleRefusedError as error:
        return _door_page(site, request, project, Result(refused=refused_by(error), typed=form.shown))
    _, secret = _keeper(site).create_key(project, form.short("key_name"), limit, by_of(request), site.clock())
    return shown_once(_door_page(site, request, project, Result(made=secret)))


@takes_form("/admin/projects/{project_id:str}/keys/{key_id:int}/revoke")
def revoke_key(
    request: Request[Any, Any, Any], site: InjectedSite, project_id: FromPath[str], key_id: FromPath[int]
) -> Response[Any]:
    """Revoke an ingest key."""
    project = _project(project_id)
    known = {key.id for key in _keeper(site).keys(project)}
    if key_id not in known or _keeper(site).revoke_key(project, key_id, by_of(request), site.clock()) is None:
        raise NotFoundException("no such key")
    return Redirect(f"{DOORS}/{project}", status_code=303)


def _door_page(
    site: Site, request: Request[Any, Any, Any], project_id: str, result: Result = NOTHING_SENT
) -> Response[str]:
    keeper = _keeper(site)
    return site.page(
        request,
        "admin_door.html",
        status=result.status,
        stands_on=f"{DOORS}/{project_id}",
        section="doors",
        result=result,
        done="done" in request.query_params,
        project_id=project_id,
        keys=keeper.keys(project_id),
        door=keeper.door(project_id),
    )


def _keeper(site: Site) -> Doorkeeper:
    return Doorkeeper(site.front.doorway.credentials)


def _project(project_id: str) -> str:
    """Return a project's id, be it known or not: keys are made before the first report. Raises NotFoundException."""
    if not PROJECT_ID.fullmatch(project_id):
        raise NotFoundException("no such project")
    return project_id


def _door_from(form: Form) -> Mapping[str, Any]:
    return {
        "requires_key": form.text("requires_key") == "1",
        "per_minute": _limit(form, "per_minute"),
        "per_day": _limit(form, "per_day"),
        "scrub_names": _lines(form, "scrub_names"),
        "scrub_patterns": _lines(form, "scrub_patterns"),
    }


def _limit(form: Form, name: str) -> int | None:
    """Return a limit that was typed; None for none. Raises PeopleRefusedError."""
    typed = form.text(name)
    if not typed:
        return None
    if not typed.isascii() or not typed.isdecimal() or len(typed) > _DIGITS or int(typed) < 1:
        raise PeopleRefusedError("limit", name)
    return int(typed)


def _lines(form: Form, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in form.text(name).splitlines() if line.strip())
