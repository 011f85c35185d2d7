"""Read a request's body: bounded, decompressed, and where it matters of the right type."""

from typing import Any, Final

from litestar import Request
from litestar.exceptions import InternalServerException

from logcenter_collector.ingest.decode import decode_json, decompress
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import Reason, RefusedError, cut_off, not_json, too_large
from logcenter_sdk.contract.limits import REPORT_BYTES
from logcenter_sdk.contract.problem import Problem

AnyRequest = Request[Any, Any, Any]

JSON: Final = "application/json"


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """Return the body, decompressed, whatever its content type. Raises RefusedError over ``limit`` bytes."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", ""}:
        detail = f"Content-Encoding {encoding} is not read; send gzip or nothing."
        problem = Problem(title="Unknown encoding", status=415, detail=detail)
        raise RefusedError(problem, reason=Reason.UNKNOWN_ENCODING)
    body = await _read_bounded(request, limit)
    return decompress(body, limit) if encoding == "gzip" else body


async def read_reports(request: AnyRequest, pipeline: Pipeline, limit: int) -> bytes:
    """Return the body of one report or a batch, as ``read_body`` does; what is refused here is counted."""
    try:
        return await read_body(request, limit)
    except Exception as error:
        pipeline.counts.refused(error)
        raise


async def read_json(request: AnyRequest) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a body that must say it is JSON: a page elsewhere can't send that without being asked for.

    Raises RefusedError.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        detail = f"Send Content-Type: {JSON}, not {media_type or 'nothing'}."
        raise RefusedError(Problem(title="Unsupported media type", status=415, detail=detail))
    return decode_json(await read_body(request, REPORT_BYTES))


async def _read_bounded(request: AnyRequest, limit: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            chunks.append(chunk)
    except InternalServerException:  # the client is gone
        raise cut_off() from None
    if not size:
        raise not_json("The body is empty.")
    return b"".join(chunks)
