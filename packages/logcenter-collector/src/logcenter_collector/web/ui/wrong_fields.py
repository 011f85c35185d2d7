"""Which fields of a form are wrong, as the API's own checks say it."""

from collections.abc import Callable, Iterable

from logcenter_collector.ingest.refusal import RefusedError


def wrong_fields(*checks: Callable[[], object]) -> frozenset[str]:
    """Return the fields that any of the checks refuses, without the place in a list: ``levels`` for ``levels[2]``."""
    return frozenset(name for check in checks for name in _refused(check))


def _refused(check: Callable[[], object]) -> Iterable[str]:
    try:
        check()
    except RefusedError as error:
        return [wrong.field.partition("[")[0] for wrong in error.problem.errors]
    return []
