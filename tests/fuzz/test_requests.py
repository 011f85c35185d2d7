"""Requests of any kind to a collector that has doors: each is answered, and none as an error of ours."""

import base64
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logcenter_collector.web.rules import API_RULES, DASHBOARD_RULES
from support.collector import Collector, start
from support.faults import FULL_SIZE
from support.memory import MEBIBYTE, can_be_measured, forget_peak, peak_of
from support.raw import ask

NOBODY_THERE = "http://127.0.0.1:9"
EXAMPLES = 3_000 if FULL_SIZE else 80
ROUTES = [("api_url", rule) for rule in API_RULES] + [("dashboard_url", rule) for rule in DASHBOARD_RULES]
FORMS = [rule for rule in ROUTES if rule[0] == "dashboard_url" and rule[1].startswith("POST /sign")]
OUR_FAULT = 500

HEADERS = [
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "Authorization",
    "X-Log-Center-Key",
    "Cookie",
    "Accept-Language",
    "Accept-Encoding",
    "Content-Type",
    "Content-Encoding",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "User-Agent",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Expect",
    "X-HTTP-Method-Override",
]
DEEP_FLOW = base64.urlsafe_b64encode(b"[" * 20_000)
VALUES = [
    b"",
    b"localhost",
    b"[::1",
    b"evil.example",
    b"localhost:99999999999999999999",
    b"127.0.0.1, 127.0.0.1, not an address, 999.9.9.9",
    b'for="[::1]:80";proto=https;by=_x, for=unknown',
    b"Bearer lct_" + b"A" * 43,
    b"Bearer",
    b"Basic \xff\xfe",
    b"lck_\xff",
    b"lc_session=lcs_x; lang=\xff; actor=%ff%00; lc_oidc=" + DEEP_FLOW,
    b"lc_oidc=eyJzdGF0ZSI6IDF9; ;;=; __Host-lc_session=",
    b"en;q=nan, zh;q=inf, *;q=-1, \xff",
    b"gzip",
    b"gzip;q=1e999, br, zstd",
    b"application/x-www-form-urlencoded; charset=utf-7",
    b"multipart/form-data; boundary=",
    b"application/json; charset=\xff",
    b"bytes=0-0,1-1,99999999999999999999-",
    b'W/"' + b"a" * 1_000 + b'"',
    b"Thu, 99 Foo 0000 99:99:99 GMT",
    b"https://[::1",
    b"null",
    b"cross-site",
    b"100-continue",
    b"TRACE",
]
TEXT = st.binary(max_size=40).map(lambda data: bytes(byte for byte in data if byte not in b"\r\n\0"))
NAMES = [
    "key",
    "q",
    "limit",
    "cursor",
    "lang",
    "next",
    "s",
    "state",
    "code",
    "error",
    "iss",
    "name",
    "password",
    "token",
]
PAIRS = st.tuples(
    st.sampled_from(NAMES) | st.text("abc[]%&=", max_size=4),
    st.sampled_from([b"", b"//evil.example", b"/\\evil.example", b"-1", b"9" * 400, b"\xff\x00", b"W10", b"[" * 200])
    | TEXT,
)


def encoded(pairs: list[tuple[str, bytes]]) -> bytes:
    """Return fields as a query string and a form have them; some are left as they are."""
    return b"&".join(name.encode() + b"=" + quote_from_bytes(value).encode() for name, value in pairs)


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A closed collector behind a proxy, with an identity provider that does not answer."""
    doors = ["--admin-token", "a-token-of-twenty-characters", "--trusted-proxies", "127.0.0.0/8"]
    provider = ["--oidc-issuer", NOBODY_THERE, "--oidc-client-id", "x", "--oidc-client-secret", "y"]
    collector = start(tmp_path_factory.mktemp("doors") / "logs.db", *doors, *provider)
    yield collector
    assert collector.stop() == 0


Headers = list[tuple[str, bytes]]


def answered(
    collector: Collector, route: tuple[str, str], headers: Headers, *, query: bytes = b"", body: bytes = b""
) -> None:
    port, (method, _, path) = route[0], route[1].partition(" ")
    target = path.replace("{project_id}", "a%ffb").replace("{file_path}", "../../etc/passwd")
    head = f"{method} {target.replace('{', '').replace('}', '')}".encode() + b"?" + query + b" HTTP/1.1\r\n"
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    answer = ask(
        getattr(collector, port),
        head + lines + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body,
    )

    assert answer is not None
    assert answer.status != OUR_FAULT, (head, lines, body)


@settings(max_examples=EXAMPLES)
@given(
    route=st.sampled_from(ROUTES),
    headers=st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(VALUES) | TEXT), max_size=6),
    fields=st.lists(PAIRS, max_size=5),
    body=st.binary(max_size=50),
)
@example(
    route=("dashboard_url", "GET /sign-in/oidc/callback"),
    headers=[("Cookie", b"lc_oidc=" + DEEP_FLOW)],
    fields=[],
    body=b"",
)
@example(route=("dashboard_url", "POST /sign-in"), headers=[("Origin", b"https://[::1")], fields=[], body=b"name=a")
def test_whatever_the_headers_and_the_query_are_the_answer_is_no_error_of_ours(
    collector: Collector,
    route: tuple[str, str],
    headers: Headers,
    fields: list[tuple[str, bytes]],
    body: bytes,
) -> None:
    answered(collector, route, headers, query=encoded(fields), body=body)


@settings(max_examples=EXAMPLES)
@given(route=st.sampled_from(FORMS), fields=st.lists(PAIRS, max_size=8), odd=TEXT)
def test_whatever_a_form_of_signing_in_holds_the_answer_is_no_error_of_ours(
    collector: Collector, route: tuple[str, str], fields: list[tuple[str, bytes]], odd: bytes
) -> None:
    ours = [
        ("Host", b"localhost"),
        ("Sec-Fetch-Site", b"same-origin"),
        ("Content-Type", b"application/x-www-form-urlencoded"),
    ]

    answered(collector, route, ours, body=encoded(fields) + odd)


@pytest.mark.skipif(not can_be_measured(), reason="only Linux tells the peak of a process")
def test_after_all_of_that_the_memory_has_hardly_grown(collector: Collector) -> None:
    forget_peak(collector.process.pid)
    before = peak_of(collector.process.pid)
    for value in VALUES:
        headers = [(name, value) for name in HEADERS if name != "Expect"]
        for route in ROUTES:
            answered(collector, route, headers, query=b"s=" + b"a" * 2_000)

    assert peak_of(collector.process.pid) - before < 64 * MEBIBYTE
