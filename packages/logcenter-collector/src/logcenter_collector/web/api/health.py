"""Whether the process is alive, and whether it can store reports."""

from litestar import get

from logcenter_collector.web.injected import InjectedStore


@get("/healthz", sync_to_thread=False, summary="Is the process alive?", tags=["Health"])
def healthz() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, summary="Can it store reports?", tags=["Health"])
def readyz(store: InjectedStore) -> dict[str, str]:
    """Answer 200 when the storage answers, else 503."""
    store.ping()
    return {"status": "ready"}
