"""``/docs``: the API as a page to read and to try. Its viewer is part of the package, so it works with no internet."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Response, get

from logcenter_collector.web.assets import assets_router, versioned

_FOLDER: Final = Path(__file__).parent / "static" / "docs"

_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API · Log Center</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/docs/assets/{viewer_style}">
  <link rel="stylesheet" href="/docs/assets/{page_style}">
  <script src="/docs/assets/{viewer}" defer></script>
  <script src="/docs/assets/{start}" defer></script>
</head>
<body>
  <div id="docs"></div>
  <noscript>
    <p>This page needs script. The same document as JSON: <a href="/openapi.json">/openapi.json</a></p>
  </noscript>
</body>
</html>
"""


@get("/docs", sync_to_thread=False, include_in_schema=False)
def docs_page() -> Response[str]:
    """Show the viewer, which reads ``/openapi.json``."""
    return Response(_page(), media_type=MediaType.HTML, headers=_HEADERS)


@cache
def _page() -> str:
    return _PAGE.format(
        viewer_style=versioned(_FOLDER / "swagger-ui.css"),
        page_style=versioned(_FOLDER / "page.css"),
        viewer=versioned(_FOLDER / "swagger-ui-bundle.js"),
        start=versioned(_FOLDER / "start.js"),
    )


def docs_handlers() -> list[Any]:
    """Return the handlers of ``/docs`` and its assets; ``/openapi.json`` is the API's own to serve."""
    return [docs_page, assets_router("/docs/assets", _FOLDER, "docs-assets")]
