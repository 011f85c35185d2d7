"""What is small to send and large to read: the answer is clear, and the collector's memory hardly grows."""

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.collector import Collector, start
from support.faults import FULL_SIZE
from support.memory import MEBIBYTE, can_be_measured, forget_peak, peak_of
from support.raw import ask
from support.sending import a_report

pytestmark = pytest.mark.skipif(not can_be_measured(), reason="only Linux tells the peak of a process")

GROWTH = 64 * MEBIBYTE
AT_ONCE = 8
ROUNDS = 5 if FULL_SIZE else 1
REPORT = "/api/v1/logs/report"
BATCH = f"{REPORT}/batch"
ANY = {200, 400, 413}


def with_context(value: bytes) -> bytes:
    """Return a report whose context holds JSON as it stands."""
    return json.dumps(a_report("shop", context={"value": "HERE"})).encode().replace(b'"HERE"', value)


def with_trace(lines: bytes) -> bytes:
    return json.dumps(a_report("shop", stack_trace="HERE")).encode().replace(b'"HERE"', lines)


def many(item: bytes, size: int) -> bytes:
    """Return a JSON array of one item again and again, of so many bytes."""
    return b"[" + b",".join([item] * (size // (len(item) + 1))) + b"]"


ONE = MEBIBYTE - 2_000
EIGHT = 8 * MEBIBYTE - 2_000
BODIES = {
    "a megabyte of empty lists": (REPORT, with_context(many(b"[]", ONE)), {200}),
    "a megabyte of empty objects": (REPORT, with_context(many(b"{}", ONE)), {200}),
    "a megabyte of keys": (
        REPORT,
        with_context(b'{"a":0' + b"".join(b',"%x":[]' % n for n in range(80_000)) + b"}"),
        {200},
    ),
    "a megabyte of wrong lines": (REPORT, with_trace(many(b"[]", ONE)), {400}),
    "a megabyte of empty lines": (REPORT, with_trace(b'"' + rb"\n" * (ONE // 2) + b'"'), {200}),
    "a megabyte of frames": (REPORT, with_context(b"1")[:-1] + b', "frames": ' + many(b"{}", ONE) + b"}", {200}),
    "a megabyte of brackets": (REPORT, b"[" * ONE, {400}),
    "one number": (REPORT, with_context(b"1" * ONE), {400}),
    "one fraction": (REPORT, with_context(b"0." + b"1" * ONE), {200}),
    "one exponent": (REPORT, with_context(b"1e" + b"9" * ONE), {400}),
    "one key again and again": (REPORT, b"{" + b'"error":{},' * (ONE // 11) + with_context(b"1")[1:], {200}),
    "a batch of empty lists": (BATCH, many(b"[]", EIGHT), {413}),
    "a batch of numbers": (BATCH, many(b"1", EIGHT), {413}),
    "a batch that does not end": (BATCH, many(b"[]", EIGHT)[:-1], {413}),
    "a batch with half of a pair": (BATCH, rb'["\ud800",' + many(b"[]", EIGHT)[1:], {413}),
    "a batch of one that is no report": (BATCH, b"[" + many(b"[]", EIGHT) + b"]", {200}),
    "a batch of large ones": (BATCH, b"[" + b",".join([with_context(many(b"[]", ONE))] * 7) + b"]", {200}),
    "an object for a batch": (BATCH, b'{"a":' + many(b"{}", EIGHT) + b"}", {400}),
}
BOMBS = {
    "zeros": gzip.compress(b"0" * 200 * MEBIBYTE, 9),
    "zeros in zeros": gzip.compress(gzip.compress(b"0" * 200 * MEBIBYTE, 9)),
    "a hundred members": gzip.compress(b"0" * 10 * MEBIBYTE) * 100,
    "thousands of members": gzip.compress(b"") * 50_000,
    "a long name in the head": b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * ONE,
    "a member that does not end": gzip.compress(b"[" + b"0," * MEBIBYTE)[:-100],
}


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector that has done once what ordinary reporters let it do, so that everything is imported."""
    collector = start(tmp_path_factory.mktemp("hostile") / "logs.db")
    collector.report(a_report("shop", context={"text": "x" * 500_000}))
    collector.report_batch([a_report("shop", message="y" * 8_000)] * 400)
    collector.issues()
    yield collector
    assert collector.stop() == 0


@pytest.mark.parametrize(("path", "body", "statuses"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_large_to_read_takes_little_memory(
    collector: Collector, path: str, body: bytes, statuses: set[int]
) -> None:
    forget_peak(collector.process.pid)
    before = peak_of(collector.process.pid)

    sent = gzip.compress(body, 1)
    answer = collector.client.post(path, content=sent, headers={"Content-Encoding": "gzip"})

    assert answer.status_code in statuses, answer.text[:300]
    assert len(answer.content) < MEBIBYTE
    assert peak_of(collector.process.pid) - before < GROWTH


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("path", [REPORT, BATCH])
def test_a_bomb_is_refused_before_it_goes_off(collector: Collector, path: str, bomb: bytes) -> None:
    forget_peak(collector.process.pid)
    before = peak_of(collector.process.pid)

    answer = collector.client.post(path, content=bomb, headers={"Content-Encoding": "gzip"})

    assert answer.status_code in {400, 413}
    assert peak_of(collector.process.pid) - before < GROWTH


def test_many_at_once_take_no_more(collector: Collector) -> None:
    bodies = [gzip.compress(body, 1) for path, body, _ in BODIES.values() if path == REPORT]
    forget_peak(collector.process.pid)
    before = peak_of(collector.process.pid)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(lambda body: collector.post_report(body, headers={"Content-Encoding": "gzip"}), bodies * ROUNDS)
        )

    assert {answer.status_code for answer in answers} <= ANY
    assert peak_of(collector.process.pid) - before < GROWTH


def test_headers_without_end_take_little_memory(collector: Collector) -> None:
    forget_peak(collector.process.pid)
    before = peak_of(collector.process.pid)

    for port in (collector.api_url, collector.dashboard_url):
        answer = ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"a" * 70_000)
        assert answer is None or answer.status == 431

    assert peak_of(collector.process.pid) - before < GROWTH
