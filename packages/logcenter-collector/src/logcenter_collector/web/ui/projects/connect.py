"""Connect an application to a project: what to paste, the key if one is demanded, and whether anything arrives."""

from typing import Any, Final

import msgspec
from attrs import frozen
from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Scope
from logcenter_collector.ingest.gate import Gate
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import InjectedForm, shown_once
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.inbox import LiveLink
from logcenter_collector.web.ui.projects.address import address_for_reporters, is_local
from logcenter_collector.web.ui.projects.applications import APPLICATIONS, Target, application_called
from logcenter_collector.web.ui.projects.listing import PROJECTS
from logcenter_collector.web.ui.projects.settings import known_project, may_administer
from logcenter_collector.web.ui.search import Place
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_sdk.contract.project import Project

InjectedIntake = NamedDependency[SkipValidation[Pipeline | None]]
"""How reports come in; None where a dashboard runs by itself."""
PLACEHOLDER: Final = "PASTE_THE_KEY_HERE"


@shows("/projects/{project_id:str}/connect")
def connect(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    project_id: FromPath[str],
    intake: InjectedIntake,
) -> Response[str]:
    """Show how an application is connected."""
    project = known_project(view, project_id)
    asked = request.query_params.get("app")
    return _ConnectPage(site, request, view, project, intake).show(asked)


@takes_form("/projects/{project_id:str}/connect/key")
def make_own_key(  # noqa: PLR0913, PLR0917 - what a handler asks for
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    project_id: FromPath[str],
    form: InjectedForm,
    intake: InjectedIntake,
) -> Response[str]:
    """Make an ingest key, and show it once, in what is to be pasted."""
    project = known_project(view, project_id)
    asked = application_called(form.text("app"))
    keeper = Doorkeeper(site.front.doorway.credentials)
    _, secret = keeper.create_key(
        project.project_id, form.short("key_name") or asked.title, None, view.by, site.clock()
    )
    return shown_once(_ConnectPage(site, request, view, project, intake, secret).show(asked.name))


@takes_form("/projects/{project_id:str}/connect/test")
async def send_test_report(
    request: Request[Any, Any, Any],
    view: InjectedView,
    project_id: FromPath[str],
    form: InjectedForm,
    intake: InjectedIntake,
) -> Redirect:
    """Send a report as an application would. Raises RefusedError where it is not taken, a full queue for instance."""
    project = await sync_to_thread(known_project, view, project_id)
    if intake is None:
        raise NotFoundException("no collector runs beside this dashboard")
    await intake.report_of_ours(_test_report(project.project_id, by_of(request).principal.name))
    app = application_called(form.text("app")).name
    return Redirect(f"{PROJECTS}/{project.project_id}/connect?app={app}", status_code=303)


def _test_report(project_id: str, sender: str) -> bytes:
    message = "This is a test, sent from the dashboard. Reports of an application look like this."
    return msgspec.json.encode(
        {
            "project_id": project_id,
            "environment": "development",
            "level": "WARNING",
            "error": {
                "type": "LogCenterTestError",
                "message": message,
                "stack_trace": [f"LogCenterTestError: {message}"],
            },
            "context": {"sent_from": "dashboard", **({"sent_by": sender} if sender else {})},
        }
    )


@frozen
class _ConnectPage:
    site: Site
    request: Request[Any, Any, Any]
    view: View
    project: Project
    intake: Pipeline | None
    made: str | None = None
    """A key that was just made."""

    def show(self, asked: str | None) -> Response[str]:
        """Render the page for one kind of application."""
        project_id, principal = self.project.project_id, self.view.by.principal
        newest = self.view.newest_issue()  # before the latest issue: what comes between is told
        target, chosen = self._target(), application_called(asked)
        return self.site.page(
            self.request,
            "connect.html",
            stands_on=f"{PROJECTS}/{project_id}/connect?app={chosen.name}",
            project=self.project,
            applications=APPLICATIONS,
            chosen=chosen,
            steps=chosen.steps_to(target),
            target=target,
            is_local=is_local(target.url),
            made=self.made,
            latest=self.view.latest_issue(project_id),
            live=LiveLink(Place(f"project:{project_id}").url("/live"), newest),
            may_make_keys=principal.may(Scope.ADMIN, project_id),
            may_test=self.intake is not None and principal.may(Scope.TRIAGE, project_id),
            may_administer=may_administer(principal),
        )

    def _target(self) -> Target:
        project_id = self.project.project_id
        gate = self.intake.gate if self.intake else Gate(self.site.front.doorway)
        key = PLACEHOLDER if gate.demands_key(project_id) else None
        url = address_for_reporters(self.site.api_url, self.request.headers.get("host"))
        return Target(project_id=project_id, url=url, key=self.made or key)
