"""What the figures of the SDK read from the bodies of each SDK."""

import gzip
import json
import zlib

import pytest

from arrivals import BATCH, HONEYBADGER, OTLP, REPORT, SENTRY, Arrival, read


def report(number: int, **more: object) -> dict[str, object]:
    return {"error": {"type": "KindError", "message": f"number={number} is refused"}, **more}


def test_a_report_is_one_event_with_its_id() -> None:
    body = json.dumps(report(7, event_id="a")).encode()
    assert [Arrival("KindError", 7, 1, "a")] == read(REPORT, "", body)


def test_a_report_of_a_folded_error_stands_for_all_of_them() -> None:
    assert [Arrival("KindError", 7, 90)] == read(REPORT, "", json.dumps(report(7, occurrences=90)).encode())


@pytest.mark.parametrize(("encoding", "compress"), [("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_batch_is_as_many_events_however_it_is_compressed(encoding: str, compress: type[bytes]) -> None:
    body = compress(json.dumps([report(1), report(2)]).encode())
    assert [Arrival("KindError", 1), Arrival("KindError", 2)] == read(BATCH, encoding, body)


def envelope(*items: tuple[dict[str, object], bytes]) -> bytes:
    lines = [line for head, body in items for line in (json.dumps(head).encode(), body)]
    return b"\n".join([b'{"event_id":"a"}', *lines]) + b"\n"


def event(number: int) -> bytes:
    values = [{"type": "CauseError", "value": "why"}, {"type": "KindError", "value": f"number={number} is refused"}]
    return json.dumps({"event_id": "a", "exception": {"values": values}}).encode()


def test_of_an_envelope_only_the_event_counts_and_its_last_exception_names_it() -> None:
    session, found = b'{"sid":"b"}', event(7)
    items = [({"type": "session", "length": len(session)}, session), ({"type": "event", "length": len(found)}, found)]
    assert [Arrival("KindError", 7, 1, "a")] == read(f"{SENTRY}?sentry_key=k", "", envelope(*items))


def test_an_item_without_a_length_ends_with_its_line() -> None:
    body = envelope(({"type": "event"}, event(7)), ({"type": "client_report"}, b"{}"))
    assert [Arrival("KindError", 7, 1, "a")] == read(SENTRY, "", body)


def test_a_notice_is_one_event() -> None:
    body = json.dumps({"error": {"class": "KindError", "message": "number=7 is refused"}}).encode()
    assert [Arrival("KindError", 7)] == read(HONEYBADGER, "", body)


def test_a_module_before_the_name_of_a_type_does_not_count() -> None:
    body = json.dumps({"error": {"class": "errors.KindError", "message": "number=7"}}).encode()
    assert [Arrival("KindError", 7)] == read(HONEYBADGER, "", body)


def field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def attribute(key: str, value: str) -> bytes:
    return field(6, field(1, key.encode()) + field(2, field(1, value.encode())))


def record(number: int) -> bytes:
    fixed, varint = b"\x09" + bytes(8), b"\x10\x96\x01"  # time_unix_nano, severity_number
    texts = attribute("exception.type", "KindError") + attribute("exception.message", f"number={number} {'x' * 300}")
    return field(2, fixed + varint + texts)


def test_the_records_of_an_otlp_request_are_found_among_its_other_fields() -> None:
    body = field(1, field(1, b"resource") + field(2, field(1, b"scope") + record(1) + record(2)))
    assert [Arrival("KindError", 1), Arrival("KindError", 2)] == read(OTLP, "", body)


@pytest.mark.parametrize(
    ("path", "encoding", "body"),
    [(OTLP, "", b"\x0b"), (BATCH, "", b"[1]"), (BATCH, "gzip", b"x"), (OTLP, "", b"\x0a\xff")],
)
def test_a_body_that_is_garbled_raises_one_kind_of_error(path: str, encoding: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is not|this is no body"):
        read(path, encoding, body)


def test_what_no_sdk_should_send_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="nothing should be sent to /elsewhere"):
        read("/elsewhere", "", b"{}")


def test_an_error_that_nobody_captured_has_no_number() -> None:
    body = b'{"error": {"class": "RuntimeError", "message": "a bug"}}'
    assert [Arrival("RuntimeError", None)] == read(HONEYBADGER, "", body)
