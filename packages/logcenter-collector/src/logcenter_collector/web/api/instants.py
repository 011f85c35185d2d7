"""Instants in the query of a request."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_sdk.contract.instants import parse_instant
from logcenter_sdk.contract.problem import FieldError

Instant = Annotated[str | None, QueryParameter(description="ISO 8601; without an offset UTC.")]


def instant_in(name: str, text: str | None) -> datetime | None:
    """Return the instant of a parameter; None for none. Raises RefusedError (400)."""
    if not text:
        return None
    try:
        # A "+" that nobody escaped reaches us as a space.
        return parse_instant(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise invalid_fields([FieldError(name, str(error))]) from None
