"""What arrived, read from the bodies that the SDKs send. Pure."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

REPORT: Final = "/api/v1/logs/report"
BATCH: Final = "/api/v1/logs/report/batch"
SENTRY: Final = "/api/1/envelope/"
OTLP: Final = "/v1/logs"
HONEYBADGER: Final = "/v1/notices/"

_NUMBER: Final = re.compile(r"number=(\d+)")
_BYTES: Final = 2
"""The wire type of protobuf that strings, bytes and messages have."""


@frozen
class Arrival:
    """One event: the type of its error, the number in its message, for how many it stands, and its id if it has one."""

    kind: str
    number: int | None
    """None: it is none of the errors that were captured, but one of the SDK's own or of the process."""
    occurrences: int = 1
    event_id: str | None = None


def read(path: str, encoding: str, body: bytes) -> list[Arrival]:
    """Return the events of a request. Raises ValueError for what no SDK should send."""
    try:
        plain = plain_bytes(encoding, body)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it is not {encoding}") from error
    route = path.partition("?")[0]
    if route not in _READERS:
        raise ValueError(f"nothing should be sent to {path}")
    try:
        return list(_READERS[route](plain))
    except (LookupError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is no body for {path}: {error!r}") from error


def plain_bytes(encoding: str, body: bytes) -> bytes:
    """Return a body without its compression."""
    if encoding == "gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if encoding == "deflate" else body


def _report(body: bytes) -> Iterator[Arrival]:
    yield _of_report(json.loads(body))


def _batch(body: bytes) -> Iterator[Arrival]:
    yield from map(_of_report, json.loads(body))


def _of_report(report: dict[str, Any]) -> Arrival:
    error = report["error"]
    return _arrival(error["type"], error["message"], report.get("occurrences", 1), report.get("event_id"))


def _envelope(body: bytes) -> Iterator[Arrival]:
    """Yield the events among the items of an envelope; sessions and client reports are none."""
    rest = body.partition(b"\n")[2]
    while rest.strip():
        head, _, rest = rest.partition(b"\n")
        described = json.loads(head)
        length = described.get("length", rest.find(b"\n") if b"\n" in rest else len(rest))
        item, rest = rest[:length], rest[length + 1 :]
        if described["type"] == "event":
            event = json.loads(item)
            last = event["exception"]["values"][-1]
            yield _arrival(last["type"], last["value"], 1, event["event_id"])


def _notice(body: bytes) -> Iterator[Arrival]:
    error = json.loads(body)["error"]
    yield _arrival(error["class"], error["message"])


def _otlp(body: bytes) -> Iterator[Arrival]:
    """Yield the records of an ExportLogsServiceRequest: resource_logs = 1, scope_logs = 2, log_records = 2."""
    for resource in _fields(body, 1):
        for scope in _fields(resource, 2):
            for record in _fields(scope, 2):
                attributes = dict(_attributes(record))
                yield _arrival(attributes["exception.type"], attributes["exception.message"])


def _attributes(record: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts among its attributes: attributes = 6 of key = 1 and value = 2 with string_value = 1."""
    for attribute in _fields(record, 6):
        (key,) = _fields(attribute, 1)
        for value in _fields(attribute, 2):
            for text in _fields(value, 1):
                yield key.decode(), text.decode()


def _fields(message: bytes, wanted: int) -> Iterator[bytes]:
    """Yield the fields of a protobuf message that have a number and are of bytes."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == 0:
            _, place = _varint(message, place)
            continue
        if kind == _BYTES:
            size, place = _varint(message, place)
        else:
            size = {1: 8, 5: 4}[kind]
        if kind == _BYTES and tag >> 3 == wanted:
            yield message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[place] & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if message[place - 1] < 0x80:  # noqa: PLR2004 - the bit that says "more"
            return value, place


def _arrival(kind: str, message: str, occurrences: int = 1, event_id: str | None = None) -> Arrival:
    match = _NUMBER.search(message)
    number = int(match[1]) if match is not None else None
    return Arrival(kind.rpartition(".")[2], number, occurrences, event_id)


_READERS: Final = {REPORT: _report, BATCH: _batch, SENTRY: _envelope, OTLP: _otlp, HONEYBADGER: _notice}
