"""People: invite, change, disable, and the link by which somebody sets a new password."""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.links import link_address
from logcenter_collector.access.passwords import PasswordsBusyError
from logcenter_collector.access.people import Terms
from logcenter_collector.access.view import View
from logcenter_collector.domain.access import SCOPES_OF, Role, Scope
from logcenter_collector.domain.people import Account, PeopleRefusedError
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import Form, InjectedForm, shown_once
from logcenter_collector.web.ui.front import browser_of, visitor_of
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import NOTHING_SENT, Result, refused_by
from logcenter_collector.web.ui.sign_in import signed_in
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_collector.web.ui.token_form import projects_from
from logcenter_sdk.contract.limits import INTEGER_MAX

PEOPLE: Final = "/admin/people"
POWERS: Final = (
    ("read", Scope.READ),
    ("move", Scope.TRIAGE),
    ("team", Scope.TRIAGE),
    ("projects", Scope.TRIAGE),
    ("views", Scope.TRIAGE),
    ("administration", Scope.ADMIN),
)
"""What people do, and what of a role it takes."""


@shows("/admin")
def administration() -> Redirect:
    """Go to the first page of the administration."""
    return Redirect(PEOPLE, status_code=303)


@shows(PEOPLE)
def people(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show everybody; of an open collector the form of the first account."""
    return _people_page(site, view, request)


@takes_form("/admin/people/first")
def make_first_account(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Make the first account of an open collector, which closes it, and sign in."""
    if not site.front.doorway.is_open:
        raise NotFoundException("not open")
    front, browser = site.front, browser_of(request)
    try:
        password = form.new_password()
        link = front.people.link_for_administrator(by_of(request))
        account = front.people.use_link(link, form.text("name"), password, browser.address)
        session = front.sign_in.again(account, browser, "first account")
    except (PeopleRefusedError, PasswordsBusyError) as error:
        return _people_page(site, view, request, Result(refused=refused_by(error), typed=form.shown))
    return signed_in(site, request, session, PEOPLE)


@takes_form(PEOPLE)
def invite(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Add somebody, and show their link once."""
    try:
        account, secret = site.front.people.invite(form.text("name"), _terms(form), by_of(request))
    except PeopleRefusedError as error:
        typed = Result(refused=refused_by(error), typed=form.shown, chosen=form.chosen("project"))
        return _people_page(site, view, request, typed)
    return _with_link(site, view, request, account, secret)


@takes_form("/admin/people/{account_id:int}")
def change(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    account_id: FromPath[int],
    form: InjectedForm,
) -> Response[Any]:
    """Change a role, projects, the name that is shown; or disable, enable, make a link: what the button says."""
    if not 0 < account_id <= INTEGER_MAX:
        raise NotFoundException("no such account")
    front, by = site.front, by_of(request)
    try:
        match form.text("do"):
            case "link":
                return _link_page(site, view, request, account_id)
            case "disable":
                changed = front.people.disable(account_id, by)
            case "enable":
                changed = front.people.enable(account_id, by)
            case _:
                changed = front.people.change(account_id, _terms(form), by)
    except PeopleRefusedError as error:
        return _people_page(site, view, request, Result(refused=refused_by(error), of=account_id))
    if changed is None:
        raise NotFoundException("no such account")
    return Redirect(f"{PEOPLE}#person-{account_id}", status_code=303)


def _link_page(site: Site, view: View, request: Request[Any, Any, Any], account_id: int) -> Response[str]:
    secret = site.front.people.link_for(account_id, by_of(request))
    account = site.front.people.account(account_id)
    if secret is None or account is None:
        raise NotFoundException("no such account")
    return _with_link(site, view, request, account, secret)


def _with_link(site: Site, view: View, request: Request[Any, Any, Any], account: Account, secret: str) -> Response[str]:
    result = Result(
        made=link_address(site.front.address_of(request), secret),
        made_for=account.name,
        is_invitation=account.is_invited,
    )
    return shown_once(_people_page(site, view, request, result))


def _people_page(
    site: Site, view: View, request: Request[Any, Any, Any], result: Result = NOTHING_SENT
) -> Response[str]:
    visitor = visitor_of(request)
    return site.page(
        request,
        "admin_people.html",
        status=result.status,
        stands_on=PEOPLE,
        section="people",
        result=result,
        people=site.front.people.everybody(),
        projects=view.projects(),
        roles=tuple(Role),
        powers=POWERS,
        scopes_of=SCOPES_OF,
        own_id=visitor.account.id if visitor and visitor.account else None,
        is_open=site.front.doorway.is_open,
    )


def _terms(form: Form) -> Terms:
    try:
        role = Role(form.text("role"))
    except ValueError:
        raise PeopleRefusedError("no_role", "role") from None
    return Terms(role=role, projects=projects_from(form), display_name=form.short("display_name") or None)
