"""Which addresses a message may be sent to: public ones, and what whoever runs the collector allows besides."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from attrs import frozen

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

EVERYTHING: Final = "all"
"""In place of networks: every address is allowed."""

_NOT_PUBLIC: Final = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an address of this machine"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier's customers"),
        ("127.0.0.0/8", "an address of this machine"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "an address of this machine"),
        ("::/128", "an address of this machine"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),  # Teredo among them, which hides an IPv4 address
        ("2001:db8::/32", "reserved"),
        ("2002::/16", "reserved"),  # 6to4: hides an IPv4 address as well
        ("3fff::/20", "reserved"),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_LAST_32_BITS: Final = 0xFFFF_FFFF


@frozen(kw_only=True)
class AddressPolicy:
    """What is allowed besides public addresses."""

    allowed: tuple[Network, ...] = ()
    everything: bool = False

    def refusal(self, address: str) -> str | None:
        """Return what an address is that nobody may connect to, or None. Raises ValueError for what is no address."""
        meant = _meant(ip_address(address.partition("%")[0]))
        if self.everything or any(meant in network for network in self.allowed):
            return None
        return _kind(meant)


def read_policy(networks: Iterable[str]) -> AddressPolicy:
    """Return the policy that allows networks such as ``10.0.0.0/8``, or ``all``. Raises ValueError."""
    words = [word.strip() for word in networks if word.strip()]
    if EVERYTHING in words:
        return AddressPolicy(everything=True)
    try:
        return AddressPolicy(allowed=tuple(ip_network(word) for word in words))
    except ValueError as error:
        raise ValueError(f"write networks such as 10.0.0.0/8 or fd00::/8, or {EVERYTHING}: {error}") from None


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, or translated by NAT64), else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & _LAST_32_BITS)
    return address


def _kind(address: Address) -> str | None:
    found = next((kind for network, kind in _NOT_PUBLIC if address in network), None)
    if found is None and isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "reserved"
    return found
