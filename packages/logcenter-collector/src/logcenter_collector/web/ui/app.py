"""The dashboard: an application of its own, with pages that need no script and nothing from elsewhere."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from logcenter_collector.access.doorway import NotAllowedError, NotSignedInError
from logcenter_collector.access.view import View
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.policy import NO_LIMITS, Policy
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import Store, StoreUnavailableError
from logcenter_collector.web.assets import assets_router
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.guard import Guard, by_of, require_rules
from logcenter_collector.web.rules import DASHBOARD_RULES
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.ui.account_page import (
    account,
    change_password,
    end_session,
    make_own_token,
    revoke_own_token,
)
from logcenter_collector.web.ui.admin.alarms.channels import (
    add_channel,
    change_channel,
    channel,
    delete_channel,
    new_channel,
    try_out_channel,
)
from logcenter_collector.web.ui.admin.alarms.deliveries import deliveries, dismiss, send_again
from logcenter_collector.web.ui.admin.alarms.overview import alarms
from logcenter_collector.web.ui.admin.alarms.rules import add_rule, change_rule, delete_rule, new_rule, rule
from logcenter_collector.web.ui.admin.audit_log import audit_log
from logcenter_collector.web.ui.admin.doors import door, doors, make_key, revoke_key, set_door
from logcenter_collector.web.ui.admin.people import administration, change, invite, make_first_account, people
from logcenter_collector.web.ui.admin.storage import storage
from logcenter_collector.web.ui.admin.tokens import make_token, revoke, tokens
from logcenter_collector.web.ui.forms import read_form
from logcenter_collector.web.ui.front import Front
from logcenter_collector.web.ui.headers import add_security_headers
from logcenter_collector.web.ui.inbox import inbox
from logcenter_collector.web.ui.inbox_forms import change_issues, delete_view, save_view
from logcenter_collector.web.ui.issue_page import issue, issue_as_markdown
from logcenter_collector.web.ui.issue_teamwork import add_comment, assign_issue, delete_comment, mute_issue
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
from logcenter_collector.web.ui.projects.connect import connect, make_own_key, send_test_report
from logcenter_collector.web.ui.projects.listing import make_project, projects
from logcenter_collector.web.ui.projects.settings import project_settings, set_project
from logcenter_collector.web.ui.sign_in import sign_in, sign_in_by_password, sign_in_by_token, sign_out
from logcenter_collector.web.ui.sign_in_link import open_link, use_link
from logcenter_collector.web.ui.sign_in_oidc import come_back, leave_for_provider
from logcenter_collector.web.ui.site import STATIC, Site
from logcenter_collector.web.ui.transitions import move_issue

HANDLERS: Final = (
    inbox,
    change_issues,
    save_view,
    delete_view,
    issue,
    issue_as_markdown,
    move_issue,
    assign_issue,
    mute_issue,
    add_comment,
    delete_comment,
    overview,
    projects,
    make_project,
    project_settings,
    set_project,
    connect,
    make_own_key,
    send_test_report,
    live,
    sign_in,
    sign_in_by_password,
    sign_in_by_token,
    sign_out,
    open_link,
    use_link,
    leave_for_provider,
    come_back,
    account,
    change_password,
    end_session,
    make_own_token,
    revoke_own_token,
    administration,
    people,
    make_first_account,
    invite,
    change,
    tokens,
    make_token,
    revoke,
    doors,
    door,
    set_door,
    make_key,
    revoke_key,
    alarms,
    new_channel,
    add_channel,
    channel,
    change_channel,
    try_out_channel,
    delete_channel,
    new_rule,
    add_rule,
    rule,
    change_rule,
    delete_rule,
    deliveries,
    send_again,
    dismiss,
    storage,
    audit_log,
)


def create_dashboard(  # noqa: PLR0913 - what it is made of
    store: Store,
    dispatch: Dispatch,
    *,
    front: Front,
    api_url: str,
    clock: Callable[[], datetime],
    status: CollectorStatus | None = None,
    policy: Policy = NO_LIMITS,
    intake: Pipeline | None = None,
) -> Litestar:
    """Return the dashboard over a store.

    ``front`` is its door; ``api_url`` is where reporters send to, as people see it; ``clock`` returns the present
    instant in UTC; ``status`` says what the collector does, ``policy`` what its upkeep goes by, and ``intake`` takes
    its reports, where one runs beside it. The store stays the caller's: the dashboard does not close it.

    Raises RuleMissingError.
    """

    def view(request: AnyRequest) -> View:
        return View(store, by_of(request))

    live_pages = Live(store, clock, front.identify)
    site = Site(api_url=api_url.rstrip("/"), clock=clock, front=front, dispatch=dispatch)
    app = Litestar(
        [*HANDLERS, assets_router("/static", STATIC, "static")],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "view": Provide(view, sync_to_thread=False),
            "form": Provide(read_form),
            "dispatch": Provide(lambda: dispatch, sync_to_thread=False),
            "pages": Provide(lambda: live_pages, sync_to_thread=False),
            "intake": Provide(lambda: intake, sync_to_thread=False),
            "collector": Provide(lambda: status, sync_to_thread=False),
            "policy": Provide(lambda: policy, sync_to_thread=False),
        },
        guards=[Guard(DASHBOARD_RULES, front.identify)],
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
