"""All kinds of channels."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from logcenter_collector.alarms.channels import apprise, dingtalk, feishu, webhook, wecom
from logcenter_collector.alarms.channels.fields import ChannelKind, InvalidSettingsError
from logcenter_collector.alarms.channels.notice import Channel
from logcenter_sdk.contract.problem import FieldError

KINDS: Final[Mapping[str, ChannelKind]] = MappingProxyType(
    {kind.name: kind for kind in (feishu.KIND, dingtalk.KIND, wecom.KIND, webhook.KIND, apprise.KIND)}
)


def open_channel(kind: str, settings: Mapping[str, object]) -> Channel:
    """Return a channel of some kind with its settings. Raises InvalidSettingsError, which names every wrong field."""
    if kind not in KINDS:
        raise InvalidSettingsError([FieldError("kind", f"must be one of {', '.join(KINDS)}")])
    return KINDS[kind].open(settings)
