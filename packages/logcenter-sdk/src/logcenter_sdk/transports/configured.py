"""The transport that a configuration describes."""

from logcenter_sdk.config import Config
from logcenter_sdk.transports.http import HttpTransport


def http_transport(config: Config) -> HttpTransport:
    """Return the way to a configuration's collector. No connection is opened yet."""
    return HttpTransport(
        config.url,
        key=config.key,
        token=config.token,
        timeout_seconds=config.timeout_seconds,
        proxy=config.proxy,
    )
