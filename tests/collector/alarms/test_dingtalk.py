"""The robots of DingTalk, against a server that checks and answers as DingTalk documents it."""

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
from logcenter_collector.alarms.channels.notice import Refused, Sent
from support.alarms import LOCAL, notice
from support.receiver import Arrived, Receiver, Reply, receiving

SECRET = "SEC0123456789abcdef"  # made up
ANSWERS: dict[str, dict[str, Any]] = {
    "keyword": {"errcode": 310000, "errmsg": "keywords not in content, more: [https://ding-doc.dingtalk.com/doc]"},
    "keyword_zh": {"errcode": 310000, "errmsg": "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词"},
    "address": {"errcode": 310000, "errmsg": "ip 203.0.113.5 not in whitelist, more: [https://ding-doc.dingtalk.com]"},
    "gone": {"errcode": 300005, "errmsg": "token is not exist"},
    "stopped": {"errcode": 400102, "errmsg": "bot is stopped"},
    "limited": {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
    "limited_now": {"errcode": 410100, "errmsg": "发送速度太快而限流"},
    "busy": {"errcode": -1, "errmsg": "系统繁忙"},
}


def dingtalk(arrived: Arrived) -> Reply:
    """Answer as DingTalk does: always with 200."""
    token = arrived.query.get("access_token", "")
    if token == "signed" and not _rightly_signed(arrived.query):
        return Reply(200, {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com/doc]"})
    return Reply(200, ANSWERS.get(token, {"errcode": 0, "errmsg": "ok"}))


def _rightly_signed(query: dict[str, str]) -> bool:
    text = f"{query.get('timestamp')}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    return query.get("sign") == expected and abs(time.time() * 1000 - int(query["timestamp"])) < 3_600_000


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(dingtalk) as running:
        yield running


def send(receiver: Receiver, token: str, **settings: str) -> Any:
    url = receiver.url(f"/robot/send?access_token={token}")
    return open_channel("dingtalk", {"url": url, **settings}).send(notice(), LOCAL)


def test_a_message_is_markdown_that_mentions_nobody(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "plain")

    message = receiver.messages()[-1]
    assert "markdown" == message["msgtype"]
    assert "[Shop] New issue: ValueError" == message["markdown"]["title"]
    assert message["markdown"]["text"].startswith("#### \\[Shop\\] New issue: ValueError\n\nno such price\n\n")
    assert message["markdown"]["text"].endswith("\n\n[Open the issue](https://logs.example.org/issues/7)")
    assert {"isAtAll": False} == message["at"]


def test_a_signed_message_is_taken_and_the_token_stays(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "signed", secret=SECRET)
    assert {"access_token", "timestamp", "sign"} == set(receiver.arrived[-1].query)


@pytest.mark.parametrize("secret", ["", "SECother"])
def test_a_wrong_or_missing_signature_is_a_refusal_in_a_200(receiver: Receiver, secret: str) -> None:
    outcome = send(receiver, "signed", secret=secret)

    assert isinstance(outcome, Refused)
    assert "the secret is wrong" in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("keyword", "wants a keyword"),
        ("keyword_zh", "wants a keyword"),
        ("address", "not in the robot's list"),
        ("gone", "is gone"),
        ("stopped", "was stopped"),
    ],
)
def test_what_somebody_has_to_change_is_permanent_and_said(receiver: Receiver, case: str, reason: str) -> None:
    outcome = send(receiver, case)

    assert isinstance(outcome, Refused)
    assert reason in outcome.reason
    assert outcome.permanent


@pytest.mark.parametrize(("case", "seconds"), [("limited", 600), ("limited_now", 600), ("busy", 30)])
def test_what_passes_says_how_long_to_wait(receiver: Receiver, case: str, seconds: int) -> None:
    outcome = send(receiver, case)

    assert isinstance(outcome, Refused)
    assert (seconds, False) == (outcome.retry_after, outcome.permanent)


def test_a_keyword_is_in_title_and_text(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "plain", keyword="日志")

    markdown = receiver.messages()[-1]["markdown"]
    assert markdown["title"].endswith("日志")
    assert "日志" in markdown["text"]


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400), max_size=60), st.integers(1, 80))
def test_any_message_fits_and_keeps_its_link(receiver: Receiver, lines: list[str], times: int) -> None:
    long = evolve(notice(), markdown="\n".join(lines * times))
    channel = open_channel("dingtalk", {"url": receiver.url("/robot/send?access_token=plain"), "keyword": "词" * 100})

    assert Sent() == channel.send(long, LOCAL)
    assert 20_000 >= len(receiver.arrived[-1].body)
    assert b"https://logs.example.org/issues/7" in receiver.arrived[-1].body
