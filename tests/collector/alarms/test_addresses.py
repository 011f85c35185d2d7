"""Which addresses a message may be sent to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.alarms.addresses import AddressPolicy, read_policy

PUBLIC_ONLY = AddressPolicy()
v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "an address of this machine"),
        ("0.0.0.0", "an address of this machine"),
        ("::1", "an address of this machine"),
        ("::", "an address of this machine"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("fd00::5", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.0.1", "shared by a carrier's customers"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("198.18.0.1", "reserved"),
        ("2002:7f00:1::", "reserved"),  # 6to4 of 127.0.0.1
        ("2001:0:7f00:1::", "reserved"),  # Teredo
        ("::7f00:1", "reserved"),  # an old way to write 127.0.0.1
        ("64:ff9b:1::7f00:1", "reserved"),  # NAT64 of one's own network
        ("::ffff:127.0.0.1", "an address of this machine"),
        ("64:ff9b::10.0.0.1", "private"),
    ],
)
def test_what_is_not_public_is_refused_and_called_by_its_name(address: str, kind: str) -> None:
    assert kind == PUBLIC_ONLY.refusal(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert PUBLIC_ONLY.refusal(address) is None


@given(st.one_of(v4, v6))
def test_whatever_is_allowed_is_public_for_python_too(address: IPv4Address | IPv6Address) -> None:
    if PUBLIC_ONLY.refusal(str(address)) is None:
        plain = _embedded(address)
        assert (True, False) == (plain.is_global, plain.is_multicast), address


@given(v4)
def test_an_address_in_the_dress_of_ipv6_is_judged_as_itself(address: IPv4Address) -> None:
    expected = PUBLIC_ONLY.refusal(str(address))
    assert expected == PUBLIC_ONLY.refusal(f"::ffff:{address}")
    assert expected == PUBLIC_ONLY.refusal(f"64:ff9b::{address}")


@given(v4, st.integers(0, 32))
def test_an_allowed_network_allows_its_addresses_and_no_others(address: IPv4Address, length: int) -> None:
    network = ip_network((int(address) >> (32 - length) << (32 - length), length))
    policy = read_policy([str(network)])

    assert policy.refusal(str(network[0])) is None
    assert policy.refusal(str(network[-1])) is None
    assert policy.refusal(f"::ffff:{network[-1]}") is None
    for outside in (int(network[0]) - 1, int(network[-1]) + 1):
        if 0 <= outside < 2**32:
            neighbour = str(IPv4Address(outside))
            assert PUBLIC_ONLY.refusal(neighbour) == policy.refusal(neighbour)


@given(st.one_of(v4, v6))
def test_all_allows_everything(address: IPv4Address | IPv6Address) -> None:
    assert read_policy(["all"]).refusal(str(address)) is None


@pytest.mark.parametrize("text", ["10.0.0.1/8", "intranet", "10.0.0.0/40"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="write networks such as"):
        read_policy([text])


def test_what_is_no_address_is_no_verdict() -> None:
    with pytest.raises(ValueError, match="localhost"):
        PUBLIC_ONLY.refusal("localhost")


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and address in ip_network("64:ff9b::/96"):
        return ip_address(int(address) & 0xFFFFFFFF)
    return getattr(address, "ipv4_mapped", None) or address
