"""Apprise in its child process, against servers of this machine, and what that process refuses."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from apprise import Apprise
from attrs import evolve

from logcenter_collector.alarms.channels.apprise import LOCAL as LOCAL_SCHEMES
from logcenter_collector.alarms.channels.apprise_child import Guard, readable
from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.channels.notice import InDoubt, Refused, Sent
from logcenter_collector.alarms.network import Network
from logcenter_collector.domain.alarms.addresses import AddressPolicy, read_policy
from support.alarms import LOCAL, notice
from support.mail import Mailbox, mailbox
from support.receiver import Arrived, Receiver, Reply, receiving


def answer(arrived: Arrived) -> Reply:
    return Reply(int(arrived.path.removeprefix("/") or 200))


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(answer) as running:
        yield running


@pytest.fixture(scope="module")
def post_office() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


def send(url: str, network: Network = LOCAL, **facts: Any) -> Any:
    return open_channel("apprise", {"url": url}).send(notice(**facts), network)


def test_a_message_goes_by_an_address_of_apprise(receiver: Receiver) -> None:
    assert Sent() == send(f"json://127.0.0.1:{receiver.port}/")

    message = receiver.messages()[-1]
    assert "[Shop] New issue: ValueError" == message["title"]
    assert message["message"].startswith("no such price\nWhere: shop/prices.py:42\n")
    assert message["message"].endswith("\nhttps://logs.example.org/issues/7")


def test_a_message_goes_by_mail(post_office: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{post_office.port}?from=logs@example.org&to=team@example.org&mode=insecure"

    assert Sent() == send(url, message="no such <price>")

    mail = post_office.mails[-1]
    assert ("[Shop] New issue: ValueError", "team@example.org") == (mail["subject"], mail["to"])
    assert ("logs@example.org", "Log Center") == (mail["from"], mail["x-application"])
    body = mail.get_body(("html", "plain"))
    assert body is not None
    assert "https://logs.example.org/issues/7" in body.get_content()
    assert "<price>" not in body.get_content()


def test_a_mail_that_only_some_may_have_is_in_doubt(post_office: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{post_office.port}?from=logs@example.org&mode=insecure"
    outcome = send(f"{url}&to=team@example.org,nobody@example.org")

    assert isinstance(outcome, InDoubt)
    assert "only some of the receivers took it" in outcome.reason


def test_a_refusal_says_what_apprise_says_of_it(receiver: Receiver) -> None:
    outcome = send(f"json://127.0.0.1:{receiver.port}/403")

    assert isinstance(outcome, Refused)
    assert "error=403" in outcome.reason
    assert not outcome.permanent


def test_a_service_does_not_call_a_failure_a_success_and_tries_once(receiver: Receiver) -> None:
    before = len(receiver.arrived)
    outcome = send(f"json://127.0.0.1:{receiver.port}/500?optional=yes&retry=3&wait=0.1")

    assert isinstance(outcome, Refused)
    assert 1 == len(receiver.arrived) - before


def test_nobody_at_the_other_end_is_a_refusal_for_certain() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert isinstance(send(f"json://127.0.0.1:{port}/"), Refused)


def test_a_request_without_an_answer_is_in_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = send(f"json://127.0.0.1:{silent.getsockname()[1]}/?rto=0.2")

    assert isinstance(outcome, InDoubt)
    assert "no answer came" in outcome.reason


def test_an_answer_that_breaks_off_is_in_doubt() -> None:
    def cut_off(_arrived: Arrived) -> Reply:
        return Reply(200, b"tak", {"content-length": "99"})

    with receiving(cut_off) as receiver:
        outcome = send(f"json://127.0.0.1:{receiver.port}/")

    assert isinstance(outcome, InDoubt)


def test_a_child_that_takes_too_long_is_ended_and_leaves_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"json://127.0.0.1:{silent.getsockname()[1]}/?rto=60"
        outcome = send(url, Network(policy=LOCAL.policy, seconds=0.2))

    assert InDoubt(reason="it took too long") == outcome


def test_an_answer_without_end_breaks_the_child_and_nothing_else() -> None:
    def speak(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
            while True:
                connection.sendall(b"x" * 1_000_000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak, args=[listening])
        thread.start()
        outcome = send(
            f"json://127.0.0.1:{listening.getsockname()[1]}/?rto=60", Network(policy=LOCAL.policy, seconds=60)
        )
        thread.join()

    assert isinstance(outcome, InDoubt)
    assert "no answer came" in outcome.reason  # and not: it took too long


def test_an_address_that_apprise_does_not_know_is_a_permanent_refusal() -> None:
    outcome = send("nonsense://127.0.0.1/")

    assert isinstance(outcome, Refused)
    assert "Apprise does not understand this address" in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_address_is_refused_in_the_child(receiver: Receiver, host: str) -> None:
    before = len(receiver.arrived)
    outcome = send(f"json://{host}:{receiver.port}/", Network())

    assert isinstance(outcome, Refused)
    assert "is an address of this machine; whoever runs the collector may allow it" in outcome.reason
    assert outcome.permanent
    assert before == len(receiver.arrived)


def test_mail_to_a_private_address_is_refused_in_the_child(post_office: Mailbox) -> None:
    before = len(post_office.mails)
    outcome = send(f"mailto://127.0.0.1:{post_office.port}?from=a@example.org&to=b@example.org", Network())

    assert isinstance(outcome, Refused)
    assert "an address of this machine" in outcome.reason
    assert before == len(post_office.mails)


def test_a_datagram_to_a_private_address_is_refused_in_the_child() -> None:
    outcome = send("rsyslog://127.0.0.1:9", Network())

    assert isinstance(outcome, Refused)
    assert "an address of this machine" in outcome.reason


def test_a_redirect_into_the_private_network_is_refused_in_the_child(receiver: Receiver) -> None:
    def elsewhere(_arrived: Arrived) -> Reply:
        return Reply(307, b"", {"location": f"http://127.0.0.2:{receiver.port}/"})

    before = len(receiver.arrived)
    with receiving(elsewhere) as leading:
        network = Network(policy=read_policy(["127.0.0.1/32"]))
        outcome = send(f"json://127.0.0.1:{leading.port}/?redirect=yes", network)

    assert isinstance(outcome, Refused)
    assert before == len(receiver.arrived)


def test_no_file_of_this_machine_becomes_a_message(tmp_path: Path) -> None:
    secret = tmp_path / "template.json"
    secret.write_text(json.dumps({"text": "a secret of this machine"}), encoding="utf-8")
    token = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"

    outcome = send(f"slack://{token}/?template={secret}")

    assert isinstance(outcome, Refused)
    assert f"template file://{secret} could not be read" in outcome.reason


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert Sent() == send(f"json://127.0.0.1:{receiver.port}/")


def test_a_message_is_cut_to_what_its_service_takes(receiver: Receiver) -> None:
    long = evolve(notice(), text="x" * 100_000)
    assert Sent() == open_channel("apprise", {"url": f"json://127.0.0.1:{receiver.port}/"}).send(long, LOCAL)

    message = receiver.messages()[-1]["message"]
    assert 33_000 > len(message)
    assert message.endswith("… [cut]")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise's services import
def test_every_service_of_this_machine_is_known_as_one() -> None:
    """They are those whose address may name nothing at all."""
    hostless = {
        scheme
        for service in Apprise().details(show_disabled=True)["schemas"]
        for scheme in (*(service["protocols"] or ()), *(service["secure_protocols"] or ()))
        if "{schema}://" in service["details"]["templates"]
    }

    assert {"dbus", "syslog", "windows"} <= hostless
    assert set() == hostless - LOCAL_SCHEMES


@pytest.fixture
def guard() -> Guard:
    return Guard(AddressPolicy(), readable())


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("open", ("/etc/passwd", "r", os.O_RDONLY)),
        ("open", (f"{os.__file__}/../../../../../../../../etc/passwd", "r", os.O_RDONLY)),
        ("open", (b"/etc/passwd", "r", os.O_RDONLY)),
        ("open", (os.__file__, "w", os.O_WRONLY | os.O_CREAT)),
        ("socket.connect", (None, "/run/dbus/system_bus_socket")),
        ("socket.connect", (None, b"/run/dbus/system_bus_socket")),
        ("socket.connect", (None, ("::1", 25, 0, 0))),
        ("socket.sendto", (None, ("example.org", 514))),
        ("socket.sendmsg", (None, ("10.0.0.5", 514))),
        ("subprocess.Popen", ("/bin/sh", ["sh"], None, None)),
        ("os.system", (b"true",)),
        ("syslog.openlog", ("x", 0, 0)),
    ],
)
def test_the_child_may_neither_read_files_nor_start_anything(guard: Guard, event: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(PermissionError):
        guard(event, args)


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("open", (os.__file__, "r", os.O_RDONLY)),
        ("open", (3, "r", os.O_RDONLY)),
        ("socket.connect", (None, ("8.8.8.8", 443))),
        ("socket.sendmsg", (None, None)),
        ("import", ("json", None, [], [], [])),
    ],
)
def test_the_child_may_do_what_a_message_needs(guard: Guard, event: str, args: tuple[Any, ...]) -> None:
    guard(event, args)

    assert [] == guard.refused
