"""Group robots of WeCom (WeChat Work).

There is no signature: the key in the address is all. Robots take 20 messages a minute; a message has 4,096 bytes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from attrs import frozen

from logcenter_collector.alarms.channels.fields import ChannelField, ChannelKind, wrong_robot_url
from logcenter_collector.alarms.channels.notice import Notice, Outcome
from logcenter_collector.alarms.channels.robots import Advice, fit, tell, utf8_bytes
from logcenter_collector.alarms.network import Network
from logcenter_sdk.contract.limits import cut_characters
from logcenter_sdk.contract.problem import FieldError

_EXAMPLE: Final = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
_CONTENT_BYTES: Final = 4096
_TITLE: Final = 200
_TOO_LONG: Final = "exceed max length"
_ADVICE: Final = {
    -1: Advice(about="it is busy", retry_after=30),
    40058: Advice(about="it did not understand the message"),
    45009: Advice(about="more than 20 messages in a minute", retry_after=60),
    93000: Advice(about="the robot is gone or its address is wrong", permanent=True),
}
_BOLD: Final = re.compile(r"[*](?=[*])")
_BLOCK: Final = re.compile(r"^(?=[#>])", re.MULTILINE)
_GAP: Final = "\N{ZERO WIDTH SPACE}"


@frozen(kw_only=True)
class Wecom:
    """One robot."""

    url: str
    knows_repeats: ClassVar[bool] = False

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Send it as Markdown."""
        message = {"msgtype": "markdown", "markdown": {"content": content(notice)}}
        return tell(network, self.url, message, advise, ("errcode", "errmsg"))


def advise(code: int, says: str) -> Advice:
    """Return what a refusal means; 93000 says of long messages too that they are too long."""
    return Advice() if _TOO_LONG in says else _ADVICE.get(code, Advice())


def content(notice: Notice) -> str:
    """Return the message in at most 4,096 bytes. Title and link are whole; lines are left out from the end.

    WeCom's Markdown knows no way to escape, so markup is broken by gaps that are not seen.
    """
    head = f"**{_plain(cut_characters(notice.title, _TITLE))}**\n"
    link = f"\n[{_plain(notice.url_text) or 'Log Center'}]({notice.url})" if notice.url else ""
    return head + fit(_plain(notice.text), _CONTENT_BYTES - utf8_bytes(head + link)) + link


def _plain(text: str) -> str:
    return _BLOCK.sub(_GAP, _BOLD.sub(rf"\g<0>{_GAP}", text)).replace("`", "'")


def _check(settings: Mapping[str, str]) -> Iterator[FieldError]:
    return wrong_robot_url("url", settings["url"], _EXAMPLE, "key")


KIND: Final = ChannelKind(
    name="wecom",
    fields=(ChannelField(name="url", secret=True, needed=True),),
    check=_check,
    make=lambda settings: Wecom(**settings),
)
