"""The whole map of the API's URLs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from litestar import Litestar, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.people import People
from logcenter_collector.access.view import View
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.base import Store
from logcenter_collector.web.api.alarm_channels import (
    add_channel,
    change_channel,
    delete_channel,
    get_channel,
    list_channels,
    try_out_channel,
)
from logcenter_collector.web.api.alarm_deliveries import dismiss_delivery, list_deliveries, retry_delivery
from logcenter_collector.web.api.alarm_rules import add_rule, delete_rule, get_rule, list_rules, put_rule
from logcenter_collector.web.api.audit import read_audit
from logcenter_collector.web.api.bulk import change_issues
from logcenter_collector.web.api.doors import get_doors, put_doors
from logcenter_collector.web.api.health import healthz, readyz
from logcenter_collector.web.api.issues import get_issue, get_stats, list_history, list_issues, list_occurrences
from logcenter_collector.web.api.keys import create_key, list_keys, revoke_key
from logcenter_collector.web.api.metrics import metrics
from logcenter_collector.web.api.overview import get_overview
from logcenter_collector.web.api.people import change_person, invite_person, list_people, make_link
from logcenter_collector.web.api.projects import get_project, list_projects, put_project
from logcenter_collector.web.api.reports import ShortWay, report, report_batch
from logcenter_collector.web.api.teamwork import add_comment, assign_issue, delete_comment, list_comments, mute_issue
from logcenter_collector.web.api.tokens import delete_token, get_tokens, make_token
from logcenter_collector.web.api.transitions import move_issue
from logcenter_collector.web.api.views import delete_view, list_views, save_view
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.cors import Cors
from logcenter_collector.web.docs_page import docs_handlers
from logcenter_collector.web.guard import Guard, Identify, by_bearer, by_of, require_rules
from logcenter_collector.web.headers import add_api_headers
from logcenter_collector.web.openapi import document
from logcenter_collector.web.problems import EXCEPTION_HANDLERS
from logcenter_collector.web.rules import API_RULES
from logcenter_collector.web.scrape import Scrape
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.survey import Survey

HANDLERS = (
    report,
    report_batch,
    list_issues,
    get_issue,
    list_occurrences,
    list_history,
    get_stats,
    move_issue,
    change_issues,
    assign_issue,
    mute_issue,
    list_comments,
    add_comment,
    delete_comment,
    list_views,
    save_view,
    delete_view,
    list_projects,
    get_project,
    put_project,
    list_channels,
    add_channel,
    get_channel,
    change_channel,
    delete_channel,
    try_out_channel,
    list_rules,
    add_rule,
    get_rule,
    put_rule,
    delete_rule,
    list_deliveries,
    retry_delivery,
    dismiss_delivery,
    list_keys,
    create_key,
    revoke_key,
    get_doors,
    put_doors,
    get_overview,
    healthz,
    readyz,
    metrics,
    get_tokens,
    make_token,
    delete_token,
    read_audit,
    list_people,
    invite_person,
    change_person,
    make_link,
)

PROVIDED: Final = (
    "view",
    "by",
    "credentials",
    "doorkeeper",
    "people",
    "ping",
    "pipeline",
    "dispatch",
    "now",
    "scrape",
    "collector",
)
"""What handlers may ask for, see ``web/injected.py``."""


def create_api(  # noqa: PLR0913 - what it is made of
    store: Store,
    pipeline: Pipeline,
    dispatch: Dispatch,
    *,
    doorway: Doorway,
    clock: Callable[[], datetime],
    cors_origins: tuple[str, ...],
    version: str,
) -> ASGIApp:
    """Return the API's ASGI application; whoever runs it starts and stops the pipeline's runner.

    Raises RuleMissingError.
    """
    survey = Survey(store)
    scrape = Scrape(pipeline.runner, survey, version, dispatch.counts)
    status = CollectorStatus(runner=pipeline.runner, survey=survey, version=version, started_at=clock())
    doorkeeper = Doorkeeper(doorway.credentials)
    people = People(doorway.credentials.database, Passwords(), clock, doorway.credentials.changed)

    def view(request: AnyRequest) -> View:
        return View(store, by_of(request))

    def by(request: AnyRequest) -> By:
        return by_of(request)

    provided: dict[str, Callable[..., Any]] = {
        "view": view,
        "by": by,
        "credentials": lambda: doorway.credentials,
        "doorkeeper": lambda: doorkeeper,
        "people": lambda: people,
        "ping": lambda: store.ping,
        "pipeline": lambda: pipeline,
        "dispatch": lambda: dispatch,
        "now": clock,
        "scrape": lambda: scrape,
        "collector": lambda: status,
    }
    app = _create_litestar(provided, by_bearer(doorway, clock, cors_origins), version)
    return ShortWay(Cors(app, cors_origins), pipeline)


@cache
def describe_api(version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API without a store or anything else that runs."""
    # An application of its own, for Litestar would serve pages of the description that load scripts from elsewhere.
    config = OpenAPIConfig(
        title="Log Center",
        version=version,
        description="One inbox for the errors of the application, the pipeline and the cluster.",
        path="/unused",
    )
    nothing = {name: Provide(lambda: None, sync_to_thread=False) for name in PROVIDED}
    # Without a setting of the log: by itself it would put its own in the place of the collector's.
    return document(Litestar(HANDLERS, dependencies=nothing, openapi_config=config, logging_config=None))


def _create_litestar(provided: Mapping[str, Callable[..., Any]], identify: Identify, version: str) -> Litestar:
    @get("/openapi.json", sync_to_thread=True)
    def openapi() -> dict[str, Any]:
        return describe_api(version)

    app = Litestar(
        [*HANDLERS, openapi, *docs_handlers()],
        dependencies={name: Provide(provided[name], sync_to_thread=False) for name in PROVIDED},
        guards=[Guard(API_RULES, identify)],
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[add_api_headers],
        openapi_config=None,
        request_max_body_size=None,  # web/bodies.py holds the contract's limits, after decompression too
        debug=False,
        logging_config=None,  # whoever runs the process configures logging
    )
    require_rules(app, API_RULES)
    return app
