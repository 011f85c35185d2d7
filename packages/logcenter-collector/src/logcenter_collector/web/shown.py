"""What a request for the report routes shows of credentials: in two headers, or in the query for beacons."""

from typing import Any, Final
from urllib.parse import parse_qs

from logcenter_collector.ingest.gate import NOTHING, Shown

KEY_HEADER: Final = b"x-log-center-key"
AUTHORIZATION: Final = b"authorization"
_MOST_PARAMETERS: Final = 20


def shown_by(scope: Any) -> Shown:  # noqa: ANN401 - an ASGI scope, of uvicorn or of Litestar
    """Return what a request shows."""
    key = authorization = None
    for name, value in scope["headers"]:
        if name == KEY_HEADER:
            key = value
        elif name == AUTHORIZATION:
            authorization = value
    return shown(key, authorization, scope["query_string"])


def shown(key: bytes | None, authorization: bytes | None, query: bytes) -> Shown:
    """Return what is shown by the values of the two headers and by the query."""
    if key is None and authorization is None and not query:
        return NOTHING
    return Shown(_key_in(query) if key is None else _text(key), None if authorization is None else _text(authorization))


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip()


def _key_in(query: bytes) -> str | None:
    if b"key=" not in query:
        return None
    try:
        keys = parse_qs(query.decode("latin-1"), max_num_fields=_MOST_PARAMETERS).get("key")
    except ValueError:  # more parameters than anybody needs
        return None
    return keys[0] if keys else None
