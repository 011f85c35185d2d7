"""Headers that tell a browser what the API's answers are not: pages, scripts, something to keep or to frame."""

from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from logcenter_collector.web.cors import takes_reports

EVERY_ANSWER: Final = (("X-Content-Type-Options", "nosniff"),)
"""Of the whole port, reports included, which no router sees."""

_UNLESS_SAID: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_NOT_ELSEWHERE: Final = ("Cross-Origin-Resource-Policy", "same-origin")
_A_YEAR: Final = 365 * 24 * 60 * 60


def only_by_tls(public_url: str) -> tuple[tuple[str, str], ...]:
    """Return what makes browsers come back by HTTPS only, where that is the address people use."""
    if not public_url.startswith("https://"):
        return ()
    return (("Strict-Transport-Security", f"max-age={_A_YEAR}"),)


async def add_api_headers(message: Message, scope: Scope) -> None:
    """Add what an answer of the API does not say itself."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _UNLESS_SAID.items():
        headers.setdefault(name, value)
    if not takes_reports(scope["path"]):  # a page elsewhere that reports may look at its answer
        headers.setdefault(*_NOT_ELSEWHERE)
