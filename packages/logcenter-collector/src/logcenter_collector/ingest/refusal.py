"""Why a report is refused: one exception that carries the problem to answer with."""

from collections.abc import Iterable

from logcenter_sdk.contract.problem import FieldError, Problem


class RefusedError(Exception):
    """The request cannot be served; ``problem`` is the answer, ``retry_after`` seconds where trying again may help."""

    def __init__(self, problem: Problem, retry_after: int | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.retry_after = retry_after


def not_json(detail: str) -> RefusedError:
    """Return the refusal of a body that is no JSON."""
    return RefusedError(Problem(title="Not JSON", status=400, detail=detail))


def too_deep() -> RefusedError:
    """Return the refusal of JSON that is nested deeper than can be walked."""
    return not_json("The body is nested too deeply.")


def invalid_fields(errors: Iterable[FieldError]) -> RefusedError:
    """Return the refusal of a body with missing or wrong fields."""
    named = tuple(errors)
    detail = "; ".join(f"{error.field} {error.message}" for error in named[:5])
    if len(named) > 5:  # noqa: PLR2004 - the rest stands in ``errors``
        detail += f"; and {len(named) - 5} more"
    return RefusedError(Problem(title="Invalid fields", status=400, detail=detail, errors=named))


def too_large(limit: int) -> RefusedError:
    """Return the refusal of a body over its limit in bytes."""
    detail = f"The body is over the limit of {limit} bytes (after decompression). Send less context or fewer reports."
    return RefusedError(Problem(title="Body too large", status=413, detail=detail))


def too_many(limit: int) -> RefusedError:
    """Return the refusal of a batch with too many reports."""
    return RefusedError(
        Problem(title="Too many reports", status=413, detail=f"Send at most {limit} reports in one batch.")
    )


def unavailable(detail: str, retry_after: int) -> RefusedError:
    """Return the refusal of what could not be committed; nothing of it was."""
    return RefusedError(Problem(title="Not available now", status=503, detail=detail), retry_after)


def full(retry_after: int) -> RefusedError:
    """Return the refusal of what there is no room for."""
    detail = "The collector's database is over its budget, and nothing is left to drop. Tell whoever runs it."
    return RefusedError(Problem(title="No room left", status=507, detail=detail), retry_after)
