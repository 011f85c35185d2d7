"""The whole map of the API's URLs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from litestar import Litestar, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.base import Store
from logcenter_collector.web.api.health import healthz, readyz
from logcenter_collector.web.api.issues import get_issue, get_stats, list_history, list_issues, list_occurrences
from logcenter_collector.web.api.metrics import metrics
from logcenter_collector.web.api.projects import get_project, list_projects, put_project
from logcenter_collector.web.api.reports import ShortWay, report, report_batch
from logcenter_collector.web.api.transitions import move_issue
from logcenter_collector.web.cors import Cors
from logcenter_collector.web.docs_page import docs_handlers
from logcenter_collector.web.headers import add_api_headers
from logcenter_collector.web.openapi import document
from logcenter_collector.web.problems import EXCEPTION_HANDLERS
from logcenter_collector.web.scrape import Scrape
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
    healthz,
    readyz,
    metrics,
)


def create_api(
    store: Store, pipeline: Pipeline, *, clock: Callable[[], datetime], cors_origins: tuple[str, ...], version: str
) -> ASGIApp:
    """Return the API's ASGI application; whoever runs it starts and stops the pipeline's runner."""
    scrape = Scrape(pipeline.runner, Survey(store), version)
    provided = {"store": lambda: store, "pipeline": lambda: pipeline, "now": clock, "scrape": lambda: scrape}
    return ShortWay(Cors(_create_litestar(provided, version), cors_origins), pipeline)


@cache
def describe_api(version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API without a store or anything else that runs.

    It is made of an application that nobody serves: with the description Litestar brings pages of its own, which ask
    other servers for their scripts.
    """
    nothing: dict[str, Callable[[], Any]] = {name: lambda: None for name in ("store", "pipeline", "now", "scrape")}
    described = OpenAPIConfig(
        title="Log Center",
        version=version,
        description="One inbox for the errors of the application, the pipeline and the cluster.",
    )
    return document(_create_litestar(nothing, version, described))


def _create_litestar(
    provided: Mapping[str, Callable[[], Any]], version: str, described: OpenAPIConfig | None = None
) -> Litestar:
    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi() -> dict[str, Any]:
        return describe_api(version)

    return Litestar(
        [*HANDLERS, openapi, *docs_handlers()],
        dependencies={name: Provide(provide, sync_to_thread=False) for name, provide in provided.items()},
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[add_api_headers],
        openapi_config=described,
        request_max_body_size=None,  # web/bodies.py holds the contract's limits, after decompression too
        debug=False,
        logging_config=None,  # whoever runs the process configures logging
    )
