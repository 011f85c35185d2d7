"""The dashboard of a collector as a browser asks for it: signed in, on a connection that stays, one page at a time."""

import gzip
import http.client
import re
import secrets
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import define, field, frozen

from servers import Server

_SCRIPT: Final = re.compile(rb'<script src="([^"]+)"')
_PASSWORD: Final = secrets.token_urlsafe(16)


@frozen(kw_only=True)
class Seen:
    """An answer, and how long it took until its last byte was here."""

    status: int
    body: bytes
    location: str
    cookies: str
    ms: float


@define
class Browser:
    """Somebody who is signed in."""

    port: int
    cookies: str = ""
    _connection: http.client.HTTPConnection = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare the connection."""
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def get(self, path: str) -> Seen:
        """Ask for a page."""
        return self._ask("GET", path)

    def post(self, path: str, form: Mapping[str, Any]) -> Seen:
        """Send a form."""
        return self._ask("POST", path, urlencode(form, doseq=True))

    def stream(self, path: str) -> http.client.HTTPResponse:
        """Begin to read what does not end."""
        self._connection.request("GET", path, headers={"Cookie": self.cookies})
        return self._connection.getresponse()

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> Seen:
        headers = {"Cookie": self.cookies, "Accept-Language": "en"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        ms = (time.perf_counter() - begun) * 1e3
        if response.status >= 400:  # noqa: PLR2004 - a page that is refused is no figure
            raise RuntimeError(f"{method} {path}: {response.status} {content[:500].decode()}")
        set_cookie = response.headers.get("set-cookie", "").partition(";")[0]
        return Seen(
            status=response.status,
            body=content,
            location=response.headers.get("location", ""),
            cookies=set_cookie,
            ms=ms,
        )


def invited(server: Server, name: str, role: str, projects: list[str] | None = None) -> str:
    """Invite somebody, sign them in and return their cookie; the server's client has an administrator's token."""
    person = {"name": name, "role": role, "projects": projects}
    link = server.client.post("/api/v1/people", json=person).raise_for_status().json()["link"]
    secret = parse_qs(urlsplit(link).query)["s"][0]
    assert server.dashboard_port is not None
    browser = Browser(server.dashboard_port)
    form = {"s": secret, "name": name, "password": _PASSWORD, "again": _PASSWORD}
    return browser.post("/sign-in/link", form).cookies


@frozen
class Weights:
    """What a browser is sent for a page, in bytes: as it is, and after gzip."""

    html: int
    html_gzip: int
    script_gzip: int


def weights(browser: Browser, page: bytes) -> Weights:
    """Weigh a page and all scripts that it asks for."""
    scripts = {found.decode() for found in _SCRIPT.findall(page)}
    return Weights(len(page), gzipped(page), sum(_weight(browser.port, path) for path in scripts))


def gzipped(content: bytes) -> int:
    """Return how many bytes a proxy would send: the collector itself sends pages as they are."""
    return len(gzip.compress(content, 6))


@cache
def _weight(port: int, path: str) -> int:
    return gzipped(Browser(port).get(path).body)
