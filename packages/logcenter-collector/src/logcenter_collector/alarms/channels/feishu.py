r"""Custom robots of Feishu and Lark.

A message is a *post*: its texts are plain, so nothing in them mentions or links. The signature is optional: the
HMAC-SHA256 of nothing, with ``timestamp\nsecret`` as the key. Robots take 100 messages a minute, each of 20 KB.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from attrs import frozen

from logcenter_collector.alarms.channels.fields import KEYWORD, ChannelField, ChannelKind, wrong_robot_url
from logcenter_collector.alarms.channels.notice import Notice, Outcome
from logcenter_collector.alarms.channels.robots import Advice, fit, json_bytes, tell, with_keyword
from logcenter_collector.alarms.network import Network
from logcenter_sdk.contract.problem import FieldError

_EXAMPLE: Final = "https://open.feishu.cn/open-apis/bot/v2/hook/"
_TEXT_BYTES: Final = 14_000
"""Of 20 KB for the whole message as JSON."""
_LINE_BYTES: Final = 40
"""What JSON adds to each line."""
_MINUTE: Final = 60
_ADVICE: Final = {
    9499: Advice(about="it did not understand the message"),
    11232: Advice(about="too many messages at this moment", retry_after=_MINUTE),
    19001: Advice(about="the robot is gone or its address is wrong", permanent=True),
    19021: Advice(about="the secret is wrong, or this machine's clock", permanent=True),
    19022: Advice(about="this collector's address is not in the robot's list", permanent=True),
    19024: Advice(about="the robot wants a keyword; set it in the channel", permanent=True),
}
_TOO_FAST: Final = ("too many", "frequency", "rate limit")


@frozen(kw_only=True)
class Feishu:
    """One robot."""

    url: str
    secret: str = ""
    keyword: str = ""
    knows_repeats: ClassVar[bool] = False

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Send it as a post."""
        post = {"title": with_keyword(notice.title, self.keyword), "content": _lines(notice)}
        # Feishu shows the languages that a message has; with one, everybody reads that.
        message = {"msg_type": "post", "content": {"post": {"zh_cn": post}}}
        return tell(network, self.url, {**self._signature(), **message}, advise, ("code", "msg"))

    def _signature(self) -> dict[str, str]:
        if not self.secret:
            return {}
        timestamp = str(int(time.time()))
        return {"timestamp": timestamp, "sign": sign(timestamp, self.secret)}


def sign(timestamp: str, secret: str) -> str:
    """Return the signature for a moment in seconds."""
    return base64.b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def advise(code: int, says: str) -> Advice:
    """Return what a refusal means; older robots say with 9499 too that messages come too fast."""
    if any(words in says for words in _TOO_FAST):
        return _ADVICE[11232]
    return _ADVICE.get(code, Advice())


def _lines(notice: Notice) -> list[list[dict[str, Any]]]:
    text = fit(notice.text, _TEXT_BYTES, lambda text: json_bytes(text) + _LINE_BYTES * text.count("\n"))
    lines: list[list[dict[str, Any]]] = [[{"tag": "text", "text": line}] for line in text.split("\n")]
    if notice.url:
        lines.append([{"tag": "a", "text": notice.url_text or notice.url, "href": notice.url}])
    return lines


def _check(settings: Mapping[str, str]) -> Iterator[FieldError]:
    return wrong_robot_url("url", settings["url"], _EXAMPLE)


KIND: Final = ChannelKind(
    name="feishu",
    fields=(
        ChannelField(name="url", secret=True, needed=True),
        ChannelField(name="secret", secret=True),
        ChannelField(name="keyword", longest=KEYWORD),
    ),
    check=_check,
    make=lambda settings: Feishu(**settings),
)
