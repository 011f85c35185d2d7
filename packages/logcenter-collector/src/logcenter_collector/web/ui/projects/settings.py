"""The settings of one project."""

from collections.abc import Set as AbstractSet
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Principal, Scope
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.projects.fields import changes_in, fields_of, typed_in, wrong_in
from logcenter_collector.web.ui.projects.listing import PROJECTS
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.storable import storable_text


@shows("/projects/{project_id:str}")
def project_settings(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, project_id: FromPath[str]
) -> Response[str]:
    """Show what is known of a project."""
    project = known_project(view, project_id)
    values = _values(view, project, fields_of(project), frozenset())
    return site.page(request, "project.html", done="done" in request.query_params, **values)


@takes_form("/projects/{project_id:str}")
def set_project(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    project_id: FromPath[str],
    form: InjectedForm,
) -> Response[Any]:
    """Set what was changed in the form, and leave the rest as it is."""
    project = known_project(view, project_id)
    typed, before, page = typed_in(form), fields_of(project), f"{PROJECTS}/{project.project_id}"
    changes = changes_in(typed, before)
    if wrong := wrong_in(changes):
        values = _values(view, project, {**before, **typed}, wrong)
        return site.page(request, "project.html", status=400, stands_on=page, done=False, **values)
    view.put_project(project.project_id, changes, site.clock())
    return Redirect(f"{page}?done", status_code=303)


def _values(view: View, project: Project, fields: dict[str, str], wrong: AbstractSet[str]) -> dict[str, Any]:
    return {
        "project": project,
        "fields": fields,
        "wrong": wrong,
        "may_administer": may_administer(view.by.principal),
    }


def known_project(view: View, project_id: str) -> Project:
    """Return a project. Raises NotFoundException."""
    project = view.project(storable_text(project_id))
    if project is None:
        raise NotFoundException("no such project")
    return project


def may_administer(principal: Principal) -> bool:
    """Whether somebody may open the pages of the administration, which are about all projects."""
    return principal.may(Scope.ADMIN) and principal.may_everywhere
