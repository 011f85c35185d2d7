"""The one way out: to checked addresses, in bounded time, with a bounded answer."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logcenter_collector.alarms.network import ANSWER_BYTES, Network, UnansweredError, UnreachableError
from logcenter_collector.domain.alarms.addresses import read_policy
from support.alarms import LOCAL
from support.receiver import Arrived, Receiver, Reply, receiving

NAMES: dict[str, list[str]] = {
    "alarms.example.org": ["127.0.0.1"],
    "two.example.org": ["10.0.0.5", "127.0.0.1"],
    "nowhere.example.org": [],
}


def resolve(host: str, _port: int) -> list[str]:
    return NAMES[host]


def answer(arrived: Arrived) -> Reply:
    match arrived.path:
        case "/redirect":
            return Reply(302, b"", {"location": "/secret"})
        case "/large":
            return Reply(200, b"x" * (ANSWER_BYTES * 4))
        case _:
            return Reply(201, b"taken", {"x-thing": "here"})


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(answer) as running:
        yield running


def test_a_body_arrives_with_its_headers_and_the_answer_comes_back(receiver: Receiver) -> None:
    answered = LOCAL.post(receiver.url("/here?a=1"), b"hello", {"X-Own": "yes"})

    assert (201, b"taken", "here") == (answered.status, answered.body, answered.headers["x-thing"])
    arrived = receiver.arrived[-1]
    assert ("/here", {"a": "1"}, b"hello") == (arrived.path, arrived.query, arrived.body)
    assert ("yes", f"127.0.0.1:{receiver.port}") == (arrived.headers["x-own"], arrived.headers["host"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_this_machine_is_refused_however_it_is_written(receiver: Receiver, host: str) -> None:
    before = len(receiver.arrived)

    with pytest.raises(UnreachableError, match="whoever runs the collector may allow it") as caught:
        Network(seconds=5).post(receiver.url("/", host), b"", {})

    assert caught.value.permanent
    assert before == len(receiver.arrived)


def test_a_name_is_connected_to_at_the_address_that_was_checked(receiver: Receiver) -> None:
    network = Network(policy=read_policy(["127.0.0.0/8"]), resolve=resolve)

    answered = network.post(receiver.url("/", "alarms.example.org"), b"", {})

    assert 201 == answered.status
    assert f"alarms.example.org:{receiver.port}" == receiver.arrived[-1].headers["host"]


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.5"]

    network = Network(policy=read_policy(["127.0.0.1/32"]), resolve=rebinding)

    assert 201 == network.post(receiver.url("/", "alarms.example.org"), b"", {}).status
    assert ["alarms.example.org"] == asked


def test_of_a_name_with_a_private_and_an_allowed_address_only_that_one_is_used(receiver: Receiver) -> None:
    network = Network(policy=read_policy(["127.0.0.0/8"]), resolve=resolve)

    assert 201 == network.post(receiver.url("/", "two.example.org"), b"", {}).status


def test_a_name_without_an_address_is_a_failure_that_may_pass(receiver: Receiver) -> None:
    with pytest.raises(UnreachableError, match=r"no connection to nowhere\.example\.org") as caught:
        Network(resolve=resolve).post(receiver.url("/", "nowhere.example.org"), b"", {})

    assert not caught.value.permanent


def test_a_name_that_is_not_found_is_named() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(UnreachableError, match="the name is not found"):
        Network(resolve=unknown).post("http://no.example.org/", b"", {})


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    hanging = threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        hanging.wait(30)
        return []

    with pytest.raises(UnreachableError, match="its name took too long"):
        Network(resolve=hang, seconds=0.05).post("http://slow.example.org/", b"", {})
    hanging.set()


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    assert 302 == LOCAL.post(receiver.url("/redirect"), b"", {}).status
    assert "/secret" not in [arrived.path for arrived in receiver.arrived]


def test_an_answer_is_read_as_far_as_its_bound(receiver: Receiver) -> None:
    assert ANSWER_BYTES == len(LOCAL.post(receiver.url("/large"), b"", {}).body)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "/alarms", ""])
def test_only_http_and_https_lead_anywhere(url: str) -> None:
    with pytest.raises(UnreachableError, match="must begin with") as caught:
        LOCAL.post(url, b"", {})

    assert caught.value.permanent


def test_nobody_at_the_other_end_is_a_failure_for_certain() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(UnreachableError, match=r"no connection to 127\.0\.0\.1") as caught:
        LOCAL.post(f"http://127.0.0.1:{port}/", b"", {})
    assert not caught.value.permanent


@contextmanager
def speaking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that takes one connection and a request, and then does as it is told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            speak(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        thread.join()
        listening.close()


def test_a_request_that_gets_no_answer_is_in_doubt() -> None:
    with speaking(lambda _connection: None) as url, pytest.raises(UnansweredError, match="did not answer"):
        LOCAL.post(url, b"hello", {})


def test_a_receiver_that_speaks_for_ever_is_left() -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while not ended.wait(0.02):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    network = Network(policy=LOCAL.policy, seconds=1)
    with speaking(drip) as url:
        try:
            with pytest.raises(UnansweredError, match="took too long"):
                network.post(url, b"", {})
        finally:
            ended.set()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of alarms.example.org with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    extra = ["-addext", "subjectAltName=DNS:alarms.example.org", "-keyout", str(both), "-out", str(folder / "c.pem")]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True, timeout=60)
    with both.open("ab") as file:
        file.write((folder / "c.pem").read_bytes())
    return both


def test_over_tls_the_name_is_sent_and_checked_though_the_address_is_pinned(certificate: Path) -> None:
    named: list[str] = []
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    server.sni_callback = lambda _socket, name, _context: named.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    names = {"alarms.example.org": ["127.0.0.1"], "other.example.org": ["127.0.0.1"]}
    network = Network(policy=LOCAL.policy, resolve=lambda host, _port: names[host], tls=trusting)

    with receiving(answer, server) as receiver:
        assert 201 == network.post(f"https://alarms.example.org:{receiver.port}/", b"", {}).status
        with pytest.raises(UnreachableError, match="certificate"):
            network.post(f"https://other.example.org:{receiver.port}/", b"", {})

    assert ["alarms.example.org", "other.example.org"] == named
