"""Read a request's body: bounded, decompressed, and where it matters of the right type."""

from typing import Any, Final

from litestar import Request
from litestar.types import HTTPScope, Receive, Scope

from logcenter_collector.ingest.decode import decode_json, decompress
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import ClientGoneError, Reason, RefusedError, not_json, too_large
from logcenter_collector.ingest.room import Place, Room
from logcenter_sdk.contract.limits import REPORT_BYTES
from logcenter_sdk.contract.problem import Problem

AnyRequest = Request[Any, Any, Any]

JSON: Final = "application/json"


def header(scope: Scope | HTTPScope, name: bytes) -> bytes | None:
    """Return a header of a request, by its name in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


async def read_body(scope: Scope | HTTPScope, receive: Receive, limit: int, place: Place | None = None) -> bytes:
    """Return the body, decompressed, whatever its content type; what it takes is taken of its place.

    Raises RefusedError over ``limit`` bytes, and ClientGoneError.
    """
    encoding = (header(scope, b"content-encoding") or b"").decode("latin-1").strip().lower()
    if encoding not in {"identity", "gzip", ""}:
        detail = f"Content-Encoding {encoding} is not read; send gzip or nothing."
        problem = Problem(title="Unknown encoding", status=415, detail=detail)
        raise RefusedError(problem, reason=Reason.UNKNOWN_ENCODING)
    announced = header(scope, b"content-length") or b""
    if announced.isdigit() and int(announced[:20]) > limit:
        raise too_large(limit)
    place = place or Place(Room(2 * limit))
    body = await _read_bounded(receive, limit, place)
    if encoding == "gzip":
        body = decompress(body, limit)
        place.take(len(body))
    return body


async def read_reports(
    pipeline: Pipeline, scope: Scope | HTTPScope, receive: Receive, limit: int, place: Place
) -> bytes:
    """Return the body of one report or a batch, as ``read_body`` does; what is refused here is counted."""
    try:
        return await read_body(scope, receive, limit, place)
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
    return decode_json(await read_body(request.scope, request.receive, REPORT_BYTES))


async def _read_bounded(receive: Receive, limit: int, place: Place) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        place.take(len(chunk))
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
    if not size:
        raise not_json("The body is empty.")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
