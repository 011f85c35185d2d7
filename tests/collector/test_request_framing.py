"""Requests whose end two servers could see in two places are refused, on both ports and on the short way of reports.

Whoever stands between a reporter and the collector may read such a request otherwise, and let a second one through that
it has not looked at.
"""

import json

import pytest

from support.collector import Collector
from support.raw import dialled, everything_until_the_end, read_answer
from support.sending import a_report, fresh_project

PORTS = ["api_url", "dashboard_url"]
PATHS = {"api_url": "/api/v1/logs/report", "dashboard_url": "/issues/1/transitions"}
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n",
    "one length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "a length in hex": b"Content-Length: 0x2\r\n\r\n{}",
    "a length of nothing": b"Content-Length:\r\n\r\n{}",
    "a huge length": b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding after chunked": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"Content-Length : 2\r\n\r\n{}",
    "a folded header": b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "a bare line feed": b"X: a\nContent-Length: 2\r\n\r\n{}",
    "a bare carriage return": b"X: a\rContent-Length: 2\r\n\r\n{}",
    "a NUL in a header": b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a chunk of a negative size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "a chunk of a huge size": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "a chunk longer than it says": b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("framing", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_an_ambiguous_request_is_refused_and_nothing_after_it_is_answered(
    shared_collector: Collector, port: str, framing: bytes
) -> None:
    head = f"POST {PATHS[port]} HTTP/1.1\r\nHost: localhost\r\n".encode()
    with dialled(getattr(shared_collector, port)) as line:
        line.sendall(head + framing + SECOND)
        received = everything_until_the_end(line)

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert 1 == received.count(b"HTTP/1.1 ")


def test_bytes_after_a_report_are_the_next_request_and_not_a_part_of_it(shared_collector: Collector) -> None:
    body = json.dumps(a_report(fresh_project())).encode()
    report = b"POST /api/v1/logs/report HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with dialled(shared_collector.api_url) as line:
        line.sendall(report + report + SECOND)
        statuses = [answer.status for _ in range(3) if (answer := read_answer(line))]

    assert [200, 200, 404] == statuses
