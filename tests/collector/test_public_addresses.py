"""One address is given for two ports: links lead to the dashboard, reporters to the API."""

import pytest

from logcenter_collector.public import PublicAddresses, public_addresses

HERE = "http://logs.example.org"


@pytest.mark.parametrize(
    ("given", "api", "dashboard"),
    [
        (f"{HERE}:8002", f"{HERE}:8002", f"{HERE}:8003"),
        (f"{HERE}:8003/", f"{HERE}:8002", f"{HERE}:8003"),
        ("http://[fd00::7]:8002", "http://[fd00::7]:8002", "http://[fd00::7]:8003"),
        (f"{HERE}:8443/errors/", f"{HERE}:8443/errors", f"{HERE}:8443/errors"),
        ("https://logs.example.org", "https://logs.example.org", "https://logs.example.org"),
        (f"{HERE}:first", f"{HERE}:first", f"{HERE}:first"),
        ("", "", ""),
    ],
)
def test_the_port_that_is_given_says_which_of_the_two_it_is(given: str, api: str, dashboard: str) -> None:
    assert PublicAddresses(api=api, dashboard=dashboard) == public_addresses(given, 8002, 8003)
