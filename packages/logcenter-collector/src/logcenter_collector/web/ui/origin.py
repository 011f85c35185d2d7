"""A form may only be sent by a page of the dashboard itself: what a browser says about where a request comes from."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Return whether a browser sends this from a page of the same origin.

    Browsers leave ``Sec-Fetch-Site`` out over plain HTTP to another machine; then ``Origin`` has to name this host.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = _host_of(headers.get("origin", ""))
    return origin != "" and origin == headers.get("host")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as https://[::1
        return ""


def require_same_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse what another site's page sends: a guard of every handler that writes."""
    if not is_same_origin(connection.headers):
        raise PermissionDeniedException("sent from another site")
