"""Whether a collector lets everybody in, and by which names it may be reached while it does.

A page on the internet can give its own name the address of a machine in this network and then read, in a visitor's
browser, what answers there (DNS rebinding). It cannot choose what the browser sends as ``Host``: the page's own name.
"""

import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

from attrs import field, frozen

_HOST: Final = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<name>[^:\[\]]*))(?::[0-9]*)?")


@frozen(kw_only=True)
class Openness:
    """What decides whether everybody is let in."""

    bind_host: str
    insecure_open: bool = False
    has_admin_token: bool = False
    _may_be_open: bool = field(init=False)

    @_may_be_open.default
    def _unless_there_are_accounts(self) -> bool:
        """Whether it is open without accounts: said once, because it is asked with every request."""
        return (self.insecure_open or is_loopback(self.bind_host)) and not self.has_admin_token

    def is_open(self, *, has_accounts: bool) -> bool:
        """Whether everybody who reaches the collector may do everything."""
        return self._may_be_open and not has_accounts


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return _is_local_name(host.lower())


def is_allowed_host(header: str | None, allowed: Collection[str]) -> bool:
    """Whether a request with this ``Host`` may be answered by an open collector; ``allowed`` in lower case, no ports.

    Without the header it comes from no browser.
    """
    if header is None:
        return True
    name = host_name(header)
    return _is_address(name) or _is_local_name(name) or name in allowed


def host_name(header: str) -> str:
    """Return the name or address of a ``Host`` header, in lower case, without the port and the brackets of IPv6."""
    host = header.strip().lower()
    parts = _HOST.fullmatch(host)
    return host if parts is None else (parts["six"] or parts["name"]).removesuffix(".")


def _is_local_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
