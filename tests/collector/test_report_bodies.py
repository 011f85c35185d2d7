"""How the bytes of a report may come, and which are refused: section 1 of the contract."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.collector import Collector
from support.sending import a_report, fresh_project

MEBIBYTE = 1024 * 1024


def body_of(project: str | None = None, **changes: Any) -> bytes:
    return json.dumps(a_report(project or fresh_project(), **changes)).encode()


def with_context(value: str) -> bytes:
    """Return a report whose context holds what is written as it stands."""
    return body_of(context={"value": "HERE"}).replace(b'"HERE"', value.encode())


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "application/json", "image/png", None])
def test_the_content_type_of_a_report_does_not_matter(shared_collector: Collector, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    assert 200 == shared_collector.post_report(body_of(), headers=headers).status_code


def test_a_gzip_body_of_several_members_is_read_to_its_end(shared_collector: Collector) -> None:
    body = body_of()

    response = shared_collector.post_report(
        gzip.compress(body[:50]) + gzip.compress(body[50:]), headers={"Content-Encoding": "gzip"}
    )

    assert 200 == response.status_code


def test_a_gzip_body_of_thousands_of_members_is_refused_at_once(shared_collector: Collector) -> None:
    response = shared_collector.post_report(gzip.compress(b"") * 50_000, headers={"Content-Encoding": "gzip"})

    assert 400 == response.status_code
    assert "more than 100 members" in response.json()["detail"]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP"])
def test_a_gzip_body_is_read(shared_collector: Collector, encoding: str) -> None:
    response = shared_collector.post_report(gzip.compress(body_of()), headers={"Content-Encoding": encoding})

    assert "Log reported" == response.json()["message"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        pytest.param(b"no gzip", "gzip", 400, id="no gzip"),
        pytest.param(gzip.compress(b"{}" * 999)[:-9], "gzip", 400, id="gzip that ends too early"),
        pytest.param(b"{}", "br", 415, id="another encoding"),
        pytest.param(b"", "", 400, id="empty"),
        pytest.param(b" ", "", 400, id="blank"),
        pytest.param(b"\xff\xfe{\x00}\x00", "", 400, id="UTF-16"),
        pytest.param(b'{"project_id": "\xff"}', "", 400, id="no UTF-8"),
        pytest.param(b"[]", "", 400, id="an array"),
        pytest.param(b"null", "", 400, id="null"),
        pytest.param(b'{"a": 1,}', "", 400, id="no JSON"),
        pytest.param(body_of() + b"{}", "", 400, id="two values"),
        pytest.param(with_context("NaN"), "", 400, id="NaN"),
        pytest.param(with_context("-Infinity"), "", 400, id="-Infinity"),
        pytest.param(with_context("1e400"), "", 400, id="a number beyond a double"),
        pytest.param(with_context("9223372036854775808"), "", 400, id="an integer of 65 bits in context"),
        pytest.param(with_context('{"a": [-9223372036854775809]}'), "", 400, id="deep in context"),
        pytest.param(with_context("9" * 5000), "", 400, id="5,000 digits"),
        pytest.param(body_of(line_number=2**63), "", 400, id="an integer of 65 bits in a field"),
    ],
)
def test_a_wrong_body_is_refused_as_a_problem(
    shared_collector: Collector, body: bytes, encoding: str, status: int
) -> None:
    response = shared_collector.post_report(body, headers={"Content-Encoding": encoding} if encoding else {})

    assert (status, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert {"title", "status", "detail"} <= response.json().keys()


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_an_integer_of_64_bits_comes_back_exactly(shared_collector: Collector, number: int) -> None:
    answer = shared_collector.report(a_report(fresh_project(), context={"n": number}, line_number=number))

    issue = shared_collector.issue(answer["id"])

    assert (number, number) == (issue["context"]["n"], issue["error"]["line_number"])


def test_a_byte_order_mark_is_skipped(shared_collector: Collector) -> None:
    assert 200 == shared_collector.post_report(b"\xef\xbb\xbf" + body_of()).status_code


@pytest.mark.parametrize("depth", [450, 700, 950, 2_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_never_fails_the_collector(
    shared_collector: Collector, depth: int, opening: str, closing: str
) -> None:
    nested = opening * depth + "1" + closing * depth

    for context in (nested, nested.replace("1", "1234567890123456789")):
        for body in (with_context(context), with_context(context).replace(b'"runtime"', b'"cicd"')):
            response = shared_collector.post_report(body)
            in_batch = shared_collector.client.post("/api/v1/logs/report/batch", content=b"[" + body + b"]")

            assert response.status_code in {200, 400}, response.text
            assert in_batch.status_code == 400 or in_batch.json()[0].get("status") != 500, in_batch.text


def test_a_body_of_exactly_the_limit_is_taken(shared_collector: Collector) -> None:
    body = body_of()

    assert 200 == shared_collector.post_report(body + b" " * (MEBIBYTE - len(body))).status_code


def chunks_of(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"content": b" " * (MEBIBYTE + 1)}, id="announced"),
        pytest.param({"content": chunks_of(20 * MEBIBYTE)}, id="in chunks"),
        pytest.param(
            {"content": gzip.compress(b" " * (MEBIBYTE + 1)), "headers": {"Content-Encoding": "gzip"}}, id="gzip"
        ),
    ],
)
def test_a_body_over_the_limit_is_413(shared_collector: Collector, request_: dict[str, Any]) -> None:
    response = shared_collector.client.post("/api/v1/logs/report", **request_)

    assert (413, "application/problem+json") == (response.status_code, response.headers["content-type"])


def peak_memory(collector: Collector) -> int:
    """Return the most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{collector.process.pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_gzip_bomb_is_413_and_takes_no_memory(shared_collector: Collector) -> None:
    bomb = gzip.compress(b" " * 300 * MEBIBYTE, compresslevel=1)[:MEBIBYTE]
    assert 200 == shared_collector.post_report(body_of()).status_code
    before = peak_memory(shared_collector)

    response = shared_collector.post_report(bomb, headers={"Content-Encoding": "gzip"})

    assert 413 == response.status_code
    assert peak_memory(shared_collector) - before < 50 * MEBIBYTE


def test_of_thousands_of_wrong_items_a_hundred_are_named(shared_collector: Collector) -> None:
    response = shared_collector.post_report(body_of(frames=[{"line_number": "x"}] * 5_000))

    assert 400 == response.status_code
    assert 100 == len(response.json()["errors"])
    assert "frames[0].line_number" == response.json()["errors"][0]["field"]
