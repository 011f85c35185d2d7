"""Where a request comes from when proxies have passed it on: what those are believed that somebody trusts.

Every proxy adds the address of whoever it speaks with at the end of ``X-Forwarded-For``. So the list is read from its
end, and only as far as those who wrote it are trusted: what stands before may be anybody's invention.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from attrs import frozen

Address: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]
Header: TypeAlias = tuple[bytes, bytes]

_FOR: Final = re.compile(r"""(?:^|[;,\s])for="?([^;,"\s]+)""", re.IGNORECASE)
_PROTO: Final = re.compile(r"""(?:^|[;,\s])proto="?(https?)\b""", re.IGNORECASE)
_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")


@frozen(kw_only=True)
class Origin:
    """What trusted proxies say of a request; None: nothing."""

    address: str | None = None
    scheme: str | None = None


def read_networks(texts: Iterable[str]) -> Networks:
    """Return addresses and networks as networks. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)


def origin_of(peer: str, headers: Sequence[Header], trusted: Networks) -> Origin:
    """Return where a request comes from that ``peer`` has sent us."""
    sender = _address(peer)
    if sender is None or not _is_trusted(sender, trusted):
        return Origin()
    for entry in reversed(_senders(headers)):
        found = _address(entry)
        if found is None:
            break
        sender = found
        if not _is_trusted(sender, trusted):
            break
    return Origin(address=str(sender), scheme=_scheme(headers))


def _senders(headers: Sequence[Header]) -> list[str]:
    listed = _joined(headers, b"x-forwarded-for")
    if listed:
        return [entry.strip() for entry in listed.split(",")]
    return _FOR.findall(_joined(headers, b"forwarded"))


def _scheme(headers: Sequence[Header]) -> str | None:
    named = _joined(headers, b"x-forwarded-proto").rpartition(",")[2].strip().lower()
    if named in {"http", "https"}:
        return named
    found: list[str] = _PROTO.findall(_joined(headers, b"forwarded"))
    return found[-1].lower() if found else None


def _joined(headers: Sequence[Header], name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in headers if key == name)


def _address(text: str) -> Address | None:
    parts = _WITH_PORT.fullmatch(text.strip())
    try:
        address = ip_address((parts[1] or parts[2]) if parts else text.strip())
    except ValueError:
        return None
    # A socket of both families names an IPv4 address in its own way.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_trusted(address: Address, trusted: Networks) -> bool:
    return any(address in network for network in trusted)
