r"""Custom robots of DingTalk.

The signature is optional and stands in the address: the HMAC-SHA256 of ``timestamp\nsecret`` (in milliseconds) with
the secret as the key. Robots take 20 messages a minute and then none for ten minutes; a message has 20,000 bytes.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import httpx
from attrs import frozen

from logcenter_collector.alarms.channels.fields import KEYWORD, ChannelField, ChannelKind, wrong_robot_url
from logcenter_collector.alarms.channels.notice import Notice, Outcome
from logcenter_collector.alarms.channels.robots import Advice, fit, json_bytes, tell, with_keyword
from logcenter_collector.alarms.network import Network
from logcenter_collector.domain.alarms.harmless import escaped
from logcenter_sdk.contract.problem import FieldError

_EXAMPLE: Final = "https://oapi.dingtalk.com/robot/send?access_token="
_TEXT_BYTES: Final = 14_000
"""Of 20,000 for the whole message as JSON."""
_TEN_MINUTES: Final = 600
_TOO_FAST: Final = Advice(about="more than 20 messages in a minute", retry_after=_TEN_MINUTES)
_GONE: Final = Advice(about="the robot is gone or its address is wrong", permanent=True)
_ADVICE: Final = {
    -1: Advice(about="it is busy", retry_after=30),
    130101: _TOO_FAST,
    410100: _TOO_FAST,
    300001: _GONE,
    300005: _GONE,
    400013: Advice(about="the group is gone", permanent=True),
    400101: _GONE,
    400106: _GONE,
    400102: Advice(about="the robot was stopped in its group", permanent=True),
}
_NOT_SAFE: Final = 310000
"""One code for three refusals, which differ in what it says."""


@frozen(kw_only=True)
class Dingtalk:
    """One robot."""

    url: str
    secret: str = ""
    keyword: str = ""
    knows_repeats: ClassVar[bool] = False

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Send it as Markdown that mentions nobody."""
        title = with_keyword(notice.title, self.keyword)
        message = {
            "msgtype": "markdown",
            "markdown": {"title": title, "text": _text(title, notice)},
            "at": {"isAtAll": False},
        }
        return tell(network, self._signed_url(), message, advise, ("errcode", "errmsg"))

    def _signed_url(self) -> str:
        if not self.secret:
            return self.url
        timestamp = str(int(time.time() * 1000))
        signature = {"timestamp": timestamp, "sign": sign(timestamp, self.secret)}
        return str(httpx.URL(self.url).copy_merge_params(signature))


def sign(timestamp: str, secret: str) -> str:
    """Return the signature for a moment in milliseconds."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)).decode()


def advise(code: int, says: str) -> Advice:
    """Return what a refusal means."""
    if code != _NOT_SAFE:
        return _ADVICE.get(code, Advice())
    if "keyword" in says or "关键词" in says:
        return Advice(about="the robot wants a keyword; set it in the channel", permanent=True)
    if any(word in says for word in ("sign", "timestamp", "签名")):
        return Advice(about="the secret is wrong, or this machine's clock", permanent=True)
    return Advice(about="this collector's address is not in the robot's list", permanent=True)


def _text(title: str, notice: Notice) -> str:
    link = f"\n\n[{escaped(notice.url_text) or 'Log Center'}]({notice.url})" if notice.url else ""
    return f"#### {escaped(title)}\n\n{fit(notice.markdown, _TEXT_BYTES, json_bytes)}{link}"


def _check(settings: Mapping[str, str]) -> Iterator[FieldError]:
    return wrong_robot_url("url", settings["url"], _EXAMPLE, "access_token")


KIND: Final = ChannelKind(
    name="dingtalk",
    fields=(
        ChannelField(name="url", secret=True, needed=True),
        ChannelField(name="secret", secret=True),
        ChannelField(name="keyword", longest=KEYWORD),
    ),
    check=_check,
    make=lambda settings: Dingtalk(**settings),
)
