"""Headers that tell a browser what the answers are not: pages, scripts, something to keep or to frame."""

from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from logcenter_collector.web.cors import takes_reports

EVERY_ANSWER: Final = (("X-Content-Type-Options", "nosniff"),)
"""Of both ports; of reports too, which no router sees, and of what is refused before anything else."""

API_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # Errors hold what should not lie about in caches, and an answer may hold a secret.
    "Cache-Control": "no-store",
}
"""Of every answer that passes the API's router, refusals included. The page of the API has its own."""

_NOT_ELSEWHERE: Final = ("Cross-Origin-Resource-Policy", "same-origin")
_A_YEAR: Final = 365 * 24 * 60 * 60


def every_answer(public_url: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a whole port; where people come by HTTPS, browsers are told to keep to it."""
    by_tls = (("Strict-Transport-Security", f"max-age={_A_YEAR}"),) if public_url.startswith("https://") else ()
    return (*EVERY_ANSWER, *by_tls)


async def add_api_headers(message: Message, scope: Scope) -> None:
    """Add the headers that an answer does not have yet."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in API_HEADERS.items():
            headers.setdefault(name, value)
        if not takes_reports(scope["path"]):  # a page elsewhere that reports may look at its answer
            headers.setdefault(*_NOT_ELSEWHERE)
