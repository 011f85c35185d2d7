"""Reports come in: one, or a batch."""

from typing import Any

from litestar import post

from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.web.bodies import AnyRequest, read_reports
from logcenter_collector.web.injected import InjectedPipeline
from logcenter_collector.web.openapi import ref
from logcenter_sdk.contract.limits import BATCH_BYTES, BATCH_REPORTS
from logcenter_sdk.contract.report import Report


@post(
    "/api/v1/logs/report",
    status_code=200,
    summary="Report an error",
    description="A 200 is a promise: the report is committed. Any content type is read as JSON; gzip is read.",
    tags=["Reports"],
    opt={"takes": ref(Report), "answers": ref("Answer"), "about": "Committed."},
)
async def report(request: AnyRequest, pipeline: InjectedPipeline) -> dict[str, Any]:
    """Take one report and answer after its commit."""
    answer = await pipeline.report(await read_reports(request, pipeline, pipeline.report_bytes))
    return answer.to_wire()


@post(
    "/api/v1/logs/report/batch",
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
    outcomes = await pipeline.batch(await read_reports(request, pipeline, BATCH_BYTES))
    return [
        outcome.problem.to_wire() if isinstance(outcome, RefusedError) else outcome.to_wire() for outcome in outcomes
    ]
