"""sentry-sdk, as its first page says, with no traces and its locals off or on."""


def init(url: str, *, capture_locals: bool = False) -> None:
    """Initialise with all that it does by itself, but without local variables unless they are asked for."""
    import sentry_sdk

    dsn = f"{url.replace('http://', 'http://key@')}/1"
    sentry_sdk.init(dsn=dsn, include_local_variables=capture_locals)


def capture(error: Exception) -> None:
    """Report an error."""
    import sentry_sdk

    sentry_sdk.capture_exception(error)


def flush(seconds: float) -> None:
    """Wait for what is on its way."""
    import sentry_sdk

    sentry_sdk.flush(seconds)


def close() -> None:
    """End reporting."""
    import sentry_sdk

    sentry_sdk.get_client().close()
