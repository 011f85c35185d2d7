"""The dashboard: an application of its own, with pages that need no script and nothing from elsewhere."""

from collections.abc import Callable
from datetime import datetime

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router

from logcenter_collector.access.doorway import NotAllowedError, NotSignedInError
from logcenter_collector.access.view import View
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import Store, StoreUnavailableError
from logcenter_collector.web.assets import KEEP
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.guard import Guard, Identify, by_of, require_rules
from logcenter_collector.web.rules import DASHBOARD_RULES
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.ui.headers import add_security_headers
from logcenter_collector.web.ui.inbox import inbox
from logcenter_collector.web.ui.issue_page import issue
from logcenter_collector.web.ui.live import Live, live
from logcenter_collector.web.ui.overview import overview
from logcenter_collector.web.ui.problem_pages import (
    on_bug,
    on_http_error,
    on_not_allowed,
    on_not_signed_in,
    on_refused,
    on_store_unavailable,
)
from logcenter_collector.web.ui.site import STATIC, Site
from logcenter_collector.web.ui.transitions import move_issue


def create_dashboard(
    store: Store,
    *,
    identify: Identify,
    api_url: str,
    clock: Callable[[], datetime],
    status: CollectorStatus | None = None,
) -> Litestar:
    """Return the dashboard over a store.

    ``identify`` says who a request comes from; ``api_url`` is where reporters send to, as people see it; ``clock``
    returns the present instant in UTC; ``status`` says what the collector does, where one runs beside it. The store
    stays the caller's: the dashboard does not close it.

    Raises RuleMissingError.
    """

    def view(request: AnyRequest) -> View:
        return View(store, by_of(request))

    live_pages = Live(store, clock, identify)
    site = Site(api_url=api_url.rstrip("/"), clock=clock)
    assets = create_static_files_router(path="/static", directories=[STATIC], cache_control=KEEP)
    app = Litestar(
        [inbox, issue, move_issue, overview, live, assets],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "view": Provide(view, sync_to_thread=False),
            "pages": Provide(lambda: live_pages, sync_to_thread=False),
            "collector": Provide(lambda: status, sync_to_thread=False),
        },
        guards=[Guard(DASHBOARD_RULES, identify)],
        exception_handlers={
            HTTPException: on_http_error,
            NotSignedInError: on_not_signed_in,
            NotAllowedError: on_not_allowed,
            RefusedError: on_refused,
            StoreUnavailableError: on_store_unavailable,
            Exception: on_bug,
        },
        before_send=[add_security_headers],
        state=State({"site": site, "pages": live_pages}),
        openapi_config=None,
        logging_config=None,  # whoever runs the process configures logging
    )
    require_rules(app, DASHBOARD_RULES)
    return app
