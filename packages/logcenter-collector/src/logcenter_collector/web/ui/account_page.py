"""What people do with their own account: password, sessions, tokens."""

from typing import Any

from attrs import evolve
from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.issuing import issue_token, revoke_token
from logcenter_collector.access.sign_in import Visitor
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.store.access.tokens import Token, list_tokens
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.ui.forms import InjectedForm, shown_once
from logcenter_collector.web.ui.front import visitor_of
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import Result, refused_by, with_wait
from logcenter_collector.web.ui.sign_in import CANNOT
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_collector.web.ui.token_form import DAYS, token_from


@shows("/account")
def account(request: Request[Any, Any, Any], site: InjectedSite) -> Response[Any]:
    """Show the account of whoever is signed in; on an open collector the way to the first one."""
    visitor = visitor_of(request)
    if visitor is None:
        return Redirect("/admin/people", status_code=303)
    return _account_page(site, request, visitor, Result(done="done" in request.query_params))


@takes_form("/account/password")
def change_password(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """Set one's own password."""
    visitor = _person(request)
    assert visitor.account is not None
    account_id, session = visitor.account.id, visitor.session.hash
    name, address = visitor.account.name, by_of(request).address
    try:
        new = form.new_password()
        site.front.sign_in.throttle.begin(name, address)
        site.front.people.change_password(account_id, form.secret("old"), new, by_of(request), session=session)
        site.front.sign_in.throttle.succeeded(name, address)
    except CANNOT as error:
        return _account_page(site, request, visitor, Result(refused=refused_by(error)))
    return Redirect("/account?done", status_code=303)


@takes_form("/account/sessions/end")
def end_session(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """End one of one's own sessions."""
    visitor = _person(request)
    try:
        session = bytes.fromhex(form.text("session"))
    except ValueError:
        raise NotFoundException("no such session") from None
    if not site.front.sign_in.end(visitor, session, by_of(request).address):
        raise NotFoundException("no such session")
    return Redirect("/account", status_code=303)


@takes_form("/account/tokens")
def make_own_token(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """Make a token of one's own, and show it once."""
    visitor = _person(request)
    assert visitor.account is not None
    try:
        wish = token_from(form, _own_scopes(visitor), None, site.clock())
    except PeopleRefusedError as error:
        result = Result(refused=refused_by(error), typed=form.shown, chosen=form.chosen("scope"))
        return _account_page(site, request, visitor, result)
    wish = evolve(wish, account_id=visitor.account.id)
    _, secret = issue_token(site.front.doorway.credentials, wish, by_of(request), site.clock())
    return shown_once(_account_page(site, request, visitor, Result(made=secret)))


@takes_form("/account/tokens/{token_id:int}/revoke")
def revoke_own_token(request: Request[Any, Any, Any], site: InjectedSite, token_id: FromPath[int]) -> Response[Any]:
    """Revoke a token of one's own."""
    visitor = _person(request)
    if token_id not in {token.id for token in _own_tokens(site, visitor)}:
        raise NotFoundException("no such token")
    revoke_token(site.front.doorway.credentials, token_id, by_of(request), site.clock())
    return Redirect("/account", status_code=303)


def _account_page(site: Site, request: Request[Any, Any, Any], visitor: Visitor, result: Result) -> Response[str]:
    page = site.page(
        request,
        "account.html",
        status=result.status,
        stands_on="/account",
        result=result,
        sessions=site.front.sign_in.sessions_of(visitor.account) if visitor.account else (visitor.session,),
        tokens=_own_tokens(site, visitor),
        scopes=sorted(_own_scopes(visitor), key=[*Scope].index),
        days=DAYS,
        provider=site.front.oidc.settings.called if site.front.oidc else "OpenID Connect",
    )
    return with_wait(page, result.refused)


def _own_scopes(visitor: Visitor) -> frozenset[Scope]:
    """Return what one's own token may be good for: whoever reads may report as well."""
    return visitor.principal.scopes | {Scope.REPORT}


def _own_tokens(site: Site, visitor: Visitor) -> tuple[Token, ...]:
    if visitor.account is None:
        return ()
    return tuple(token for token in list_tokens(site.front.database) if token.account_id == visitor.account.id)


def _person(request: Request[Any, Any, Any]) -> Visitor:
    """Return who has passed the guard and has an account. Raises NotFoundException: there is nothing to change else."""
    visitor = visitor_of(request)
    if visitor is None or visitor.account is None:
        raise NotFoundException("no account")
    return visitor
