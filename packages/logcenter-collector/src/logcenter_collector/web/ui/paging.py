"""Where the other pages of a list are: the same filters, at another place."""

from collections.abc import Collection
from urllib.parse import urlencode

from litestar.datastructures import MultiDict


def page_url(path: str, params: MultiDict[str], filters: Collection[str], cursor: str | None) -> str:
    """Return the URL of a list, what chooses its entries kept, at a cursor or at its beginning."""
    kept = [(name, value) for name, value in params.items() if name in filters and value]
    query = urlencode([*kept, *([("cursor", cursor)] if cursor else [])])
    return f"{path}?{query}" if query else path
