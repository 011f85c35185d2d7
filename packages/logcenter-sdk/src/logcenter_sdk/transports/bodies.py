"""What a transport writes itself: what cannot be written is one more failure to deliver."""

from collections.abc import Mapping
from typing import Any

from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError
from logcenter_sdk.wire import to_bytes, to_wire


def body_of(report: Report) -> bytes:
    """Return a report's body. Raises DeliveryError."""
    return written(to_wire(report))


def written(wire: Mapping[str, Any]) -> bytes:
    """Return the body of a JSON object. Raises DeliveryError."""
    try:
        return to_bytes(wire)
    except (TypeError, ValueError) as error:
        raise DeliveryError(f"it cannot be written as JSON: {error}") from None
