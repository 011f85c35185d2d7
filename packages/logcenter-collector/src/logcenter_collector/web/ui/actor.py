"""Who moves an issue, as long as nobody signs in: the name a reader typed, remembered for the next time."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from litestar.datastructures import Cookie

from logcenter_collector.web.ui.site import remember


def remembered_actor(cookies: Mapping[str, str]) -> str:
    """Return the name given with an earlier move, or an empty string."""
    return unquote(cookies.get("actor", ""))


def actor_cookie(name: str) -> Cookie:
    """Return the cookie that keeps a name; percent-encoded, because a cookie is ASCII."""
    return remember("actor", quote(name, safe=""))
