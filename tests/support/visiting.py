"""A browser's cookies and forms without a browser: somebody who visits a dashboard."""

import re
from html import unescape
from typing import Any, Final

import httpx
from attrs import define, field

OWN: Final = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox/140.0 (X11; Linux)"}
PASSWORD: Final = "a sentence to remember"


@define
class Guest:
    """Somebody with cookies of their own."""

    url: str
    client: httpx.Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        # No connection is kept, so there is nothing to close at the end of a test.
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=self.url, headers=OWN, timeout=30, trust_env=False, limits=limits)

    def get(self, path: str) -> httpx.Response:
        """Ask for a page, without following where it leads."""
        return self.client.get(path)

    def glance(self, path: str) -> None:
        """Ask for what may never end, and go away after its beginning."""
        with self.client.stream("GET", path) as answer:
            next(answer.iter_raw(), b"")

    def post(self, path: str, **form: Any) -> httpx.Response:
        """Send a form, without following where it leads."""
        return self.client.post(path, data=form)

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Sign in by name and password."""
        return self.post("/sign-in", name=name, password=password, **more)

    def follow(self, link: str, name: str = "", password: str = PASSWORD) -> httpx.Response:
        """Use a one-time link up."""
        secret = link.partition("?s=")[2]
        return self.post("/sign-in/link", s=secret, name=name, password=password, again=password)

    def invite(self, name: str, role: str, **more: Any) -> str:
        """Invite somebody as an administrator, and return their link."""
        page = self.post("/admin/people", name=name, role=role, **more)
        assert page.status_code == 200, text_of(page.text)
        return secret_of(page.text)


def secret_of(page: str) -> str:
    """Return the secret, or the link, that a page shows this once."""
    found = re.search(r'class="card made".*?<code>(.*?)</code>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def text_of(page: str) -> str:
    """Return what a reader sees, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())
