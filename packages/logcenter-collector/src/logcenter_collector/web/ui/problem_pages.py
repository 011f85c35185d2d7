"""Errors as pages: what went wrong and the way back, in the reader's language."""

import logging
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from logcenter_collector.access.doorway import NotAllowedError, NotSignedInError
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.web.ui.site import Site

_log = logging.getLogger(__name__)
SAYINGS: Final = {
    400: "request",
    401: "signed_out",
    403: "origin",
    404: "missing",
    405: "request",
    413: "large",
    503: "unavailable",
}
"""Which text of the locale files a status code gets; others get ``broken``."""


def problem_page(site: Site, request: Request[Any, Any, Any], status: int, saying: str | None = None) -> Response[str]:
    """Render the page of an error."""
    return site.page(
        request, "problem.html", status=status, code=status, saying=saying or SAYINGS.get(status, "broken")
    )


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    """Answer what Litestar or a handler refuses: unknown pages, other sites' forms, bodies that cannot be read."""
    return problem_page(_site(request), request, error.status_code)


def on_not_signed_in(request: Request[Any, Any, Any], _error: NotSignedInError) -> Response[Any]:
    """Show the way in, and from there back to the page that was asked for; a form cannot be sent again."""
    if request.method not in {"GET", "HEAD"}:
        return problem_page(_site(request), request, 401)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Redirect(f"/sign-in?{urlencode({'to': asked})}", status_code=303, headers={"Cache-Control": "no-store"})


def on_not_allowed(request: Request[Any, Any, Any], _error: NotAllowedError) -> Response[str]:
    """Answer somebody who is known and may not do this."""
    return problem_page(_site(request), request, 403, "role")


def on_refused(request: Request[Any, Any, Any], error: RefusedError) -> Response[str]:
    """Answer what the rules say is not there."""
    return problem_page(_site(request), request, error.problem.status)


def on_store_unavailable(request: Request[Any, Any, Any], _error: StoreUnavailableError) -> Response[str]:
    """Answer while the storage does not."""
    page = problem_page(_site(request), request, 503)
    page.headers["Retry-After"] = "5"
    return page


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """Answer an error of our own, and keep its traceback in the log."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_page(_site(request), request, 500)


def _site(request: Request[Any, Any, Any]) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
