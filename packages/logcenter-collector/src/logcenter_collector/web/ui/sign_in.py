"""Signing in by name and password or by a token, and signing out."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from logcenter_collector.access.passwords import PasswordsBusyError
from logcenter_collector.access.throttle import TooManyAttemptsError
from logcenter_collector.domain.people import PeopleRefusedError, local_path
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.front import browser_of
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import Refused, refused_by, with_wait
from logcenter_collector.web.ui.site import InjectedSite, Site

CANNOT = (PeopleRefusedError, TooManyAttemptsError, PasswordsBusyError)
"""Why somebody is not let in."""


@shows("/sign-in")
def sign_in(request: Request[Any, Any, Any], site: InjectedSite) -> Response[Any]:
    """Show the form, unless whoever asks is in already."""
    wanted = local_path(request.query_params.get("next"))
    if site.front.doorway.is_open or site.front.find_visitor(request):
        return Redirect(wanted, status_code=303)
    return sign_in_page(site, request, wanted)


@takes_form("/sign-in")
def sign_in_by_password(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """Sign in by name and password."""
    wanted = local_path(form.secret("next"))
    try:
        secret = site.front.sign_in.by_password(form.text("name"), form.secret("password"), browser_of(request))
    except CANNOT as error:
        return sign_in_page(site, request, wanted, refused_by(error), name=form.text("name"))
    return signed_in(site, request, secret, wanted)


@takes_form("/sign-in/token")
def sign_in_by_token(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """Sign in by a token."""
    wanted = local_path(form.secret("next"))
    try:
        secret = site.front.sign_in.by_token(form.secret("token").strip(), browser_of(request))
    except CANNOT as error:
        return sign_in_page(site, request, wanted, refused_by(error), by_token=True)
    return signed_in(site, request, secret, wanted)


@takes_form("/sign-out")
def sign_out(request: Request[Any, Any, Any], site: InjectedSite) -> Response[Any]:
    """End the session, and forget it in the browser."""
    visitor = site.front.find_visitor(request)
    if visitor is not None:
        site.front.sign_in.end(visitor, visitor.session.hash, browser_of(request).address)
    answer: Redirect = Redirect("/sign-in", status_code=303, cookies=[site.front.jar(request).no_session()])
    answer.headers["Clear-Site-Data"] = '"cache"'  # or the browser's back button would show what was read before
    return answer


def sign_in_page(  # noqa: PLR0913 - what a refusal shows again
    site: Site,
    request: Request[Any, Any, Any],
    wanted: str,
    refused: Refused | None = None,
    *,
    name: str = "",
    by_token: bool = False,
) -> Response[str]:
    """Render the form, after an attempt that failed with the reason."""
    page = site.page(
        request,
        "sign_in.html",
        status=refused.status if refused else 200,
        stands_on=f"/sign-in?{urlencode({'next': wanted})}",
        refused=refused,
        wanted=wanted,
        name=name,
        by_token=by_token,
        provider=site.front.oidc.settings.called if site.front.oidc else None,
    )
    return with_wait(page, refused)


def signed_in(
    site: Site, request: Request[Any, Any, Any], secret: str, wanted: str, cookies: tuple[Cookie, ...] = ()
) -> Redirect:
    """Return the answer to somebody who is let in."""
    return Redirect(wanted, status_code=303, cookies=[site.front.jar(request).session(secret), *cookies])
