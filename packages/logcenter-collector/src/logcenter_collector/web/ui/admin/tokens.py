"""Tokens of the whole collector: made, listed, revoked."""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.issuing import issue_token, revoke_token
from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.store.access.tokens import list_tokens
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.forms import InjectedForm, shown_once
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import NOTHING_SENT, Result, refused_by
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_collector.web.ui.token_form import DAYS, projects_from, token_from

TOKENS: Final = "/admin/tokens"


@shows(TOKENS)
def tokens(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show all tokens, people's own ones as well."""
    return _tokens_page(site, view, request)


@takes_form(TOKENS)
def make_token(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Make a token, and show it once."""
    try:
        wish = token_from(form, frozenset(Scope), projects_from(form), site.clock())
    except PeopleRefusedError as error:
        return _tokens_page(
            site,
            view,
            request,
            Result(refused=refused_by(error), typed=form.shown, chosen=form.chosen("scope", "project")),
        )
    _, secret = issue_token(site.front.doorway.credentials, wish, by_of(request), site.clock())
    return shown_once(_tokens_page(site, view, request, Result(made=secret)))


@takes_form("/admin/tokens/{token_id:int}/revoke")
def revoke(request: Request[Any, Any, Any], site: InjectedSite, token_id: FromPath[int]) -> Response[Any]:
    """Revoke a token."""
    known = {token.id for token in list_tokens(site.front.database)}
    if token_id not in known:
        raise NotFoundException("no such token")
    revoke_token(site.front.doorway.credentials, token_id, by_of(request), site.clock())
    return Redirect(TOKENS, status_code=303)


def _tokens_page(
    site: Site, view: View, request: Request[Any, Any, Any], result: Result = NOTHING_SENT
) -> Response[str]:
    return site.page(
        request,
        "admin_tokens.html",
        status=result.status,
        stands_on=TOKENS,
        section="tokens",
        result=result,
        tokens=list_tokens(site.front.database),
        owners={account.id: account for account in site.front.people.everybody()},
        projects=view.projects(),
        scopes=tuple(Scope),
        days=DAYS,
    )
