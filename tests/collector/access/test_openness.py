"""Who is let in without a credential, and under which names."""

import pytest

from logcenter_collector.domain.openness import Openness, is_allowed_host, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST", "a.localhost"])
def test_a_loopback_address_is_open_until_there_is_an_account(host: str) -> None:
    assert Openness(bind_host=host).is_open(has_accounts=False)
    assert not Openness(bind_host=host).is_open(has_accounts=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "errors.example.org", "localhost.example.org", ""])
def test_any_other_address_is_open_only_when_somebody_insists(host: str) -> None:
    assert not is_loopback(host)
    assert not Openness(bind_host=host).is_open(has_accounts=False)
    assert Openness(bind_host=host, insecure_open=True).is_open(has_accounts=False)
    assert not Openness(bind_host=host, insecure_open=True).is_open(has_accounts=True)


def test_an_administrator_s_token_closes_the_collector_wherever_it_listens() -> None:
    assert not Openness(bind_host="127.0.0.1", has_admin_token=True).is_open(has_accounts=False)
    assert not Openness(bind_host="0.0.0.0", has_admin_token=True, insecure_open=True).is_open(has_accounts=False)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "localhost",
        "localhost:8002",
        "logs.localhost:8002",
        "127.0.0.1:8002",
        "10.1.2.3",
        "[::1]:8002",
        "[fe80::1]",
        "Errors.Example.org:443",
        "errors.example.org.",
    ],
)
def test_addresses_local_names_and_listed_ones_are_allowed(host: str | None) -> None:
    assert is_allowed_host(host, {"errors.example.org"})


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "errors.example.org.evil.example",
        "evil.example:8002",
        "xlocalhost",
        "",
        "[::1].evil.example]",
        "127.0.0.1@evil.example",
    ],
)
def test_any_other_name_is_not(host: str) -> None:
    assert not is_allowed_host(host, {"errors.example.org"})
