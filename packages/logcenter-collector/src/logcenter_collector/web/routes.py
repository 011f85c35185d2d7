"""The whole map of the API's URLs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from litestar import Litestar, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.view import View
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.base import Store
from logcenter_collector.web.api.audit import read_audit
from logcenter_collector.web.api.health import healthz, readyz
from logcenter_collector.web.api.issues import get_issue, get_stats, list_history, list_issues, list_occurrences
from logcenter_collector.web.api.metrics import metrics
from logcenter_collector.web.api.overview import get_overview
from logcenter_collector.web.api.projects import get_project, list_projects, put_project
from logcenter_collector.web.api.reports import ShortWay, report, report_batch
from logcenter_collector.web.api.tokens import delete_token, get_tokens, make_token
from logcenter_collector.web.api.transitions import move_issue
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
    list_projects,
    get_project,
    put_project,
    get_overview,
    healthz,
    readyz,
    metrics,
    get_tokens,
    make_token,
    delete_token,
    read_audit,
)

PROVIDED: Final = ("view", "by", "credentials", "ping", "pipeline", "now", "scrape", "collector")
"""What handlers may ask for, see ``web/injected.py``."""


def create_api(  # noqa: PLR0913 - what it is made of
    store: Store,
    pipeline: Pipeline,
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
    scrape = Scrape(pipeline.runner, survey, version)
    status = CollectorStatus(runner=pipeline.runner, survey=survey, version=version, started_at=clock())

    def view(request: AnyRequest) -> View:
        return View(store, by_of(request))

    def by(request: AnyRequest) -> By:
        return by_of(request)

    provided: dict[str, Callable[..., Any]] = {
        "view": view,
        "by": by,
        "credentials": lambda: doorway.credentials,
        "ping": lambda: store.ping,
        "pipeline": lambda: pipeline,
        "now": clock,
        "scrape": lambda: scrape,
        "collector": lambda: status,
    }
    app = _create_litestar(provided, by_bearer(doorway, clock), version)
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
    return document(Litestar(HANDLERS, dependencies=nothing, openapi_config=config))


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
