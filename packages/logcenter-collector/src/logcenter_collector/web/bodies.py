"""Read a request's body: bounded, decompressed, and where it matters of the right type."""

from typing import Any, Final

from litestar import Request

from logcenter_collector.ingest.decode import decode_json, decompress
from logcenter_collector.ingest.refusal import RefusedError, not_json, too_large
from logcenter_sdk.contract.limits import REPORT_BYTES
from logcenter_sdk.contract.problem import Problem

AnyRequest = Request[Any, Any, Any]

JSON: Final = "application/json"


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """Return the body, decompressed, whatever its content type. Raises RefusedError over ``limit`` bytes."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", ""}:
        detail = f"Content-Encoding {encoding} is not read; send gzip or nothing."
        raise RefusedError(Problem(title="Unknown encoding", status=415, detail=detail))
    body = await _read_bounded(request, limit)
    return decompress(body, limit) if encoding == "gzip" else body


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
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
    if not size:
        raise not_json("The body is empty.")
    return b"".join(chunks)
