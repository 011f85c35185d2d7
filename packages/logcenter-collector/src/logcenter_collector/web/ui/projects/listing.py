"""All projects: find one, see how each is doing, begin a new one."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from litestar import Request, Response
from litestar.response import Redirect

from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.overview import Sparks
from logcenter_collector.web.ui.projects.fields import is_project_id, wrong_in
from logcenter_collector.web.ui.site import InjectedSite, Site, language_of
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.storable import storable_text

PROJECTS: Final = "/projects"


@frozen(kw_only=True)
class NewProject:
    """What was typed of a new project, and what is wrong with it: the key of a text for each field."""

    typed: Mapping[str, str] = field(factory=dict)
    wrong: Mapping[str, str] = field(factory=dict)


@shows(PROJECTS)
def projects(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show one part of the list."""
    return _list_page(site, view, request)


@takes_form(PROJECTS)
def make_project(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Make a project, and show how to connect an application to it."""
    project_id, name = form.text("project_id"), form.text("name")
    changes = {"name": name} if name else {}
    wrong = dict.fromkeys(wrong_in(changes), "name")
    if not is_project_id(project_id):
        wrong["project_id"] = "project_id"
    elif view.project(project_id):
        wrong["project_id"] = "taken"
    if wrong:
        return _list_page(site, view, request, NewProject(typed=form.shown, wrong=wrong))
    view.put_project(project_id, changes, site.clock())
    return Redirect(f"{PROJECTS}/{project_id}/connect", status_code=303)


def _list_page(
    site: Site, view: View, request: Request[Any, Any, Any], new: NewProject = NewProject()
) -> Response[str]:
    text = storable_text(request.query_params.get("q", "")).strip()[:SHORT_CHARACTERS]
    after = storable_text(request.query_params.get("after", "")) or None
    page, now, principal = view.find_projects(ProjectQuery(text=text, cursor=after)), site.clock(), view.by.principal
    numbers = view.project_numbers(page.items, now)
    return site.page(
        request,
        "projects.html",
        status=400 if new.wrong else 200,
        stands_on=PROJECTS if new.wrong else None,
        rows=[(project, numbers[project.project_id]) for project in page.items],
        text=text,
        after=after,
        older=page.next_cursor,
        new=new,
        is_new=bool(new.wrong) or "new" in request.query_params,
        may_make=principal.may(Scope.TRIAGE) and principal.may_everywhere,
        spark=Sparks(language_of(request)),
    )
