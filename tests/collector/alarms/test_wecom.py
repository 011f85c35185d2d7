"""The robots of WeCom, against a server that answers as WeCom documents it."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.channels.notice import Refused, Sent
from logcenter_collector.alarms.channels.wecom import content
from support.alarms import LOCAL, notice
from support.receiver import Arrived, Receiver, Reply, receiving

MORE = "hint: [1720591080], from ip: 203.0.113.5, more info at https://open.work.weixin.qq.com/devtool/query?e="
ANSWERS: dict[str, dict[str, Any]] = {
    "gone": {"errcode": 93000, "errmsg": f"invalid webhook url, {MORE}93000"},
    "limited": {"errcode": 45009, "errmsg": f"api freq out of limit, {MORE}45009"},
}


def wecom(arrived: Arrived) -> Reply:
    """Answer as WeCom does: always with 200, and 40058 to what is too long."""
    if len(arrived.message["markdown"]["content"].encode()) > 4096:
        return Reply(200, {"errcode": 40058, "errmsg": f"markdown.content exceed max length 4096. {MORE}40058"})
    return Reply(200, ANSWERS.get(arrived.query.get("key", ""), {"errcode": 0, "errmsg": "ok"}))


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(wecom) as running:
        yield running


def send(receiver: Receiver, key: str, **facts: Any) -> Any:
    channel = open_channel("wecom", {"url": receiver.url(f"/cgi-bin/webhook/send?key={key}")})
    return channel.send(notice(**facts), LOCAL)


def test_a_message_is_markdown_with_a_link(receiver: Receiver) -> None:
    assert Sent() == send(receiver, "plain")

    message = receiver.messages()[-1]
    assert "markdown" == message["msgtype"]
    assert message["markdown"]["content"].startswith("**[Shop] New issue: ValueError**\nno such price\n")
    assert message["markdown"]["content"].endswith("\n[Open the issue](https://logs.example.org/issues/7)")


def test_a_robot_that_is_gone_is_a_permanent_refusal_in_a_200(receiver: Receiver) -> None:
    outcome = send(receiver, "gone")

    assert isinstance(outcome, Refused)
    assert "the robot is gone or its address is wrong" in outcome.reason
    assert outcome.permanent


def test_a_rate_limit_asks_for_a_minute(receiver: Receiver) -> None:
    outcome = send(receiver, "limited")

    assert isinstance(outcome, Refused)
    assert (60, False) == (outcome.retry_after, outcome.permanent)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=900), max_size=12))
def test_title_and_link_stay_whole_and_all_of_it_fits(lines: list[str]) -> None:
    long = evolve(notice(), text="\n".join(lines))

    sent = content(long)

    assert 4096 >= len(sent.encode())
    assert sent.startswith("**[Shop] New issue: ValueError**\n")
    assert sent.endswith("\n[Open the issue](https://logs.example.org/issues/7)")


def test_what_is_cut_has_a_mark(receiver: Receiver) -> None:
    channel = open_channel("wecom", {"url": receiver.url("/cgi-bin/webhook/send?key=plain")})

    assert Sent() == channel.send(evolve(notice(), text="\n".join(["错误" * 100] * 20)), LOCAL)

    lines = receiver.messages()[-1]["markdown"]["content"].split("\n")
    assert ["**[Shop] New issue: ValueError**", *["错误" * 100] * 6, "…"] == lines[:-1]


@pytest.mark.parametrize("text", ["**bold**", "`code`", "# title", "> quote", '<font color="warning">x</font>'])
def test_reported_markup_is_no_markup(text: str) -> None:
    sent = content(notice(message=text))

    assert not any(line == text for line in sent.split("\n"))
    assert text.replace("`", "'") in sent.replace("\N{ZERO WIDTH SPACE}", "")
