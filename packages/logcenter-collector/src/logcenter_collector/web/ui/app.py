"""The dashboard: an application of its own, with pages that need no script and nothing from elsewhere."""

from collections.abc import Callable
from datetime import datetime

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router

from logcenter_collector.store.base import Store, StoreUnavailableError
from logcenter_collector.web.assets import KEEP
from logcenter_collector.web.ui.headers import add_security_headers
from logcenter_collector.web.ui.inbox import inbox
from logcenter_collector.web.ui.issue_page import issue
from logcenter_collector.web.ui.problem_pages import on_bug, on_http_error, on_store_unavailable
from logcenter_collector.web.ui.site import STATIC, Site
from logcenter_collector.web.ui.transitions import move_issue


def create_dashboard(store: Store, *, api_url: str, clock: Callable[[], datetime]) -> Litestar:
    """Return the dashboard over a store.

    ``api_url`` is where reporters send to, as people see it; ``clock`` returns the present instant in UTC.
    The store stays the caller's: the dashboard does not close it.
    """
    site = Site(store=store, api_url=api_url.rstrip("/"), clock=clock)
    assets = create_static_files_router(path="/static", directories=[STATIC], cache_control=KEEP)
    return Litestar(
        [inbox, issue, move_issue, assets],
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        exception_handlers={
            HTTPException: on_http_error,
            StoreUnavailableError: on_store_unavailable,
            Exception: on_bug,
        },
        before_send=[add_security_headers],
        state=State({"site": site}),
        openapi_config=None,
        logging_config=None,  # whoever runs the process configures logging
    )
