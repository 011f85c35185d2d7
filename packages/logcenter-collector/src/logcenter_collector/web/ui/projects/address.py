"""Where applications send to, as far as the collector can know it. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from logcenter_collector.domain.openness import host_name, is_loopback

_NAME: Final = re.compile(r"[a-z0-9._:-]+")


def address_for_reporters(api_url: str, host: str | None) -> str:
    """Return the address of the API for somebody whose browser reached the dashboard by this ``Host``.

    A collector that was told no public address calls itself localhost. Whoever reached it by another name can report
    by that name, at the API's port.
    """
    parts, name = urlsplit(api_url), host_name(host or "")
    if not is_local(api_url) or is_loopback(name) or not _NAME.fullmatch(name):
        return api_url
    shown = f"[{name}]" if ":" in name else name
    return urlunsplit(parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown))


def is_local(url: str) -> bool:
    """Whether an address leads nowhere but to the machine of whoever uses it."""
    return is_loopback(urlsplit(url).hostname or "")
