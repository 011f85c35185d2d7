"""The SDK of this checkout."""


def init(url: str, *, capture_locals: bool = False) -> None:
    """Install the hooks; locals where this version of the SDK knows them."""
    import logcenter_sdk

    if not capture_locals:
        logcenter_sdk.install_hook(project_id="bench", url=url)
        return
    import inspect

    keywords = {"capture_locals": True}
    if keywords.keys() - inspect.signature(logcenter_sdk.install_hook).parameters.keys():
        raise NotImplementedError("this version of the SDK captures no locals")
    logcenter_sdk.install_hook(project_id="bench", url=url, **keywords)  # type: ignore[arg-type]  # known to mypy once it is there


def capture(error: Exception) -> None:
    """Report an error."""
    import logcenter_sdk

    logcenter_sdk.capture_exception(error)


def flush(seconds: float) -> None:
    """Wait for what is on its way."""
    import logcenter_sdk

    logcenter_sdk.flush(seconds)


def close() -> None:
    """End reporting."""
    import logcenter_sdk

    logcenter_sdk.close()


def stats() -> object:
    """Return what the SDK says it did; None where this version does not count."""
    import logcenter_sdk

    counted = getattr(logcenter_sdk, "stats", None)
    return counted() if callable(counted) else None
