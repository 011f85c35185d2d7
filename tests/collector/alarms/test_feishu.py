"""The robots of Feishu and Lark, against a server that checks and answers as Feishu documents it."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.channels.notice import InDoubt, Refused, Sent
from support.alarms import LOCAL, notice
from support.receiver import Arrived, Receiver, Reply, receiving

PATH = "/open-apis/bot/v2/hook/"
SECRET = "a5dB0PXuDzGhnRIrlSo1Sd"  # made up
ANSWERS: dict[str, Reply] = {
    "keyword": Reply(200, {"code": 19024, "msg": "Key Words Not Found"}),
    "address": Reply(200, {"code": 19022, "msg": "Ip Not Allowed"}),
    "gone": Reply(200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}),
    "limited": Reply(200, {"code": 11232, "data": {}, "msg": "frequency limited psm[lark.oapi]appID[1500]"}),
    "limited_as_before": Reply(200, {"code": 9499, "msg": "too many request", "data": {}}),
    "malformed": Reply(400, {"code": 9499, "msg": "Bad Request", "data": {}}),
    "of_its_time": Reply(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}),
    "page": Reply(200, b"<html>Sign in</html>"),
    "overloaded": Reply(503, b""),
    "gateway": Reply(504, b""),
}


def feishu(arrived: Arrived) -> Reply:
    """Answer as Feishu does."""
    case = arrived.path.removeprefix(PATH)
    if case == "signed" and not _rightly_signed(arrived.message):
        says = "sign match fail or timestamp is not within one hour from current time"
        return Reply(200, {"code": 19021, "msg": says})
    return ANSWERS.get(case, Reply(200, {"code": 0, "msg": "success", "data": {}}))


def _rightly_signed(message: dict[str, Any]) -> bool:
    key = f"{message.get('timestamp')}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    return message.get("sign") == expected and abs(time.time() - int(message["timestamp"])) < 3600


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(feishu) as running:
        yield running


def send(receiver: Receiver, case: str, **settings: str) -> Any:
    channel = open_channel("feishu", {"url": receiver.url(PATH + case), **settings})
    return channel.send(notice(), LOCAL)


def test_a_message_is_a_post_with_a_link(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "plain")

    message = receiver.messages()[-1]
    assert {"msg_type", "content"} == set(message)
    post = message["content"]["post"]["zh_cn"]
    assert "[Shop] New issue: ValueError" == post["title"]
    assert [{"tag": "text", "text": "no such price"}] == post["content"][0]
    link = {"tag": "a", "text": "Open the issue", "href": "https://logs.example.org/issues/7"}
    assert [link] == post["content"][-1]


def test_a_signed_message_is_taken(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "signed", secret=SECRET)


@pytest.mark.parametrize("secret", ["", "another-secret"])
def test_a_wrong_or_missing_signature_is_a_refusal_in_a_200(receiver: Receiver, secret: str) -> None:
    outcome = send(receiver, "signed", secret=secret)

    assert isinstance(outcome, Refused)
    assert "the secret is wrong, or this machine's clock" in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize(
    ("case", "reason"), [("keyword", "wants a keyword"), ("address", "not in the robot's list"), ("gone", "is gone")]
)
def test_what_somebody_has_to_change_is_permanent_and_said(receiver: Receiver, case: str, reason: str) -> None:
    outcome = send(receiver, case)

    assert isinstance(outcome, Refused)
    assert reason in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize("case", ["limited", "limited_as_before"])
def test_a_rate_limit_asks_for_a_minute(receiver: Receiver, case: str) -> None:
    outcome = send(receiver, case)

    assert isinstance(outcome, Refused)
    assert (60, False) == (outcome.retry_after, outcome.permanent)


def test_a_refusal_with_a_status_keeps_its_code(receiver: Receiver) -> None:
    outcome = send(receiver, "malformed")

    assert isinstance(outcome, Refused)
    assert "refused with code 9499: Bad Request" in outcome.reason
    assert not outcome.permanent


def test_a_success_with_all_members_that_feishu_ever_sent_is_one(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "of_its_time")


def test_a_page_in_place_of_an_answer_is_no_success(receiver: Receiver) -> None:
    assert "not as a robot does" in send(receiver, "page").reason


def test_an_overloaded_server_has_refused(receiver: Receiver) -> None:
    assert Refused(reason="answered 503 Service Unavailable") == send(receiver, "overloaded")


def test_a_gateway_without_an_answer_leaves_doubt(receiver: Receiver) -> None:
    assert isinstance(send(receiver, "gateway"), InDoubt)


def test_a_keyword_is_in_the_title_whatever_the_title(receiver: Receiver) -> None:
    send(receiver, "plain", keyword="logs")
    send(receiver, "plain", keyword="New issue")

    titles = [message["content"]["post"]["zh_cn"]["title"] for message in receiver.messages()[-2:]]
    assert ["[Shop] New issue: ValueError · logs", "[Shop] New issue: ValueError"] == titles


def test_without_a_public_address_there_is_no_link(receiver: Receiver) -> None:
    channel = open_channel("feishu", {"url": receiver.url(PATH + "plain")})
    channel.send(notice(public_url=""), LOCAL)

    assert "href" not in receiver.arrived[-1].body.decode()


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400), max_size=60), st.integers(1, 80))
def test_any_message_fits_and_keeps_its_link(receiver: Receiver, lines: list[str], times: int) -> None:
    long = evolve(notice(), text="\n".join(lines * times))
    channel = open_channel("feishu", {"url": receiver.url(PATH + "plain"), "keyword": "词" * 100})

    assert Sent() == channel.send(long, LOCAL)
    assert 20_000 >= len(receiver.arrived[-1].body)
    assert b"https://logs.example.org/issues/7" in receiver.arrived[-1].body
