"""Headers of every answer of the API that passes the router, refusals included. The page of the API has its own."""

from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

API_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Errors hold what should not lie about in caches, and an answer may hold a secret.
    "Cache-Control": "no-store",
}


async def add_api_headers(message: Message, _scope: Scope) -> None:
    """Add the headers that an answer does not have yet."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in API_HEADERS.items():
            headers.setdefault(name, value)
