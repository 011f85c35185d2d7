"""Whom proxies are believed to speak for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.domain.forwarding import Origin, origin_of, read_networks

PROXIES = read_networks(["10.0.0.0/24", "2001:db8::7"])


def seen(peer: str, **headers: str) -> Origin:
    """Return where a request comes from; headers with underscores."""
    return origin_of(
        peer, [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()], PROXIES
    )


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("10.0.0.1", {}, "10.0.0.1"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1:4711"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "[2001:db8::1]:4711"}, "2001:db8::1"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.9, 192.0.2.1, 10.0.0.2"}, "192.0.2.1"),
        ("::ffff:10.0.0.1", {"x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("2001:db8::7", {"x_forwarded_for": "2001:db8::1"}, "2001:db8::1"),
        ("10.0.0.1", {"x_forwarded_for": "10.0.0.3, 10.0.0.2"}, "10.0.0.3"),
        ("10.0.0.1", {"x_forwarded_for": "unknown"}, "10.0.0.1"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1, nonsense"}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.1;proto=https;by=10.0.0.1"}, "192.0.2.1"),
        ("10.0.0.1", {"forwarded": 'for=192.0.2.9, For="[2001:db8::1]:80"'}, "2001:db8::1"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.9", "x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("192.0.2.5", {"x_forwarded_for": "192.0.2.1"}, None),
        ("unix:", {"x_forwarded_for": "192.0.2.1"}, None),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    peer: str, headers: dict[str, str], address: str | None
) -> None:
    assert address == seen(peer, **headers).address


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ({}, None),
        ({"x_forwarded_proto": "https"}, "https"),
        ({"x_forwarded_proto": "HTTPS"}, "https"),
        ({"x_forwarded_proto": "https, http"}, "http"),
        ({"x_forwarded_proto": "javascript"}, None),
        ({"forwarded": "for=192.0.2.1;proto=https"}, "https"),
        ({"forwarded": "for=192.0.2.1;proto=httpsx"}, None),
    ],
)
def test_the_scheme_is_what_the_nearest_proxy_says(headers: dict[str, str], scheme: str | None) -> None:
    assert scheme == seen("10.0.0.1", **headers).scheme


@given(invented=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60))
def test_what_a_client_puts_before_its_own_address_changes_nothing(invented: str) -> None:
    assert "192.0.2.1" == seen("10.0.0.1", x_forwarded_for=f"{invented},192.0.2.1,10.0.0.2").address


@given(
    value=st.text(st.characters(codec="latin-1"), max_size=60), name=st.sampled_from(["x_forwarded_for", "forwarded"])
)
def test_who_is_not_trusted_is_not_believed_and_nothing_fails(value: str, name: str) -> None:
    assert Origin() == seen("192.0.2.5", **{name: value, "x_forwarded_proto": "https"})
    seen("10.0.0.1", **{name: value})
