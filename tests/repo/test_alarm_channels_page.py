"""docs/how-to/alarm-channels.md: its table knows every channel, and its examples work as they stand."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from apprise import Apprise

from logcenter_collector.alarms.channels import dingtalk, feishu, wecom
from logcenter_collector.alarms.channels.fields import ChannelKind
from logcenter_collector.alarms.channels.kinds import KINDS, open_channel
from logcenter_collector.alarms.channels.webhook import sign
from support.alarms import notice
from support.pages import PAGES, fences, snippet
from support.shell import bash, needs_shell_tools

PAGE = "how-to/alarm-channels.md"
BODY = b'{"type": "test"}'


def documented(ending: str) -> str:
    return (PAGES / "how-to" / f"alarm-channels.{ending}").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
def test_the_table_has_every_channel_with_its_settings(kind: ChannelKind, ending: str) -> None:
    [row] = [row for row in documented(ending).splitlines() if f"| `{kind.name}` |" in row]

    assert all(f"`{field.name}`" in row for field in kind.fields)


@pytest.mark.parametrize("robot", [feishu, dingtalk, wecom], ids=lambda robot: robot.KIND.name)
@pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
def test_every_refusal_that_somebody_has_to_act_upon_is_documented(robot: Any, ending: str) -> None:
    said = {code for code, advice in robot._ADVICE.items() if advice.permanent}

    assert said
    assert [] == [code for code in said if str(code) not in documented(ending)]


def is_genuine(headers: dict[str, str], secret: str, body: bytes = BODY) -> Any:
    """Ask the page's function."""
    names: dict[str, Any] = {}
    exec(snippet(PAGE, "verify.py"), names)
    return names["is_genuine"](headers, body, secret)


def signed(secret: str, moment: float) -> dict[str, str]:
    timestamp = str(int(moment))
    signature = sign("delivery-1", timestamp, BODY, secret)
    return {"webhook-id": "delivery-1", "webhook-timestamp": timestamp, "webhook-signature": signature}


@pytest.mark.parametrize("secret", ["any text of mine that is long", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_the_example_takes_what_the_collector_signed_and_nothing_else(secret: str) -> None:
    headers = signed(secret, time.time())

    assert is_genuine(headers, secret)
    assert not is_genuine(headers, "another secret of mine")
    assert not is_genuine(headers, secret, BODY + b" ")
    assert not is_genuine({**headers, "webhook-id": "delivery-2"}, secret)
    assert not is_genuine(signed(secret, time.time() - 3600), secret)


def test_the_example_of_a_message_is_what_the_collector_sends() -> None:
    [example] = [json.loads(fence.text) for fence in fences(PAGES / PAGE) if fence.language == "json"]

    assert {**notice().payload, "delivery_id": example["delivery_id"]} == example


@needs_shell_tools
def test_the_secret_that_the_page_makes_is_taken(tmp_path: Path) -> None:
    made = bash(snippet(PAGE, "secret.sh"), {}, tmp_path).stdout.decode().strip()

    assert made.startswith("whsec_")
    assert open_channel("webhook", {"url": "https://example.org/", "secret": made}).knows_repeats


@pytest.mark.parametrize("address", snippet(PAGE, "addresses.txt").splitlines())
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise's services import
def test_every_address_of_the_page_is_one_that_apprise_knows(address: str) -> None:
    assert not open_channel("apprise", {"url": address}).knows_repeats
    assert Apprise.instantiate(address) is not None
