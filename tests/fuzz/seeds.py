"""What a fuzzer begins with: for each target, inputs that get far into it."""

import base64
import gzip
import json
import zlib
from typing import Final

from support.sending import a_report

REPORT: Final = json.dumps(
    a_report("shop", context={"user": 1}, event_id="3f2b8c1e-9a4d-4c6b-8f1e-2d7a5b9c0e11")
).encode()
_SURROGATE: Final = REPORT.replace(b"no such user", rb"\ud800\u0000")
_NUMBERS: Final = REPORT.replace(b'"user": 1', b'"user": 1e400, "n": 9223372036854775808, "m": -0.0')
_TWICE: Final = REPORT.replace(b'{"project_id"', b'{"project_id": 1, "project_id"')
_TRACE_TWICE: Final = REPORT.replace(b'"stack_trace"', b'"stack_trace": 12, "stack_trace"')
_DEEP: Final = REPORT.replace(b'"user": 1', b'"user": ' + b"[" * 1_500 + b"]" * 1_500)
_REPORTS: Final = [
    REPORT,
    _SURROGATE,
    _NUMBERS,
    _TWICE,
    _TRACE_TWICE,
    _DEEP,
    b"\xef\xbb\xbf" + REPORT,
    b"[" * 10_000,
    b'"\\ud8',
]
_PLACES: Final[list[object]] = [
    ["last_seen", "2026-02-20T10:30:00Z", 7],
    ["occurrence_count", 2**70, 1],
    ["occurrences", None, 3],
    ["first_seen", {}, []],
    [[[[]]]],
]
_CURSORS: Final = [base64.urlsafe_b64encode(json.dumps(place).encode()).rstrip(b"=") for place in _PLACES]
_ZIPPED: Final = gzip.compress(REPORT)

SEEDS: Final[dict[str, list[bytes]]] = {
    "report": _REPORTS,
    "quick_report": _REPORTS,
    "batch": [
        b"[" + b",".join([REPORT] * 2) + b"]",
        b"[" + b"[]," * 600 + b"1]",
        b"[" + _SURROGATE + b"]",
        b"[1,",
        b"{}",
    ],
    "body": [b'{"to": "VERIFYING", "from": "NEW"}', _NUMBERS, b"NaN", b"1" * 5_000, b'{"a":' * 2_000],
    "gzip": [
        _ZIPPED,
        _ZIPPED[:-5],
        _ZIPPED + b"trailing",
        gzip.compress(b"0" * 1_000_000),
        gzip.compress(gzip.compress(b"0" * 1_000_000)),
        gzip.compress(b"") * 200,
        gzip.compress(b"a") * 99 + gzip.compress(b"0" * 1_000_000),
        zlib.compress(REPORT),
        _ZIPPED[:3] + b"\xff" + _ZIPPED[4:],
    ],
    "issue_cursor": _CURSORS,
    "occurrence_cursor": _CURSORS,
    "instant": [
        b"2026-02-20T10:30:00Z",
        b"2026-02-20T10:30:00.123456+23:59",
        b"0001-01-01T00:00:00+14:00",
        b"9999-12-31T23:59:59-14:00",
    ],
    "inbox_address": [b"q=a%00b&project=x&project=&status=NEW&cursor=%ff&registrations=1&lang=xx", b"&&==&q"],
    "languages": [b"xx\0zh-CN\0de;q=0.9,zh;q=nan,en;q=inf", b"\0\0;q=,;;q=1e999,-"],
    "origin": [b"https://logs.example", b"https://[::1", b"//logs.example@evil.example", b"null"],
    "actor_cookie": [b"%E6%9D%8E%E9%9B%B7", b"%ff%00%"],
    "shown_error": [b"app.py\0File app.py line 1\n" * 50, b"(\0" + b"(:1" * 500],
    "bearer": [b"Bearer lct_abc", b"bearer  ", b"Basic dXNlcg=="],
    "shown_key": [b"key=lck_abc", b"key=&key=%ff&a=b;key=c", b"=&&key"],
    "host": [b"logs.example:8002", b"[::1]:80", b"[1]:80", b"[fe80::1%25eth0]", b"a:99999", b"LOGS.example."],
    "forwarded": [b"10.0.0.1, [::1]:80, unknown", b'for="[2001:db8::1]";proto=https', b"for=a;for=b,proto=http"],
    "next_page": [
        b"/issues/1?a=b",
        b"//evil.example",
        b"/\\evil.example",
        b"/\t/evil.example",
        b"https://evil.example",
    ],
    "browser": [b"Mozilla/5.0 (X11; Linux) Firefox/140.0", b"Version/" * 50],
}
