"""The webhook of one's own: signed JSON, and what its answers mean."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.channels.notice import InDoubt, Refused, Sent
from logcenter_collector.alarms.network import Network
from support.alarms import LOCAL, notice
from support.receiver import Arrived, Receiver, Reply, receiving

SECRET = "a secret of my own"
STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the specification


def answer(arrived: Arrived) -> Reply:
    status = int(arrived.path.removeprefix("/") or 200)
    headers = {"retry-after": arrived.query["after"]} if "after" in arrived.query else {}
    return Reply(status, b"thanks", headers)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(answer) as running:
        yield running


def send(receiver: Receiver, path: str = "/", **settings: str) -> Any:
    return open_channel("webhook", {"url": receiver.url(path), **settings}).send(notice(), LOCAL)


def test_the_body_tells_the_event_with_all_facts(receiver: Receiver) -> None:
    assert Sent() == send(receiver)

    message = receiver.messages()[-1]
    assert ("alarm", "delivery-1", 1) == (message["type"], message["delivery_id"], message["count"])
    [told] = message["events"]
    assert ("new_issue", "2026-03-01T09:15:00Z", {}) == (told["trigger"], told["at"], told["detail"])
    assert {
        "id": 7,
        "project_id": "shop_backend",
        "project_name": "Shop",
        "source": "runtime",
        "level": "ERROR",
        "status": "NEW",
        "environment": "production",
        "version": "1.4.2",
        "error_type": "ValueError",
        "message": "no such price",
        "place": "shop/prices.py:42",
        "occurrence_count": 5,
        "regression_count": 0,
        "first_seen": "2026-03-01T08:30:00Z",
        "last_seen": "2026-03-01T09:15:00Z",
        "url": "https://logs.example.org/issues/7",
    } == told["issue"]


@pytest.mark.parametrize(
    ("secret", "key"), [(SECRET, SECRET.encode()), (STANDARD, base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))]
)
def test_the_signature_covers_id_moment_and_body(receiver: Receiver, secret: str, key: bytes) -> None:
    assert Sent() == send(receiver, secret=secret)

    arrived = receiver.arrived[-1]
    signed = f"delivery-1.{arrived.headers['webhook-timestamp']}.".encode() + arrived.body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected == arrived.headers["webhook-signature"]
    assert 60 > abs(time.time() - int(arrived.headers["webhook-timestamp"]))


def test_the_id_is_there_without_a_secret_too_and_no_signature(receiver: Receiver) -> None:
    assert Sent() == send(receiver)

    headers = receiver.arrived[-1].headers
    assert "delivery-1" == headers["webhook-id"]
    assert "webhook-signature" not in headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_a_success(receiver: Receiver, status: int) -> None:
    assert Sent() == send(receiver, f"/{status}")


@pytest.mark.parametrize("status", [400, 401, 404, 422, 500, 502, 503, 504])
def test_every_other_status_is_a_refusal_that_may_pass(receiver: Receiver, status: int) -> None:
    outcome = send(receiver, f"/{status}")

    assert isinstance(outcome, Refused)
    assert (None, False) == (outcome.retry_after, outcome.permanent)
    assert f"answered {status} " in outcome.reason


def test_gone_is_for_ever(receiver: Receiver) -> None:
    assert Refused(reason="answered 410 Gone", permanent=True) == send(receiver, "/410")


@pytest.mark.parametrize(
    ("after", "seconds"), [("7", 7), ("999999999", 86400), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_retry_after_is_respected_for_a_day_at_most(receiver: Receiver, after: str, seconds: int | None) -> None:
    outcome = send(receiver, "/429?after=" + after.replace(" ", "%20"))

    assert isinstance(outcome, Refused)
    assert seconds == outcome.retry_after


def test_a_redirect_is_a_refusal_that_says_what_to_do(receiver: Receiver) -> None:
    assert "give the address that it leads to" in send(receiver, "/307").reason


def test_a_private_address_is_refused_for_ever(receiver: Receiver) -> None:
    outcome = open_channel("webhook", {"url": receiver.url("/")}).send(notice(), Network())

    assert isinstance(outcome, Refused)
    assert "an address of this machine" in outcome.reason
    assert outcome.permanent


def test_no_answer_in_time_leaves_doubt() -> None:
    left = threading.Event()

    def forget(_arrived: Arrived) -> Reply:
        left.wait(30)
        return Reply()

    with receiving(forget) as receiver:
        channel = open_channel("webhook", {"url": receiver.url("/")})
        outcome = channel.send(notice(), Network(policy=LOCAL.policy, seconds=1))
        left.set()

    assert InDoubt(reason="127.0.0.1 did not answer: it took too long") == outcome
    assert channel.knows_repeats
