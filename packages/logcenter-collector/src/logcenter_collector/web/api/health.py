"""Whether the process is alive, and whether it can store reports."""

from typing import Final

from litestar import HttpMethod, route

from logcenter_collector.web.injected import InjectedPing

PROBES: Final = [HttpMethod.GET, HttpMethod.HEAD]
"""Some load balancers ask with HEAD."""


@route("/healthz", http_method=PROBES, sync_to_thread=False, summary="Is the process alive?", tags=["Health"])
def healthz() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "ok"}


@route("/readyz", http_method=PROBES, sync_to_thread=True, summary="Can it store reports?", tags=["Health"])
def readyz(ping: InjectedPing) -> dict[str, str]:
    """Answer 200 when the storage can be written, else 503."""
    ping()
    return {"status": "ready"}
