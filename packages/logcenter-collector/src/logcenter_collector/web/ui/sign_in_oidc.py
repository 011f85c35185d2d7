"""Signing in at an identity provider: there, and back again."""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from logcenter_collector.domain.people import PeopleRefusedError, local_path
from logcenter_collector.web.ui.front import Provider, browser_of
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.refusals import refused_by
from logcenter_collector.web.ui.sign_in import sign_in_page, signed_in
from logcenter_collector.web.ui.site import InjectedSite, Site

CALLBACK: Final = "/sign-in/oidc/callback"


@shows("/sign-in/oidc")
def leave_for_provider(request: Request[Any, Any, Any], site: InjectedSite) -> Response[Any]:
    """Send the browser to the identity provider."""
    wanted, provider = local_path(request.query_params.get("next")), _provider(site)
    try:
        _require_accounts(site)
        url, flow = provider.begin(site.front.address_of(request) + CALLBACK)
    except PeopleRefusedError as error:
        return sign_in_page(site, request, wanted, refused_by(error))
    return Redirect(url, status_code=303, cookies=[site.front.jar(request).flow(flow, wanted)])


@shows(CALLBACK)
def come_back(request: Request[Any, Any, Any], site: InjectedSite) -> Response[Any]:
    """Let in whom the identity provider knows."""
    jar, browser, provider = site.front.jar(request), browser_of(request), _provider(site)
    flow, wanted = jar.flow_of(request)
    try:
        _require_accounts(site)
        identity = provider.finish(dict(request.query_params), flow, site.front.address_of(request) + CALLBACK)
        account = site.front.people.known_by(identity, provider.settings.role, browser.address)
        session = site.front.sign_in.again(account, browser, "oidc")
    except PeopleRefusedError as error:
        page = sign_in_page(site, request, wanted, refused_by(error))
        page.set_cookie(jar.no_flow())
        return page
    return signed_in(site, request, session, wanted, (jar.no_flow(),))


def _require_accounts(site: Site) -> None:
    """Hold that somebody administrates before others come from elsewhere, whose first one would close the collector."""
    if site.front.doorway.is_open:
        raise PeopleRefusedError("oidc_first")


def _provider(site: Site) -> Provider:
    if site.front.oidc is None:
        raise NotFoundException("no identity provider")
    return site.front.oidc
