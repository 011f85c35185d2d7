"""Reports come in: one, or a batch.

Every report of a storm passes here, so these two routes are answered before Litestar's router and its machinery, which
take as long as everything else that happens to a report (``ShortWay``). The handlers make the same answers in the
ordinary way: for pages of other origins, and for the description of the API.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from attrs import frozen
from litestar import post
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import ClientGoneError, RefusedError, internal_error
from logcenter_collector.web.bodies import JSON, AnyRequest, header, read_reports
from logcenter_collector.web.injected import InjectedPipeline
from logcenter_collector.web.openapi import ref
from logcenter_collector.web.problems import headers_of
from logcenter_collector.web.shown import shown_by
from logcenter_sdk.contract.limits import BATCH_BYTES, BATCH_REPORTS
from logcenter_sdk.contract.problem import MEDIA_TYPE, Problem
from logcenter_sdk.contract.report import Report

log = logging.getLogger(__name__)

REPORT: Final = "/api/v1/logs/report"
BATCH: Final = "/api/v1/logs/report/batch"


async def take_report(pipeline: Pipeline, scope: HTTPScope, receive: Receive) -> dict[str, Any]:
    """Take one report and return its answer after the commit. Raises RefusedError and ClientGoneError."""
    bringer = pipeline.enter(shown_by(scope))
    body = await read_reports(pipeline, scope, receive, pipeline.report_bytes)
    return (await pipeline.report(body, bringer)).to_wire()


async def take_batch(pipeline: Pipeline, scope: HTTPScope, receive: Receive) -> list[dict[str, Any]]:
    """Take a batch and return its answers after the commit. Raises RefusedError and ClientGoneError."""
    bringer = pipeline.enter(shown_by(scope))
    outcomes = await pipeline.batch(await read_reports(pipeline, scope, receive, BATCH_BYTES), bringer)
    return [
        outcome.problem.to_wire() if isinstance(outcome, RefusedError) else outcome.to_wire() for outcome in outcomes
    ]


_TAKES: Final[dict[str, Callable[[Pipeline, HTTPScope, Receive], Awaitable[Any]]]] = {
    REPORT: take_report,
    BATCH: take_batch,
}


@post(
    REPORT,
    status_code=200,
    summary="Report an error",
    description="A 200 is a promise: the report is committed. Any content type is read as JSON; gzip is read.",
    tags=["Reports"],
    opt={"takes": ref(Report), "answers": ref("Answer"), "about": "Committed."},
)
async def report(request: AnyRequest, pipeline: InjectedPipeline) -> dict[str, Any]:
    """Take one report and answer after its commit."""
    return await take_report(pipeline, request.scope, request.receive)


@post(
    BATCH,
    status_code=200,
    summary="Report many errors",
    description=f"At most {BATCH_REPORTS} reports; the answers come in the same order, a problem in the place of each "
    "report that was refused.",
    tags=["Reports"],
    opt={
        "takes": {"type": "array", "items": ref(Report), "maxItems": BATCH_REPORTS},
        "answers": {"type": "array", "items": {"anyOf": [ref("Answer"), ref("Problem")]}},
        "about": "What could be committed is committed.",
    },
)
async def report_batch(request: AnyRequest, pipeline: InjectedPipeline) -> list[dict[str, Any]]:
    """Take a batch and answer after its commit."""
    return await take_batch(pipeline, request.scope, request.receive)


@frozen
class ShortWay:
    """ASGI middleware that answers reports itself, and leaves everything else to the application."""

    app: ASGIApp
    pipeline: Pipeline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a report that comes from no page of a browser; those need CORS."""
        if (
            scope["type"] == ScopeType.HTTP
            and scope["method"] == "POST"
            and (take := _TAKES.get(scope["path"])) is not None
            and header(scope, b"origin") is None
        ):
            await self._answer(take(self.pipeline, scope, receive), send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, taking: Awaitable[Any], send: Send) -> None:
        try:
            await _send(send, 200, await taking)
        except ClientGoneError:
            return
        except RefusedError as refusal:
            await _send_problem(send, refusal.problem, refusal.retry_after)
        except Exception:
            log.exception("A report failed")
            await _send_problem(send, internal_error())


async def _send_problem(send: Send, problem: Problem, retry_after: int | None = None) -> None:
    more = [(name.lower().encode(), value.encode()) for name, value in headers_of(problem, retry_after).items()]
    await _send(send, problem.status, problem.to_wire(), MEDIA_TYPE.encode(), more)


async def _send(
    send: Send, status: int, answer: object, media_type: bytes = JSON.encode(), more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    body = msgspec.json.encode(answer)
    headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), (b"vary", b"Origin"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
