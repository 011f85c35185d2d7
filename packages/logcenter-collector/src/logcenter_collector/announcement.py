"""What a collector says on stdout when it has started. Secrets are said here, once, and never in the log."""

from collections.abc import Iterator

from logcenter_collector.app import Started


def words(started: Started, database: str) -> Iterator[str]:
    """Yield the lines; ``database`` without its password."""
    api, dashboard = started.api_url, started.dashboard_url
    yield (
        f"Log Center is listening. API {api} (its pages: {api}/docs), dashboard {dashboard}, "
        f"database {database}. Ctrl-C ends it."
    )
    if started.is_open:
        yield "Nobody has to sign in: whoever reaches it may do everything, until there is an account."
    if started.first is not None:
        yield f"This is its first start. An administrator's token, shown this once: {started.first.token}"
        if started.first.link:
            yield f"To make your account, open this link; it works once: {started.first.link}"
