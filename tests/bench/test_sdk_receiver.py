"""The receiving side of the SDK's figures, over real sockets."""

import gzip
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected

import pytest

from arrivals import BATCH, HONEYBADGER, OTLP, REPORT, Arrival
from receiver import Mode, Receiver, receiver, split

EVENT = json.dumps({"error": {"type": "KindError", "message": "number=7"}}).encode()


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def post(server: Receiver, path: str = REPORT, body: bytes = EVENT, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_report_is_kept_and_answered_as_the_collector_does(server: Receiver) -> None:
    response, body = post(server)
    assert (200, {"message": "Log deduplicated", "id": 1, "status": "NEW"}) == (response.status, json.loads(body))
    assert [Arrival("KindError", 7)] == server.arrivals()


def test_a_batch_has_an_answer_for_each_of_its_reports(server: Receiver) -> None:
    body = gzip.compress(b"[%b]" % b",".join([EVENT] * 3))
    _, answers = post(server, BATCH, body, **{"Content-Encoding": "gzip"})
    assert 3 == len(json.loads(answers)) == len(server.arrivals())


@pytest.mark.parametrize(("path", "status"), [(HONEYBADGER, 201), (OTLP, 200)])
def test_others_get_the_status_that_they_want(server: Receiver, path: str, status: int) -> None:
    assert status == post(server, path)[0].status


def test_several_requests_come_over_one_connection(server: Receiver) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    for _ in range(3):
        connection.request("POST", REPORT, EVENT)
        response = connection.getresponse()
        response.read()
        assert 200 == response.status
    connection.close()
    assert 3 == len(server.requests)


@pytest.mark.parametrize(("mode", "status", "wait"), [("429", 429, "1"), ("500", 500, None)])
def test_what_is_answered_with_a_failure_is_not_kept(
    server: Receiver, mode: Mode, status: int, wait: str | None
) -> None:
    server.become(mode)
    response, _ = post(server)
    assert (status, wait, []) == (response.status, response.headers["Retry-After"], server.requests)


@pytest.mark.parametrize(("mode", "kept"), [("hang", 0), ("committed", 1)])
def test_who_waits_for_no_answer_is_cut_off_when_the_outage_ends(server: Receiver, mode: Mode, kept: int) -> None:
    server.become(mode)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("POST", REPORT, EVENT)
    connection.sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.sock.settimeout(5)
    server.become("ok")
    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        connection.getresponse()
    connection.close()
    assert kept == len(server.requests)


def test_it_refuses_connections_and_comes_back_on_the_same_port(server: Receiver) -> None:
    port = server.port
    server.become("refused")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    server.become("ok")
    assert (port, 200) == (server.port, post(server)[0].status)


def test_what_cannot_be_read_is_counted_and_hides_nothing_else(server: Receiver) -> None:
    for body in (b"garbled", EVENT):
        post(server, body=body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as torn:
        torn.sendall(b"garbled\r\n\r\n")
        assert b"" == torn.recv(1)
    assert ([Arrival("KindError", 7)], 2) == (server.arrivals(), server.unreadable)


def test_without_keeping_it_counts_what_it_answered() -> None:
    with receiver(keep=False) as server:
        post(server)
        assert (1, []) == (server.answered, server.requests)


def test_a_request_that_has_not_arrived_as_a_whole_is_none() -> None:
    head = b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
    assert None is split(head[:20])
    assert None is split(head + b"1234")
    assert ("/a", {"content-length": "5"}, b"12345", b"next") == split(head + b"12345next")
