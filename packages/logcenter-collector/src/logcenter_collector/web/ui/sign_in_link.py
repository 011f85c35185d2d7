"""One-time links: the first account, an invitation, a new password."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from logcenter_collector.access.passwords import PasswordsBusyError
from logcenter_collector.access.people import OpenLink
from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.front import browser_of
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.refusals import Refused, refused_by
from logcenter_collector.web.ui.sign_in import signed_in
from logcenter_collector.web.ui.site import InjectedSite, Site


@shows("/sign-in/link")
def open_link(request: Request[Any, Any, Any], site: InjectedSite) -> Response[str]:
    """Show what a link is for. It is not used up by that: mail programs and the like look at links, too."""
    return _link_page(site, request, request.query_params.get("s", ""))


@takes_form("/sign-in/link")
def use_link(request: Request[Any, Any, Any], site: InjectedSite, form: InjectedForm) -> Response[Any]:
    """Use a link up: make the account or set the password, and sign in."""
    secret, browser = form.secret("s"), browser_of(request)
    try:
        account = site.front.people.use_link(secret, form.text("name"), form.new_password(), browser.address)
        session = site.front.sign_in.again(account, browser, "link")
    except (PeopleRefusedError, PasswordsBusyError) as error:
        return _link_page(site, request, secret, refused_by(error), name=form.text("name"))
    return signed_in(site, request, session, "/")


def _link_page(
    site: Site, request: Request[Any, Any, Any], secret: str, refused: Refused | None = None, *, name: str = ""
) -> Response[str]:
    opened = site.front.people.open_link(secret)
    if opened is None:
        return site.page(request, "link_over.html", status=410)
    return site.page(
        request,
        "link.html",
        status=refused.status if refused else 200,
        stands_on=f"/sign-in/link?{urlencode({'s': secret})}",
        refused=refused,
        secret=secret,
        purpose=_purpose(opened),
        name=opened.account.name if opened.account else name,
        closes=site.front.doorway.is_open,
    )


def _purpose(opened: OpenLink) -> str:
    if opened.account is None:
        return "first"
    return "invited" if opened.account.is_invited else "password"
