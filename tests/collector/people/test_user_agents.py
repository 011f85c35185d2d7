"""Browsers by the names that people know."""

import pytest

from logcenter_collector.web.ui.user_agents import browser_name

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("expected", "user_agent"),
    [
        ("Firefox, Linux", f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("Chrome, Windows", f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36"),
        ("Edge, Windows", f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"),
        ("Safari, macOS", f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15"),
        ("Safari, iPhone", f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1"),
        ("Chrome, Android", f"{MOZILLA} (Linux; Android 15) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36"),
        ("curl/8.14.1", "curl/8.14.1"),
        ("x" * 60, "x" * 200),
        (None, ""),
        (None, None),
    ],
)
def test_a_browser_is_called_as_people_call_it(expected: str | None, user_agent: str | None) -> None:
    assert expected == browser_name(user_agent)
