"""Everything that reads bytes of somebody who has shown no key: one function each, which takes any bytes.

A target returns when its reader read them or refused them as it says it does; anything else that is raised is a defect.
The default suite attacks them with Hypothesis, ``uv run nox -s fuzz`` with atheris.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from litestar.datastructures import MultiDict

from logcenter_collector.access.doorway import bearer_of
from logcenter_collector.domain.forwarding import origin_of, read_networks
from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.domain.openness import host_name, is_allowed_host, is_host
from logcenter_collector.domain.people import local_path
from logcenter_collector.domain.query_editing import chips
from logcenter_collector.domain.query_language import WrongQueryError
from logcenter_collector.ingest.decode import decode_json, decode_report, decompress, split_batch
from logcenter_collector.ingest.envelope import QuickReader
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.base import InvalidCursorError, arrive
from logcenter_collector.store.cursors import read_issue_cursor, read_occurrence_cursor
from logcenter_collector.web.shown import shown
from logcenter_collector.web.ui.actor import remembered_actor
from logcenter_collector.web.ui.excerpts import summary_of, trace_lines
from logcenter_collector.web.ui.languages import LANGUAGES, choose_language
from logcenter_collector.web.ui.origin import is_same_origin
from logcenter_collector.web.ui.search import place_in
from logcenter_collector.web.ui.user_agents import browser_name
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.issue import IssueError

Target = Callable[[bytes], None]

NOW: Final = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)
LIMIT: Final = 4_096
"""What a body may have after decompression, so that small bombs are bombs too."""


def report(data: bytes) -> None:
    """A report's body on the ordinary way; what is taken can be stored."""
    with suppress(RefusedError):
        arrival = arrive(decode_report(data), NOW)
        json.dumps([arrival.text, arrival.stack_trace], ensure_ascii=False).encode()


def quick_report(data: bytes) -> None:
    """A report's body on the short way: what that takes can be stored, and grouped as the ordinary way does it.

    The ordinary way refuses some that the short one takes, which does not look at what nobody reads: numbers beyond 64
    bits in unknown fields, and of a key that comes twice the first value.
    """
    quick = QuickReader().read(data, NOW)
    if quick is not None:
        json.dumps([quick.text, quick.stack_trace], default=str, ensure_ascii=False).encode()
        with suppress(RefusedError):
            slow = arrive(decode_report(data), NOW)
            assert (slow.fingerprint, slow.event_key, slow.text) == (quick.fingerprint, quick.event_key, quick.text)


def batch(data: bytes) -> None:
    """The body of a batch; whatever it is split into is no longer than it was."""
    with suppress(RefusedError):
        assert sum(map(len, split_batch(data))) <= len(data)


def body(data: bytes) -> None:
    """The JSON of any other route."""
    with suppress(RefusedError):
        json.dumps(decode_json(data), ensure_ascii=False).encode()


def gzip(data: bytes) -> None:
    """A compressed body."""
    with suppress(RefusedError):
        assert len(decompress(data, LIMIT)) <= LIMIT


def issue_cursor(data: bytes) -> None:
    """The place in a list of issues, as ``?cursor=`` says it."""
    for sort in Sort:
        with suppress(InvalidCursorError):
            read_issue_cursor(data.decode("latin-1"), sort)


def occurrence_cursor(data: bytes) -> None:
    """The place in a list of occurrences."""
    with suppress(InvalidCursorError):
        read_occurrence_cursor(data.decode("utf-8", "replace"))


def instant(data: bytes) -> None:
    """A time as text."""
    with suppress(ValueError):
        parse_instant(data.decode("utf-8", "replace"))


def inbox_address(data: bytes) -> None:
    """The query string of the inbox."""
    place = place_in(MultiDict(parse_qsl(data.decode("latin-1"), keep_blank_values=True)))
    chips(place.text)
    with suppress(WrongQueryError):
        place.query(NOW)


def languages(data: bytes) -> None:
    """``?lang=``, the cookie and Accept-Language."""
    asked, remembered, accepted = [*data.decode("latin-1").split("\0"), "", ""][:3]
    assert choose_language(asked, remembered, accepted) in LANGUAGES


def origin(data: bytes) -> None:
    """What a browser says about where a form comes from: never that it is ours without naming us."""
    text = data.decode("latin-1")
    assert "logs.example" in "".join(text.split()) or not is_same_origin({"origin": text, "host": "logs.example"})


def actor_cookie(data: bytes) -> None:
    """The cookie with a name somebody typed."""
    remembered_actor({"actor": data.decode("latin-1")})


def shown_error(data: bytes) -> None:
    """What a page shows of a reported error."""
    first, _, rest = data.decode("utf-8", "replace").partition("\0")
    summary_of(rest)
    trace_lines(IssueError(type=first, message=rest, file_path=first, line_number=1, stack_trace=(rest,)))


def bearer(data: bytes) -> None:
    """The Authorization header."""
    bearer_of(data.decode("latin-1"))


def shown_key(data: bytes) -> None:
    """``?key=`` and the header of an ingest key."""
    shown(None, None, data)
    shown(data, data, b"")


def host(data: bytes) -> None:
    """The Host header: what is let through as well-formed names a host that can be looked at."""
    text = data.decode("latin-1")
    is_allowed_host(text, {"logs.example"})
    if is_host(text):
        assert "@" not in host_name(text)
        assert urlsplit(f"http://{text.strip()}/").port is None or text


def forwarded(data: bytes) -> None:
    """What proxies say; without a trusted one nothing of it is believed."""
    headers = [(name, data) for name in (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")]
    origin_of("127.0.0.1", headers, read_networks(["127.0.0.0/8"]))
    assert origin_of("127.0.0.1", headers, ()) == origin_of("127.0.0.1", [], ())


def next_page(data: bytes) -> None:
    """Where somebody wanted to go before signing in: never to another site."""
    path = local_path(data.decode("utf-8", "replace"))
    assert urljoin("http://logs.example/sign-in", path).startswith("http://logs.example/")


def browser(data: bytes) -> None:
    """The User-Agent header."""
    browser_name(data.decode("latin-1"))


TARGETS: Final[dict[str, Target]] = {
    target.__name__: target
    for target in (
        report,
        quick_report,
        batch,
        body,
        gzip,
        issue_cursor,
        occurrence_cursor,
        instant,
        inbox_address,
        languages,
        origin,
        actor_cookie,
        shown_error,
        bearer,
        shown_key,
        host,
        forwarded,
        next_page,
        browser,
    )
}
